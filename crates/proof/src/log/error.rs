//! Why the log did not go on.

use db::DbError;
use platform::identity::Forbidden;
use web::{Kind, Problem};

use super::leaf::LeafError;
use crate::tlog::TlogError;

/// Books and log moved while they were read together.
pub const CATCHING_UP: Kind = Kind::new("log-catching-up", 503);

/// An error of the public log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// What is published knows a tree that the log's own database does not: signing would fork the log.
    #[error(
        "the published log knows a larger or another tree than the log’s own database: {0}. Nothing was signed. \
         Was an old copy of the log’s database put back? Run `qiao log recover`, which reads back what is published"
    )]
    Behind(String),
    /// Too few witnesses; nothing is published without them.
    #[error("the witnesses: {0}")]
    Unwitnessed(String),
    /// A file that is written once is there with other bytes.
    #[error("the published file {0} has other bytes than the log’s database: nothing was signed or published")]
    Fork(String),
    /// A fact was logged before with other content.
    #[error("a fact stands in the log at {index} with other content; nothing was signed")]
    Differs {
        /// Where it stands.
        index: u64,
    },
    /// Another process moved the head.
    #[error("another process signed in between; this one reads anew")]
    Moved,
    /// The key of the log.
    #[error("the key of the public log: {0}")]
    Key(&'static str),
    /// The database of the log does not hold together.
    #[error("the log’s database does not hold together: {0}; run `qiao log recover`")]
    Broken(String),
    /// What is published cannot be read.
    #[error("what is published cannot be read: {0}")]
    Published(String),
    /// There is no such gift, or it is not in the log yet.
    #[error("the gift is not in the log yet")]
    NotYet,
    /// The openings were destroyed at the donor's wish.
    #[error("the gift’s openings were destroyed at the donor’s wish; its entry stays, and can no longer be opened")]
    Erased,
    /// An entry could not be made.
    #[error("{0}")]
    Leaf(#[from] LeafError),
    /// A format.
    #[error("{0}")]
    Format(#[from] TlogError),
    /// A sealed value.
    #[error("{0}")]
    Sealed(#[from] platform::keys::KeyError),
    /// The disk.
    #[error("{0}")]
    Disk(String),
    /// The store of the published files.
    #[error("the store of the published log: {0}")]
    Store(String),
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
    /// Books and log did not stand still together.
    #[error("gifts come faster than the public log follows; nothing was stated, try again in a moment")]
    Busy,
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A test ended the process here.
    #[error("ended at {0:?} for a test")]
    Ended(super::points::Point),
}

impl LogError {
    /// Whether the same round may succeed by itself a moment later.
    pub fn passes(&self) -> bool {
        match self {
            Self::Moved | Self::Busy | Self::Disk(_) | Self::Store(_) | Self::Unwitnessed(_) => true,
            Self::Db(error) => error.is_transient(),
            _ => false,
        }
    }

    /// As the outside sees it; causes are logged here, once.
    pub fn problem(self) -> Problem {
        match self {
            Self::Busy => Problem::new(CATCHING_UP),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
            error => {
                tracing::error!(%error, "the public log could not be read");
                Problem::internal()
            }
        }
    }
}
