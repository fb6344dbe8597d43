//! What can go wrong on the donor's way. In every case nothing was changed.

use db::DbError;
use platform::identity::Forbidden;
use platform::parameters::OverrideError;
use web::problem::Kind;
use web::{Problem, problem};

use crate::donations::DonationError;
use crate::donations::error::KEY_REUSED;

/// The consent text changed while another was being written.
pub const CONSENT_VERSION: Kind = Kind::new("consent-version", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[CONSENT_VERSION];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum GiveError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such thing, or none that the actor may see.
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
    /// The same form was sent with other words.
    #[error("this form was sent before with other words")]
    FormReused,
    /// Another version was published meanwhile.
    #[error("version {0} is in force already")]
    ConsentVersion(i64),
    /// The order.
    #[error(transparent)]
    Order(#[from] DonationError),
    /// The parameters.
    #[error(transparent)]
    Parameters(#[from] OverrideError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl GiveError {
    /// Whether an operator must look.
    pub fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Parameters(_) => tracing::Level::ERROR,
            Self::Order(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::FormReused => Problem::new(KEY_REUSED).field("token"),
            Self::ConsentVersion(version) => Problem::new(CONSENT_VERSION).field("version").arg("version", version),
            Self::Order(error) => error.problem(),
            Self::Parameters(error) => {
                tracing::error!(%error, "the table of parameters cannot be used");
                Problem::new(problem::INTERNAL)
            }
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<GiveError> for Problem {
    fn from(error: GiveError) -> Self {
        error.problem()
    }
}
