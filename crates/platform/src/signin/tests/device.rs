//! An authenticator of our own making, as WebAuthn level 3 draws one (6.1, 6.5): one key on P-256, words in CBOR by hand.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

/// The address of the tests' house, as a browser names it: `http://127.0.0.1:8080` is opened by its name.
pub const ORIGIN: &str = "http://localhost:8080";
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// What it says can be bent, to see whether the house notices.
#[derive(Clone)]
pub struct Device {
    key: SigningKey,
    pub credential_id: Vec<u8>,
    pub counter: u32,
    pub origin: String,
    pub relying_party: String,
    pub flags: u8,
    /// In the place of `webauthn.create` or `webauthn.get`.
    pub kind: Option<&'static str>,
    /// In the place of the challenge that was asked.
    pub challenge: Option<[u8; 16]>,
}

impl Device {
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a key"),
            credential_id: vec![seed; 32],
            counter: 0,
            origin: ORIGIN.to_owned(),
            relying_party: "localhost".to_owned(),
            flags: PRESENT | VERIFIED,
            kind: None,
            challenge: None,
        }
    }
    /// The same, bent.
    pub fn bent(&self, bend: impl FnOnce(&mut Self)) -> Self {
        let mut bent = self.clone();
        bend(&mut bent);
        bent
    }
    pub fn without_verification(&mut self) {
        self.flags &= !VERIFIED;
    }
    pub fn without_presence(&mut self) {
        self.flags &= !PRESENT;
    }
    pub fn with_key_of(&mut self, other: &Self) {
        self.key = other.key.clone();
    }

    /// A new passkey: what the browser sends.
    pub fn made(&self, offer: &Value, name: &str) -> Value {
        let data = self.authenticator_data(ATTESTED, &self.attested());
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let mut attestation = vec![0xa3];
        for (key, value) in [
            ("fmt", text("none")),
            ("attStmt", vec![0xa0]),
            ("authData", string(&data)),
        ] {
            attestation.extend(text(key));
            attestation.extend(value);
        }
        json!({
            "name": name,
            "client_data": encoded(&self.client_data("webauthn.create", offer)),
            "attestation": encoded(&attestation),
            "transports": ["internal", "hybrid", "of the future"],
        })
    }

    /// Shows the passkey: what the browser sends.
    pub fn answer(&self, asked: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", asked);
        let data = self.authenticator_data(0, &[]);
        let signed = [data.as_slice(), &sha256(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "credential_id": encoded(&self.credential_id),
            "client_data": encoded(&client_data),
            "authenticator_data": encoded(&data),
            "signature": encoded(signature.to_der().as_bytes()),
        })
    }

    fn client_data(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let asked = asked["challenge"].as_str().expect("a challenge").to_owned();
        let told = json!({
            "type": self.kind.unwrap_or(kind),
            "challenge": self.challenge.map_or(asked, |other| encoded(&other)),
            "origin": self.origin,
            "crossOrigin": false,
        });
        told.to_string().into_bytes()
    }

    fn authenticator_data(&self, more: u8, attested: &[u8]) -> Vec<u8> {
        let mut data = sha256(self.relying_party.as_bytes());
        data.push(self.flags | more);
        data.extend(self.counter.to_be_bytes());
        data.extend(attested);
        data
    }

    /// No model, the credential's name, the key in COSE: EC2, ES256, P-256, x, y.
    fn attested(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let mut out = vec![0; 16];
        out.extend(u16::try_from(self.credential_id.len()).expect("short").to_be_bytes());
        out.extend(&self.credential_id);
        out.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
        out.extend(string(point.x().expect("a point")));
        out.push(0x22);
        out.extend(string(point.y().expect("a point")));
        out
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().to_vec()
}

/// A short text of CBOR.
fn text(text: &str) -> Vec<u8> {
    let mut out = vec![0x60 | u8::try_from(text.len()).expect("short")];
    out.extend(text.as_bytes());
    out
}

/// A byte string of CBOR, 24 to 255 bytes long.
fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x58, u8::try_from(bytes.len()).expect("short")];
    out.extend(bytes);
    out
}
