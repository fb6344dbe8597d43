//! What can go wrong with an erasure. What was destroyed before stays destroyed; the same request goes on.

use db::DbError;
use kernel::ParameterError;
use platform::identity::Forbidden;
use platform::parameters::OverrideError;
use web::Problem;

use crate::data_copies::CopyError;
use crate::donations::DonationError;
use crate::recurring::RecurringError;
use crate::teams::TeamError;

/// Why it was not done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Nothing is held about this contact, or nothing in the officer's units: which of the two is not told.
    #[error("nothing is held about this contact")]
    Nothing,
    /// No telephone and no e-mail.
    #[error("contact: a telephone or an e-mail is expected")]
    Contact,
    /// There is no unit yet.
    #[error("there is no unit yet")]
    NoRoot,
    /// Finding what is held.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A gift.
    #[error(transparent)]
    Gift(#[from] DonationError),
    /// A mandate or an agreement.
    #[error(transparent)]
    Regular(#[from] RecurringError),
    /// A team.
    #[error(transparent)]
    Team(#[from] TeamError),
    /// The parameters.
    #[error(transparent)]
    Parameters(#[from] OverrideError),
    /// A value of theirs.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ErasureError {
    /// Whether an operator must look.
    pub fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Parameters(_) | Self::Parameter(_) => tracing::Level::ERROR,
            Self::Copy(error) => error.severity(),
            Self::Gift(error) => error.severity(),
            Self::Regular(error) => error.severity(),
            Self::Team(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::Nothing | Self::NoRoot => Problem::not_found(),
            Self::Contact => Problem::invalid("contact", "a telephone or an e-mail is expected"),
            Self::Copy(error) => error.problem(),
            Self::Gift(error) => error.problem(),
            Self::Regular(error) => error.problem(),
            Self::Team(error) => error.problem(),
            Self::Parameters(_) | Self::Parameter(_) => {
                tracing::error!(error = %self, "the table of parameters cannot be used");
                Problem::internal()
            }
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<ErasureError> for Problem {
    fn from(error: ErasureError) -> Self {
        error.problem()
    }
}
