//! What can go wrong with supervision. Nothing was changed.

use db::DbError;
use platform::identity::Forbidden;
use platform::keys::KeyError;
use web::{Kind, Problem};

/// She has as many as she may have.
pub const TOO_MANY: Kind = Kind::new("supervision-too-many", 409);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[TOO_MANY];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SupervisionError {
    /// No such thing, or none that this reader sees.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A field is out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// She has as many as she may have.
    #[error("at most {0}")]
    TooMany(i64),
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A note cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl SupervisionError {
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
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::TooMany(limit) => Problem::new(TOO_MANY).arg("limit", limit),
            Self::Forbidden(error) => error.problem(),
            Self::Key(error) => {
                tracing::error!(%error, "a supervisor’s note cannot be opened");
                Problem::internal()
            }
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<SupervisionError> for Problem {
    fn from(error: SupervisionError) -> Self {
        error.problem()
    }
}
