//! A second signature beside Ed25519: SM2 with SM3 (GB/T 32918, GB/T 32905), for those who must check by the national suite.
//!
//! A line of type 0xff, which signed notes keep for algorithms without a number, followed by a name that nobody else uses:
//! verifiers that do not know it pass it over. The signature is r and s, 32 bytes each, over the note's own text, under the
//! standard's usual distinguishing id, so that OpenSSL and GmSSL check it too.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature as Raw, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point as _;

use super::TlogError;
use super::hash::sha256;
use super::note::{Note, Signature, SignedNote, is_name};

/// The type's byte.
const UNASSIGNED: u8 = 0xff;
/// What says which algorithm it is.
const IDENTIFIER: &[u8] = b"shanqiao.example/sm2-sm3/v1\n";
/// The distinguishing id that the standard names where none was agreed (GM/T 0009, 10).
const DISTID: &str = "1234567812345678";
const POINT_BYTES: usize = 33;
/// What stands before an uncompressed point in a public key of SM2 (RFC 5280): `id-ecPublicKey`, the curve, a bit string.
const SPKI_LEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf,
    0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];
/// Letters of a line of PEM.
const PEM_LINE: usize = 64;

/// A public key with its name.
#[derive(Clone)]
pub struct Sm2Verifier {
    name: String,
    id: [u8; 4],
    point: [u8; POINT_BYTES],
    key: VerifyingKey,
}

impl PartialEq for Sm2Verifier {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.point) == (&other.name, other.point)
    }
}
impl Eq for Sm2Verifier {}

impl fmt::Debug for Sm2Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// The key as its id and its text hold it.
fn material(point: &[u8]) -> Vec<u8> {
    [&[UNASSIGNED], IDENTIFIER, point].concat()
}

impl Sm2Verifier {
    /// From a name and a point, compressed.
    ///
    /// # Errors
    /// [`TlogError::Malformed`] for a name that cannot stand on a line, or what is no point.
    pub fn new(name: &str, point: [u8; POINT_BYTES]) -> Result<Self, TlogError> {
        if !is_name(name) {
            return Err(TlogError::Malformed("a key’s name has a space or a plus, or is empty"));
        }
        let key = VerifyingKey::from_sec1_bytes(DISTID, &point);
        let key = key.map_err(|_| TlogError::Malformed("a public key is no point of SM2"))?;
        let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &material(&point)].concat()).0;
        Ok(Self {
            name: name.to_owned(),
            id: [a, b, c, d],
            point,
            key,
        })
    }

    /// Whether a text is of this kind, well written or not: `name+hash+base64(0xff …)`.
    pub fn is_one(text: &str) -> bool {
        let key = text.splitn(3, '+').nth(2);
        let bytes = key.and_then(super::base64);
        bytes.is_some_and(|bytes| bytes.first() == Some(&UNASSIGNED))
    }

    /// Reads `name+hash+base64(0xff ‖ identifier ‖ point)`.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn from_text(text: &str) -> Result<Self, TlogError> {
        const WRONG: TlogError = TlogError::Malformed("a public key of SM2 is not name+hash+base64");
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(WRONG);
        };
        let bytes = super::base64(key).ok_or(WRONG)?;
        let lead = material(&[]);
        let point = bytes.strip_prefix(lead.as_slice()).ok_or(WRONG)?;
        let made = Self::new(name, point.try_into().map_err(|_| WRONG)?)?;
        if HEXLOWER.encode(&made.id) == id {
            Ok(made)
        } else {
            Err(WRONG)
        }
    }

    /// `name+hash+base64(0xff ‖ identifier ‖ point)`.
    pub fn to_text(&self) -> String {
        let key = BASE64.encode(&material(&self.point));
        format!("{}+{}+{key}", self.name, HEXLOWER.encode(&self.id))
    }

    /// The key as OpenSSL reads it.
    pub fn to_pem(&self) -> String {
        let point = self.key.to_sec1_point(false);
        let text = BASE64.encode(&[&SPKI_LEAD[..], point.as_bytes()].concat());
        let lines = text.as_bytes().chunks(PEM_LINE).map(String::from_utf8_lossy);
        let body: String = lines.map(|line| format!("{line}\n")).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n")
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its lines on a note.
    pub fn lines<'n>(&'n self, note: &'n SignedNote) -> impl Iterator<Item = &'n Signature> {
        note.signatures
            .iter()
            .filter(|line| line.name == self.name && line.id == self.id)
    }

    /// Whether it signed a note: `None` where it has no line there.
    ///
    /// # Errors
    /// [`TlogError::Signature`] for a line that is wrong.
    pub fn check(&self, note: &SignedNote) -> Result<Option<()>, TlogError> {
        let mut signed = None;
        for line in self.lines(note) {
            let raw = Raw::from_slice(&line.bytes);
            let good = raw.and_then(|raw| self.key.verify(note.note.text().as_bytes(), &raw));
            good.map_err(|_| TlogError::Signature("a known SM2 key’s signature is wrong"))?;
            signed = Some(());
        }
        Ok(signed)
    }
}

/// A secret key with its name. No `Debug`.
pub struct Sm2Signer {
    key: SigningKey,
    verifier: Sm2Verifier,
}

impl Sm2Signer {
    /// From 32 secret bytes.
    ///
    /// # Errors
    /// [`TlogError::Malformed`] for a name that cannot stand on a line, and for the few bytes that are no key.
    pub fn new(name: &str, secret: &[u8; 32]) -> Result<Self, TlogError> {
        const NONE: TlogError = TlogError::Malformed("32 bytes that are no key of SM2");
        let key = SigningKey::from_slice(DISTID, secret).map_err(|_| NONE)?;
        let point = key.verifying_key().to_sec1_point(true);
        let point = point.as_bytes().try_into().map_err(|_| NONE)?;
        let verifier = Sm2Verifier::new(name, point)?;
        Ok(Self { key, verifier })
    }

    /// Its public key.
    pub fn verifier(&self) -> &Sm2Verifier {
        &self.verifier
    }

    /// Signs a text. The same text gives the same signature: what is random in it is drawn from key and text (RFC 6979).
    ///
    /// # Errors
    /// [`TlogError::Signature`] once in 2²⁵⁶ texts.
    pub fn sign(&self, note: &Note) -> Result<Signature, TlogError> {
        let signed: Result<Raw, _> = self.key.try_sign(note.text().as_bytes());
        let raw = signed.map_err(|_| TlogError::Signature("this text cannot be signed by this key"))?;
        Ok(Signature {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            bytes: raw.to_bytes().to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::{Checkpoint, EMPTY_ROOT, KeyKind, Policy, Signer};

    const NAME: &str = "log.example/371300";

    fn signed() -> (Sm2Signer, Signer, SignedNote) {
        let second = Sm2Signer::new(NAME, &[7; 32]).expect("a key");
        let first = Signer::new(NAME, KeyKind::Ed25519, &[8; 32]).expect("a key");
        let mut note = Checkpoint::new(NAME, 0, EMPTY_ROOT).sign(&first).expect("signed");
        note.signatures.push(second.sign(&note.note).expect("signed"));
        (second, first, note)
    }

    #[test]
    fn a_key_is_written_and_read_and_half_of_it_is_refused() {
        let (second, first, _) = signed();
        let text = second.verifier().to_text();
        assert_eq!(&Sm2Verifier::from_text(&text).expect("read"), second.verifier());
        assert!(Sm2Verifier::is_one(&text) && !Sm2Verifier::is_one(&first.verifier().to_text()));
        for cut in 0..text.len() {
            assert!(Sm2Verifier::from_text(&text[..cut]).is_err(), "{cut}");
        }
        assert!(
            crate::tlog::Verifier::from_text(&text).is_err(),
            "no verifier takes it for its own"
        );
        assert!(Sm2Signer::new(NAME, &[0; 32]).is_err() && Sm2Signer::new(NAME, &[0xff; 32]).is_err());
    }

    #[test]
    fn a_policy_that_names_it_wants_it_and_others_pass_it_over() {
        let (second, first, note) = signed();
        let read = |more: &str| {
            let text = format!("log {}\n{more}quorum none\n", first.verifier().to_text());
            Policy::parse(text.as_bytes()).expect("a policy")
        };
        let (plain, both) = (read(""), read(&format!("log {}\n", second.verifier().to_text())));
        let other = Sm2Signer::new(NAME, &[9; 32]).expect("a key");
        let strange = read(&format!("log {}\n", other.verifier().to_text()));
        let mut alone = note.clone();
        alone.signatures.truncate(1);
        assert!(plain.check(&note).is_ok() && both.check(&note).is_ok());
        assert!(plain.check(&alone).is_ok() && both.check(&alone).is_err());
        assert!(strange.check(&note).is_err());
        let last = note.signatures[1].bytes.len();
        for at in 0..last {
            let mut wrong = note.clone();
            wrong.signatures[1].bytes[at] ^= 1;
            assert!(plain.check(&wrong).is_ok() && both.check(&wrong).is_err(), "byte {at}");
        }
        let mut short = note;
        short.signatures[1].bytes.pop();
        assert!(both.check(&short).is_err());
        let only = format!("log {}\nquorum none\n", second.verifier().to_text());
        assert!(Policy::parse(only.as_bytes()).is_err(), "it never stands alone");
    }
}
