//! The proof beside a certificate (C2SP tlog-proof): place, siblings, and the checkpoint they lead to.

use data_encoding::BASE64;

use super::TlogError;
use super::hash::Hash;
use super::note::SignedNote;
use super::policy::{Policy, Trusted};
use super::proof::{PROOF_HASHES_MAX, check_inclusion};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// The longest proof that is read.
pub const PROOF_BYTES_MAX: usize = 256 * 1024;

/// A proof that an entry stands in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// What the maker added; nothing vouches for it but what it is checked against.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry.
    pub index: u64,
    /// The siblings from leaf to root.
    pub path: Vec<Hash>,
    /// The checkpoint with its cosignatures.
    pub checkpoint: SignedNote,
}

impl ProofFile {
    /// The file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", BASE64.encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.path {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.to_text());
        text
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`TlogError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(TlogError::Malformed("a proof is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| TlogError::Malformed("a proof is not UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(TlogError::Malformed("a proof has no checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(TlogError::Malformed("a proof does not begin with its format’s name"));
        }
        let extra = match lines.next_if(|l| l.starts_with("extra ")) {
            Some(line) => {
                let text = line.strip_prefix("extra ").unwrap_or_default();
                Some(super::base64(text).ok_or(TlogError::Malformed("a proof’s extra is not base64"))?)
            }
            None => None,
        };
        let index = lines
            .next()
            .and_then(|l| l.strip_prefix("index "))
            .and_then(super::decimal);
        let index = index.ok_or(TlogError::Malformed("a proof does not say its place"))?;
        let path: Vec<Hash> = lines
            .take(PROOF_HASHES_MAX + 1)
            .map(Hash::from_base64)
            .collect::<Result<_, _>>()?;
        if path.len() > PROOF_HASHES_MAX {
            return Err(TlogError::Malformed("a proof has too many hashes"));
        }
        let checkpoint = SignedNote::parse(note.as_bytes())?;
        Ok(Self {
            extra,
            index,
            path,
            checkpoint,
        })
    }

    /// Checks that the entry with this hash stands in the log of the policy, as enough witnesses saw it.
    ///
    /// # Errors
    /// [`TlogError`] of the first thing that does not hold.
    pub fn check(&self, leaf: Hash, policy: &Policy) -> Result<Trusted, TlogError> {
        let trusted = policy.check(&self.checkpoint)?;
        let tree = &trusted.checkpoint;
        check_inclusion(&self.path, self.index, leaf, tree.size, tree.root)?;
        Ok(trusted)
    }
}
