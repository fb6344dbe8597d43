//! What can be wrong with a roster, and how it leaves the house.

use db::DbError;
use platform::identity::{Forbidden, IdentityError};
use platform::keys::KeyError;
use web::{Kind, Problem};

use super::rules::Refusal;

/// The shift is over or was taken back.
pub const OVER: Kind = Kind::new("duty-shift-over", 409);
/// The two shifts cannot change places.
pub const NO_SWAP: Kind = Kind::new("duty-no-swap", 409);
/// Nothing to copy.
pub const NOTHING_TO_COPY: Kind = Kind::new("duty-nothing-to-copy", 409);
/// The user has left no telephone.
pub const NO_PHONE: Kind = Kind::new("duty-no-telephone", 409);

/// The kinds of this slice.
pub const KINDS: &[Kind] = &[OVER, NO_SWAP, NOTHING_TO_COPY, NO_PHONE];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DutyError {
    /// No such shift or unit, or none that the reader may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// What the rules say.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The user has left no telephone.
    #[error("the user has left no telephone")]
    NoPhone,
    /// What is sealed cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The user cannot be found.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DutyError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Key(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Refused(Refusal::Invalid { field, why }) => Problem::invalid(field, why),
            Self::Refused(Refusal::Over) => Problem::new(OVER),
            Self::Refused(Refusal::NoSwap) => Problem::new(NO_SWAP),
            Self::Refused(Refusal::NothingToCopy) => Problem::new(NOTHING_TO_COPY),
            Self::NoPhone => Problem::new(NO_PHONE).field("user"),
            Self::Key(error) => {
                tracing::error!(%error, "a person of a roster cannot be opened");
                Problem::internal()
            }
            Self::Identity(error) => error.problem(),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<DutyError> for Problem {
    fn from(error: DutyError) -> Self {
        error.problem()
    }
}
