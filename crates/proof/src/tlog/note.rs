//! Signed notes (C2SP signed-note): a text and lines of signatures, each under a name and the id of a key.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::hash::sha256;
use super::{TlogError, base64};

/// The longest note that is read.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// The most signature lines that are read.
pub const SIGNATURES_MAX: usize = 64;
const ED25519_BYTES: usize = 32;
const ED25519_SIGNATURE_BYTES: usize = 64;
/// The em dash and the space before a name.
const LEAD: &str = "\u{2014} ";

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The text itself, by Ed25519 (type 0x01).
    Ed25519,
    /// A checkpoint with the time it was seen, by Ed25519 (type 0x04, cosignature/v1).
    Cosignature,
}

impl KeyKind {
    /// The type's byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }
    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// Whether a name may stand on a signature line.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, kind: KeyKind, key: &[u8]) -> [u8; 4] {
    let mut about = name.as_bytes().to_vec();
    about.extend_from_slice(b"\n");
    about.push(kind.byte());
    about.extend_from_slice(key);
    let [a, b, c, d, ..] = sha256(&about).0;
    [a, b, c, d]
}

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: KeyKind,
    id: [u8; 4],
    key: [u8; ED25519_BYTES],
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl Verifier {
    /// From a name and a key.
    ///
    /// # Errors
    /// [`TlogError::Malformed`] for a name that cannot stand on a line.
    pub fn new(name: &str, kind: KeyKind, key: [u8; ED25519_BYTES]) -> Result<Self, TlogError> {
        if !is_name(name) {
            return Err(TlogError::Malformed("a key’s name has a space or a plus, or is empty"));
        }
        let id = key_id(name, kind, &key);
        Ok(Self {
            name: name.to_owned(),
            kind,
            id,
            key,
        })
    }

    /// Reads `name+hash+base64(type ‖ key)`.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn from_text(text: &str) -> Result<Self, TlogError> {
        const WRONG: TlogError = TlogError::Malformed("a public key is not name+hash+base64");
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(WRONG);
        };
        let bytes = base64(key).ok_or(WRONG)?;
        let (kind, key) = bytes.split_first().ok_or(WRONG)?;
        let kind = KeyKind::from_byte(*kind).ok_or(TlogError::Malformed("a public key of an unknown type"))?;
        let made = Self::new(name, kind, key.try_into().map_err(|_| WRONG)?)?;
        // The hash guards against a key that was copied by half.
        if HEXLOWER.encode(&made.id) == id {
            Ok(made)
        } else {
            Err(WRONG)
        }
    }

    /// `name+hash+base64(type ‖ key)`.
    pub fn to_text(&self) -> String {
        let mut bytes = vec![self.kind.byte()];
        bytes.extend_from_slice(&self.key);
        format!("{}+{}+{}", self.name, HEXLOWER.encode(&self.id), BASE64.encode(&bytes))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// What it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }
    /// The key itself.
    pub fn key_bytes(&self) -> &[u8; ED25519_BYTES] {
        &self.key
    }
    fn is_of(&self, signature: &Signature) -> bool {
        self.name == signature.name && self.id == signature.id
    }
    /// Checks a raw Ed25519 signature.
    pub(super) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == ED25519_SIGNATURE_BYTES
            && UnparsedPublicKey::new(&ED25519, &self.key)
                .verify(message, signature)
                .is_ok()
    }
}

/// A secret key with its name. No `Debug`.
pub struct Signer {
    pair: Ed25519KeyPair,
    verifier: Verifier,
}

impl Signer {
    /// From 32 secret bytes.
    ///
    /// # Errors
    /// [`TlogError::Malformed`] for a name that cannot stand on a line.
    pub fn new(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, TlogError> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| TlogError::Malformed("a seed that gives no key"))?;
        let public = pair.public_key().as_ref().try_into();
        let key = public.map_err(|_| TlogError::Malformed("a public key of the wrong length"))?;
        let verifier = Verifier::new(name, kind, key)?;
        Ok(Self { pair, verifier })
    }
    /// Its public key.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }
    pub(super) fn raw(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
    pub(super) fn line(&self, bytes: Vec<u8>) -> Signature {
        Signature {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            bytes,
        }
    }
    /// Signs a text as a note's key does.
    pub fn sign(&self, note: &Note) -> Signature {
        self.line(self.raw(note.text().as_bytes()))
    }
}

/// One line of signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of its key.
    pub name: String,
    /// The id of its key.
    pub id: [u8; 4],
    /// What follows the id.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// The line, without its end.
    pub fn to_line(&self) -> String {
        let mut bytes = self.id.to_vec();
        bytes.extend_from_slice(&self.bytes);
        format!("{LEAD}{} {}", self.name, BASE64.encode(&bytes))
    }

    /// Reads a line without its end.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn from_line(line: &str) -> Result<Self, TlogError> {
        const WRONG: TlogError = TlogError::Malformed("a signature line is not “— name base64”");
        let (name, text) = line.strip_prefix(LEAD).and_then(|l| l.split_once(' ')).ok_or(WRONG)?;
        let bytes = base64(text).ok_or(WRONG)?;
        let (id, rest) = bytes.split_first_chunk::<4>().ok_or(WRONG)?;
        if !is_name(name) || rest.is_empty() {
            return Err(WRONG);
        }
        Ok(Self {
            name: name.to_owned(),
            id: *id,
            bytes: rest.to_vec(),
        })
    }
}

/// A text that can be signed: valid UTF-8 lines without control characters, each ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// Takes a text.
    ///
    /// # Errors
    /// [`TlogError::Malformed`] when it does not end with a line's end or has control characters.
    pub fn new(text: String) -> Result<Self, TlogError> {
        let odd = text.bytes().any(|b| b < 0x20 && b != b'\n');
        if odd || !text.ends_with('\n') || text.len() > NOTE_BYTES_MAX {
            return Err(TlogError::Malformed(
                "a note’s text has control characters, no end, or too many bytes",
            ));
        }
        Ok(Self(text))
    }
    /// The text, with its last line's end.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A note with its signatures, read but not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    /// The text.
    pub note: Note,
    /// The lines of signature, in their order.
    pub signatures: Vec<Signature>,
}

impl SignedNote {
    /// Reads a note: the text ends at the last empty line.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(TlogError::Malformed("a note is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| TlogError::Malformed("a note is not UTF-8"))?;
        let at = text
            .rfind("\n\n")
            .ok_or(TlogError::Malformed("a note has no signatures"))?;
        let (body, lines) = (text.get(..=at), text.get(at + 2..));
        let note = Note::new(body.unwrap_or_default().to_owned())?;
        let lines = lines
            .and_then(|l| l.strip_suffix('\n'))
            .filter(|l| !l.is_empty())
            .ok_or(TlogError::Malformed("a note’s last line has no end"))?;
        let signatures: Vec<Signature> = lines
            .split('\n')
            .take(SIGNATURES_MAX + 1)
            .map(Signature::from_line)
            .collect::<Result<_, _>>()?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(TlogError::Malformed("a note has too many signatures"));
        }
        Ok(Self { note, signatures })
    }

    /// The note with its lines.
    pub fn to_text(&self) -> String {
        let mut text = self.note.0.clone();
        text.push('\n');
        for signature in &self.signatures {
            text.push_str(&signature.to_line());
            text.push('\n');
        }
        text
    }

    /// The lines of this key.
    pub fn of<'a>(&'a self, key: &'a Verifier) -> impl Iterator<Item = &'a Signature> {
        self.signatures.iter().filter(|s| key.is_of(s))
    }

    /// Checks that the key signed the text itself. A wrong signature under a known key refuses the whole note; lines of
    /// unknown keys are passed over.
    ///
    /// # Errors
    /// [`TlogError::Signature`].
    pub fn check(&self, key: &Verifier) -> Result<(), TlogError> {
        let mut seen = false;
        for signature in self.of(key) {
            if key.kind != KeyKind::Ed25519 || !key.accepts(self.note.0.as_bytes(), &signature.bytes) {
                return Err(TlogError::Signature("a known key’s signature is wrong"));
            }
            seen = true;
        }
        if seen {
            Ok(())
        } else {
            Err(TlogError::Signature("the note is not signed by the key"))
        }
    }
}
