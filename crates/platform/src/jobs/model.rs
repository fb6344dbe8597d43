//! What a job is.

use kernel::{ActorId, Instant, JobId, UnitId};

/// A job about to be put in line.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The unit it works for.
    pub unit: UnitId,
    /// Which [`super::Handler`] does it.
    pub kind: &'static str,
    /// What the handler needs: ids and options, never personal data.
    pub input: serde_json::Value,
    /// Who wants it; she may watch it.
    pub by: ActorId,
    /// Not before this moment; at once when nothing is said.
    pub not_before: Option<Instant>,
    /// Two jobs with the same key are one.
    pub once_key: Option<String>,
}

/// A job as stored.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The unit it works for.
    pub unit: UnitId,
    /// Its kind.
    pub kind: String,
    /// What the handler is given.
    pub input: serde_json::Value,
    /// Who wants it.
    pub by: ActorId,
    /// How often it was begun.
    pub attempts: i64,
    /// So many steps done …
    pub done: i64,
    /// … of so many; 0 when unknown.
    pub total: i64,
    /// What it is doing.
    pub message: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// When it was put in line.
    pub created_at: Instant,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq)]
pub enum JobState {
    /// In line; after a failure with what went wrong last.
    Waiting {
        /// Not before.
        run_after: Instant,
        /// The last failure.
        last_error: Option<String>,
    },
    /// Being done.
    Running {
        /// Since when.
        started_at: Instant,
    },
    /// Done.
    Done {
        /// What the handler returned.
        result: serde_json::Value,
        /// When.
        finished_at: Instant,
    },
    /// Given up.
    Failed {
        /// Why.
        error: String,
        /// When.
        finished_at: Instant,
    },
}

impl JobState {
    /// The stored word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Running { .. } => "running",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
        }
    }
}

/// Why a handler did not do its job. The words are kept and shown: never personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may work later: try again, up to the handler's limit.
    #[error("{0}")]
    Retry(String),
    /// It will never work: give up at once.
    #[error("{0}")]
    Refused(String),
}

/// A job put in line once a day at an hour of Beijing.
#[derive(Debug, Clone, Copy)]
pub struct Nightly {
    /// The kind of the job; its input is `{"day": "YYYY-MM-DD"}`, the day that has just ended.
    pub kind: &'static str,
    /// The hour, 0 to 23.
    pub hour: u8,
}

/// The pause before attempt `attempts + 1`: 10 s, 40 s, 160 s … at most an hour, which outlasts a restart of the
/// database and does not hammer a provider that is down.
pub(super) fn pause_micros(attempts: i64) -> i64 {
    const FIRST: i64 = 10_000_000;
    const MAX: i64 = 3_600_000_000;
    let doublings = u32::try_from((attempts - 1).clamp(0, 10)).unwrap_or(0) * 2;
    FIRST.saturating_mul(1 << doublings).min(MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_no_further() {
        let pauses: Vec<i64> = (1..=6).map(|n| pause_micros(n) / 1_000_000).collect();
        assert_eq!(pauses, [10, 40, 160, 640, 2560, 3600]);
        assert_eq!(pause_micros(i64::MAX) / 1_000_000, 3600);
    }
}
