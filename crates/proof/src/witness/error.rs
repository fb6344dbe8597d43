//! Why a witness did not cosign.

use db::DbError;

use crate::tlog::TlogError;

/// An answer that is no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The request cannot be read, or its old size is above the new one: 400.
    #[error("the request: {0}")]
    Request(&'static str),
    /// The request cannot be read: 400.
    #[error("the request: {0}")]
    Malformed(TlogError),
    /// A log that it does not watch: 404.
    #[error("this witness does not watch that log")]
    Unknown,
    /// Not signed by the log's key: 403.
    #[error("the checkpoint is not signed by the log’s key")]
    Signature,
    /// Another old size than the one cosigned last: 409.
    #[error("this witness cosigned {0} entries last")]
    Size(u64),
    /// The proof does not hold, or the same size has another root: 422.
    #[error("the checkpoint does not continue the one that was cosigned last")]
    Inconsistent,
    /// A monitor could not read the entries yet: 503.
    #[error("the entries could not be read and added up yet: {0}")]
    NotKnown(String),
    /// A monitor found that the entries break a rule: 422.
    #[error("the entries were added up and do not hold: {0}")]
    Broken(String),
    /// A log of this origin is watched under another key.
    #[error(
        "a log of this origin is watched under another key already; a new key is a new log, and a matter for people"
    )]
    OtherKey,
    /// A key that is not one for this purpose.
    #[error("{0}")]
    Key(TlogError),
    /// Its database.
    #[error("{0}")]
    Db(#[from] DbError),
}

impl WitnessError {
    /// The status of the answer.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Request(_) | Self::Malformed(_) | Self::OtherKey | Self::Key(_) => 400,
            Self::Signature => 403,
            Self::Unknown => 404,
            Self::Size(_) => 409,
            Self::Inconsistent | Self::Broken(_) => 422,
            Self::NotKnown(_) => 503,
            Self::Db(_) => 500,
        }
    }
}
