//! The second suite's daily word: the root of all entries over SM3, as an entry of the log itself. It is told while the suite
//! is switched on; the line of SM2 under every checkpoint then stands for it too.

use platform::Services;
use platform::facts::{self, NewFact, conclude};
use platform::identity::Actor;
use serde_json::json;

use super::super::error::LogError;
use super::super::store;
use super::Log;
use crate::tlog::hash::sha256;
use crate::tlog::sm3::{self, Peaks};

/// The fact of a root over SM3.
pub(crate) const SM3_ROOT: &str = "log.sm3_root";
/// The kinds of fact of this slice.
pub const FACT_KINDS: &[&str] = &[SM3_ROOT];
/// Entries that are hashed between two looks at the database: some ten milliseconds of work.
const ENTRIES_AT_ONCE: u64 = 4_096;

impl Log {
    /// The tree over SM3 of everything that is signed. What was computed before is remembered.
    async fn sm3_tree(&self) -> Result<Peaks, LogError> {
        let mut at = self.inner.db.snapshot().await?;
        let size = store::head(&mut at).await?.map_or(0, |head| head.size);
        let known = store::sm3_peaks(&mut at).await?;
        drop(at);
        // One that a restored or rebuilt database outlived is made anew.
        let mut tree = known.filter(|tree| tree.size() <= size).unwrap_or_default();
        while tree.size() < size {
            let count = ENTRIES_AT_ONCE.min(size - tree.size());
            let mut at = self.inner.db.snapshot().await?;
            let leaves = store::leaves(&mut at, tree.size(), count).await?;
            drop(at);
            if leaves.len() as u64 != count {
                return Err(LogError::Broken("entries are missing".into()));
            }
            let hashed = tokio::task::spawn_blocking(move || {
                leaves.iter().for_each(|leaf| tree.push(sm3::leaf_hash(leaf)));
                tree
            });
            tree = hashed
                .await
                .map_err(|e| LogError::Broken(format!("the hashing was cut off: {e}")))?;
            let mut tx = self.inner.db.begin().await?;
            store::keep_sm3_peaks(&mut tx, &tree).await?;
            tx.commit().await?;
        }
        Ok(tree)
    }

    /// States the root over SM3 of everything that is signed now, once for a tree; it becomes an entry. Nothing is stated of
    /// an empty log, nor while the second suite is switched off. The fact is `log.sm3_root`. Returns of how many entries it
    /// was stated, where it is new.
    ///
    /// # Errors
    /// The databases'.
    pub async fn state_sm3_root(&self, services: &Services, by: &Actor) -> Result<Option<u64>, LogError> {
        if self.inner.keys.sm2().is_none() {
            return Ok(None);
        }
        let tree = self.sm3_tree().await?;
        if tree.size() == 0 {
            return Ok(None);
        }
        let roots = services.tree.roots();
        let unit = *roots.first().ok_or(LogError::Key("there is no unit whose log it is"))?;
        let root = tree.root();
        let about = [SM3_ROOT.as_bytes(), &tree.size().to_be_bytes(), &root.0].concat();
        let mut subject = [0; 16];
        subject.copy_from_slice(&sha256(&about).0[..16]);
        let mut tx = services.db.begin().await?;
        if !facts::by_subject(&mut tx, subject, 1).await?.is_empty() {
            return Ok(None);
        }
        let fact = NewFact {
            unit,
            kind: SM3_ROOT,
            subject,
            actor: Some(by.id),
            body: json!({ "day": services.now().business_day(), "size": tree.size(), "root": root.to_base64() }),
        };
        conclude(tx, fact, services).await?;
        Ok(Some(tree.size()))
    }
}
