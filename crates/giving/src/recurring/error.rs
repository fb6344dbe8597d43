//! What can go wrong with regular giving. In every case nothing was changed.

use db::DbError;
use platform::identity::Forbidden;
use platform::parameters::OverrideError;
use web::Problem;
use web::problem::{self, Kind};

use crate::donations::DonationError;
use crate::donations::error::KEY_REUSED;
use crate::my_gifts::MyGiftsError;

/// The mandate is in another state.
pub const STATE: Kind = Kind::new("mandate-state", 409);
/// All places of the plan are taken, or it is closed.
pub const PLAN_FULL: Kind = Kind::new("plan-full", 409);
/// The project has a plan or news of this title that says something else.
pub const TITLE_TAKEN: Kind = Kind::new("title-taken", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[STATE, PLAN_FULL, TITLE_TAKEN];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum RecurringError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such thing, or none of this donor.
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
    /// The mandate is in another state.
    #[error("a mandate that is {0} cannot be changed like this")]
    State(&'static str),
    /// No place is left.
    #[error("no place is left in this plan")]
    PlanFull,
    /// The title stands for something else.
    #[error("the project has this title already, with other content")]
    TitleTaken,
    /// The same form was sent with other words.
    #[error("this form was sent before with other words")]
    FormReused,
    /// The order of a month.
    #[error(transparent)]
    Order(#[from] DonationError),
    /// The code and the session.
    #[error(transparent)]
    Session(#[from] MyGiftsError),
    /// The parameters.
    #[error(transparent)]
    Parameters(#[from] OverrideError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl RecurringError {
    /// Whether an operator must look.
    pub fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Parameters(_) => tracing::Level::ERROR,
            Self::Order(error) => error.severity(),
            Self::Session(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::State(state) => Problem::new(STATE).arg("state", state),
            Self::PlanFull => Problem::new(PLAN_FULL),
            Self::TitleTaken => Problem::new(TITLE_TAKEN).field("title"),
            Self::FormReused => Problem::new(KEY_REUSED).field("token"),
            Self::Order(error) => error.problem(),
            Self::Session(error) => error.problem(),
            Self::Parameters(error) => {
                tracing::error!(%error, "the table of parameters cannot be used");
                Problem::new(problem::INTERNAL)
            }
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<RecurringError> for Problem {
    fn from(error: RecurringError) -> Self {
        error.problem()
    }
}
