//! How far the jobs of this very process are, kept in memory.
//!
//! A job that holds SQLite's one write transaction for a minute could not write its progress; who asks this process
//! sees it all the same. At most one entry per worker.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use kernel::JobId;

/// So many steps of so many, and what is being done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Steps {
    pub(super) done: i64,
    pub(super) total: i64,
    pub(super) message: Option<String>,
}

static LIVE: LazyLock<Mutex<HashMap<JobId, Steps>>> = LazyLock::new(Mutex::default);

fn locked<T>(with: impl FnOnce(&mut HashMap<JobId, Steps>) -> T) -> T {
    with(&mut LIVE.lock().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn set(id: JobId, steps: Steps) {
    locked(|live| live.insert(id, steps));
}

pub(super) fn of(id: JobId) -> Option<Steps> {
    locked(|live| live.get(&id).cloned())
}

pub(super) fn forget(id: JobId) {
    locked(|live| live.remove(&id));
}
