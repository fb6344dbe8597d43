//! How much each key still seals.

use std::collections::BTreeMap;

use db::{DbError, Reads};
use serde::Serialize;

use super::{SealedColumn, store};
use crate::Keys;

/// What the keys of the file are used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyUse {
    /// The key that seals now.
    pub newest: u8,
    /// Values that older keys of the file sealed and the job has not reached.
    pub left: i64,
    /// Answers kept for repeated requests that older keys sealed: they are forgotten within a week.
    pub answers_left: i64,
    /// Values that no key of the file opens: a key was removed too early, or the file is the wrong one.
    pub unopenable: i64,
    /// Older keys that the file still holds.
    pub older_keys: usize,
}

impl KeyUse {
    /// Whether the older keys may be removed.
    pub const fn may_remove(&self) -> bool {
        self.older_keys > 0 && self.left == 0 && self.answers_left == 0
    }
}

/// Counts what each key seals; reads the sealed columns whole.
///
/// # Errors
/// Any [`DbError`].
pub async fn key_use(at: &mut impl Reads, keys: &Keys, columns: &[SealedColumn]) -> Result<KeyUse, DbError> {
    let mut counts: BTreeMap<u8, i64> = BTreeMap::new();
    for column in columns {
        for (number, n) in store::by_key(at, *column).await? {
            *counts.entry(number).or_default() += n;
        }
    }
    let known = keys.numbers();
    let newest = keys.newest_number();
    let answers = store::answers_by_key(at).await?;
    let older = |number: u8| number != newest && known.contains(&number);
    Ok(KeyUse {
        newest,
        left: counts
            .iter()
            .filter(|(number, _)| older(**number))
            .map(|(_, n)| n)
            .sum(),
        answers_left: answers
            .iter()
            .filter(|(number, _)| older(*number))
            .map(|(_, n)| n)
            .sum(),
        unopenable: counts
            .iter()
            .filter(|(number, _)| !known.contains(number))
            .map(|(_, n)| n)
            .sum(),
        older_keys: known.len().saturating_sub(1),
    })
}
