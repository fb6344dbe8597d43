//! The messages of a witness (C2SP tlog-witness): the request to cosign, and the decision about it.

use super::TlogError;
use super::checkpoint::Checkpoint;
use super::hash::{EMPTY_ROOT, Hash};
use super::note::SignedNote;
use super::proof::{PROOF_HASHES_MAX, check_consistency};

/// The body of `POST …/add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size the log believes the witness saw last.
    pub old: u64,
    /// The proof from there.
    pub proof: Vec<Hash>,
    /// The checkpoint to cosign.
    pub checkpoint: SignedNote,
}

impl AddCheckpoint {
    /// The body.
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.to_text());
        text
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogError> {
        let text = std::str::from_utf8(bytes).map_err(|_| TlogError::Malformed("a request is not UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(TlogError::Malformed("a request has no checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|l| l.strip_prefix("old "))
            .and_then(super::decimal);
        let old = old.ok_or(TlogError::Malformed("a request does not begin with its old size"))?;
        let proof: Vec<Hash> = lines
            .take(PROOF_HASHES_MAX + 1)
            .map(Hash::from_base64)
            .collect::<Result<_, _>>()?;
        if proof.len() > PROOF_HASHES_MAX {
            return Err(TlogError::Malformed("a proof has too many hashes"));
        }
        let checkpoint = SignedNote::parse(note.as_bytes())?;
        Ok(Self { old, proof, checkpoint })
    }
}

/// What a witness answers instead of a cosignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 400: the old size is above the checkpoint's.
    OldAboveNew,
    /// 409 with the size the witness saw last.
    OtherOld(u64),
    /// 422: the proof does not hold, or the same size has another root.
    Inconsistent,
}

/// Decides about a checkpoint whose signature was checked, from what this witness cosigned last of its origin.
///
/// # Errors
/// [`Refusal`].
pub fn decide(request: &AddCheckpoint, new: &Checkpoint, last: Option<(u64, Hash)>) -> Result<(), Refusal> {
    if request.old > new.size {
        return Err(Refusal::OldAboveNew);
    }
    let (size, root) = last.unwrap_or((0, EMPTY_ROOT));
    if request.old != size {
        return Err(Refusal::OtherOld(size));
    }
    let proved = check_consistency(&request.proof, (size, root), (new.size, new.root));
    proved.map_err(|_| Refusal::Inconsistent)
}

/// The body of a 409.
pub fn size_body(size: u64) -> String {
    format!("{size}\n")
}
