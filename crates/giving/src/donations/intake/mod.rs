//! The one intake path: a bounded queue, one writer, one transaction for all that wait.
//!
//! [`prepare`] does the costly part (seals, ids) on the caller's thread. The writer takes what waits, at most
//! [`GIFTS_PER_BATCH`], writes gifts, postings, balances, totals and facts with one statement a table, commits, and
//! only then answers. A full queue is an error at once, never a wait without end.

mod book;
mod directory;
mod prepare;
mod write;
mod writer;

use std::sync::Arc;

use kernel::ImportId;
use platform::health::Metrics;
use tokio::sync::{mpsc, oneshot};

pub(crate) use book::{Booker, add_matches};
pub use directory::{AccountEntry, Directory, OpenPool, ProjectEntry};
pub use prepare::{Matching, Prepared, payer_index, phone_index, prepare};
pub use writer::{WriterHandle, start, start_with_room};

use super::Outcome;

/// Gifts in one transaction: beyond this the commit's time grows faster than the sync's share shrinks.
pub const GIFTS_PER_BATCH: usize = 2_048;
/// Messages that may wait. At 30,000 gifts a second this is a quarter of a second; more would only make callers
/// wait longer for the same refusal.
pub const QUEUE_MESSAGES: usize = 8_192;
/// Seconds a refused caller is asked to wait.
pub const RETRY_AFTER_SECONDS: u32 = 2;

/// Why the intake gave no outcome. Nothing is lost: the same gift sent again is answered as if for the first time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The queue is full. Come back in [`RETRY_AFTER_SECONDS`].
    #[error("too many gifts are waiting; send the same gift again in a moment")]
    Full,
    /// The database could not take the gift now, or the program is stopping.
    #[error("the gift could not be stored now; send the same gift again in a moment")]
    Unavailable,
}

/// Gifts that wait for the writer, and where their answer goes.
pub(crate) struct Work {
    pub gifts: Vec<Prepared>,
    pub import: Option<ImportId>,
    pub reply: oneshot::Sender<Result<Vec<Outcome>, IntakeError>>,
}

/// The way in. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    queue: mpsc::Sender<Work>,
    directory: Arc<Directory>,
    metrics: Metrics,
}

impl Intake {
    /// Accounts and projects as the intake knows them.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Records one gift. Returns when it is durable.
    ///
    /// # Errors
    /// [`IntakeError::Full`] at once, [`IntakeError::Unavailable`] when the database refused.
    pub async fn submit(&self, gift: Prepared) -> Result<Outcome, IntakeError> {
        let (reply, answer) = oneshot::channel();
        let work = Work {
            gifts: vec![gift],
            import: None,
            reply,
        };
        if self.queue.try_send(work).is_err() {
            self.metrics.intake_turned_away.inc();
            return Err(if self.queue.is_closed() {
                IntakeError::Unavailable
            } else {
                IntakeError::Full
            });
        }
        let outcomes = answer.await.map_err(|_| IntakeError::Unavailable)??;
        outcomes.first().copied().ok_or(IntakeError::Unavailable)
    }

    /// Records many gifts of an import, in order; waits for room in the queue, since a file can wait.
    ///
    /// # Errors
    /// [`IntakeError::Unavailable`]; the gifts of this call may then be sent again.
    pub async fn submit_many(
        &self,
        gifts: Vec<Prepared>,
        import: Option<ImportId>,
    ) -> Result<Vec<Outcome>, IntakeError> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .send(Work { gifts, import, reply })
            .await
            .map_err(|_| IntakeError::Unavailable)?;
        answer.await.map_err(|_| IntakeError::Unavailable)?
    }
}
