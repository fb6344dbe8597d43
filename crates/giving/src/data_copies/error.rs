//! What can go wrong with a copy. Nothing was given.

use db::DbError;
use platform::identity::Forbidden;
use platform::keys::KeyError;
use web::Problem;

/// Why nothing was given.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Nothing is held about this contact, or nothing in the officer's units: which of the two is not told.
    #[error("nothing is held about this contact")]
    Nothing,
    /// A field is out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// There is no unit yet.
    #[error("there is no unit yet")]
    NoRoot,
    /// Something stays sealed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It could not be written.
    #[error("the copy could not be written: {0}")]
    Written(String),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl CopyError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Key(_) | Self::Written(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::Nothing | Self::NoRoot => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Key(error) => {
                tracing::error!(%error, "a copy of personal data could not be opened");
                Problem::internal()
            }
            Self::Written(error) => {
                tracing::error!(error, "a copy of personal data could not be written");
                Problem::internal()
            }
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<CopyError> for Problem {
    fn from(error: CopyError) -> Self {
        error.problem()
    }
}
