//! The formats of a tiled transparency log, as C2SP publishes them: hashes of RFC 6962, tiles, entry bundles, signed
//! notes, checkpoints, cosignatures, the messages of witnesses, proofs, policies.
//!
//! Pure: no files, no network, no clock, no chance. Nothing here panics, whatever the bytes; what is not exactly the
//! format is refused, so that one tree has one text. Called by `log`, which publishes, and by `qiao verify`.

pub mod checkpoint;
pub mod cosignature;
pub mod entries;
mod frontier;
pub mod hash;
pub mod note;
pub mod policy;
pub mod proof;
pub mod proof_file;
pub mod sm2;
pub mod sm3;
pub mod tile;
pub mod witness;

#[cfg(test)]
mod tests;

use data_encoding::BASE64;

pub use self::sm2::{Sm2Signer, Sm2Verifier};
pub use checkpoint::Checkpoint;
pub use frontier::{Frontier, NewNode, levels as frontier_levels};
pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use note::{KeyKind, Note, SignedNote, Signer, Verifier};
pub use policy::Policy;
pub use proof_file::ProofFile;
pub use tile::{Tile, TileReader};

/// Why something of a log was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogError {
    /// The bytes are not the format; the words say where.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// A signature is missing or wrong.
    #[error("signature: {0}")]
    Signature(&'static str),
    /// A proof does not lead to the root.
    #[error("proof: {0}")]
    Proof(&'static str),
    /// A tile that is needed cannot be had, or says something else than the root.
    #[error("tile {0}: {1}")]
    Tile(String, &'static str),
    /// The policy is not fulfilled.
    #[error("policy: {0}")]
    Policy(&'static str),
}

/// A number as the formats write it: decimal, no sign, no leading zero, at most 2^63 - 1.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = plain && (text == "0" || !text.starts_with('0'));
    let number = canonical.then(|| text.parse::<u64>().ok()).flatten()?;
    (number <= i64::MAX.unsigned_abs()).then_some(number)
}

/// The bytes of one text in standard base64 with its padding. The library reads several padded texts in a row as one, which
/// would give the same bytes two texts.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let is_one = !text.trim_end_matches('=').contains('=');
    BASE64.decode(text.as_bytes()).ok().filter(|_| is_one)
}
