//! The hashes of RFC 6962 §2.1 over SHA-256.

use std::fmt;

use data_encoding::BASE64;
use ring::digest::{Context, SHA256, digest};

use super::TlogError;

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// The root of a subtree, or the hash of a leaf.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; HASH_BYTES]);

/// The root of the empty tree: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

fn of(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    Hash::copied(context.finish().as_ref())
}

/// SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash::copied(digest(&SHA256, bytes).as_ref())
}

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    of(&[&[0], entry])
}

/// The hash of two neighbours.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    of(&[&[1], &left.0, &right.0])
}

impl Hash {
    fn copied(bytes: &[u8]) -> Self {
        let mut out = [0; HASH_BYTES];
        for (to, from) in out.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self(out)
    }
    /// From exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
    /// Reads standard base64 with padding: 44 characters and nothing else.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn from_base64(text: &str) -> Result<Self, TlogError> {
        let bytes = super::base64(text);
        bytes
            .and_then(|b| Self::from_slice(&b))
            .ok_or(TlogError::Malformed("a hash is not base64 of 32 bytes"))
    }
    /// Standard base64.
    pub fn to_base64(self) -> String {
        BASE64.encode(&self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}
