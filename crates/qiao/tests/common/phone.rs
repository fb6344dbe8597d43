//! The key of a phone that records goods off line, as a browser makes one.

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

/// A key.
pub struct PhoneKey(EcdsaKeyPair);

impl PhoneKey {
    /// A new one.
    pub fn fresh() -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng);
        Self(key.expect("a key"))
    }

    /// Its signature over a text, as it is sent.
    pub fn signed(&self, text: &str) -> String {
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes()).expect("signed");
        BASE64URL_NOPAD.encode(signature.as_ref())
    }

    /// What enrols a phone with this key in a unit.
    pub fn enrolment(&self, unit: &str, name: &str) -> Value {
        let point = BASE64URL_NOPAD.encode(self.0.public_key().as_ref());
        let signature = self.signed(&format!("shanqiao-phone/{unit}/{point}"));
        json!({ "name": name, "public_key": point, "signature": signature })
    }
}
