//! What can go wrong with a decision about a hold. Nothing was changed; the gift stands in the books in any case.

use db::DbError;
use platform::identity::error::Forbidden;
use web::Problem;
use web::problem::Kind;

/// Someone decided otherwise before.
pub const DECIDED: Kind = Kind::new("hold-decided", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[DECIDED];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum ScreeningError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such hold, or none that the actor may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A field of a request.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// The opposite was decided before.
    #[error("this was decided before: {0}")]
    Decided(&'static str),
    /// The match of a kept gift could not be taken back.
    #[error(transparent)]
    Match(#[from] Box<crate::donations::DonationError>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ScreeningError {
    /// Whether an operator must look.
    pub fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) => tracing::Level::ERROR,
            Self::Match(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Decided(state) => Problem::new(DECIDED).arg("state", state),
            Self::Match(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<ScreeningError> for Problem {
    fn from(error: ScreeningError) -> Self {
        error.problem()
    }
}
