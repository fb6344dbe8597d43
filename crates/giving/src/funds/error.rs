//! What can go wrong with a fund. In every case nothing was changed.

use db::DbError;
use kernel::Fen;
use ledger::LedgerError;
use platform::identity::Forbidden;
use platform::parameters::OverrideError;
use web::Problem;
use web::problem::Kind;

use crate::projects::ProjectError;

/// The fund is in another state.
pub const STATE: Kind = Kind::new("fund-state", 409);
/// The project cannot feed a fund of its own.
pub const NOT_FIT: Kind = Kind::new("fund-project-not-fit", 409);
/// The project has an agreement already, or the year a report, with other content.
pub const EXISTS: Kind = Kind::new("fund-exists", 409);
/// The fund holds what is not its restricted money: it cannot be closed by moving its rest.
pub const NOT_CLEAR: Kind = Kind::new("fund-not-clear", 409);
/// The fund holds less than it must begin with.
pub const INITIAL: Kind = Kind::new("fund-initial-missing", 409);
/// Another amendment waits for a decision.
pub const WAITS: Kind = Kind::new("fund-amendment-waits", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[STATE, NOT_FIT, EXISTS, NOT_CLEAR, INITIAL, WAITS];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum FundError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such thing.
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
    /// The fund is in another state.
    #[error("a fund that is {0} cannot be changed like this")]
    State(&'static str),
    /// Whoever asked cannot agree.
    #[error("another person with the permission must agree")]
    FourEyes,
    /// The project is not restricted with a fund of its own.
    #[error("the project has no restricted fund of its own")]
    NotFit,
    /// It is there with other content.
    #[error("it is there already, with other content")]
    Exists,
    /// Money of others, or money without net assets behind it.
    #[error("the fund holds what is not its restricted money")]
    NotClear,
    /// What local rules want a fund to begin with has not come.
    #[error("the fund must begin with {wanted} fen and holds {holds}")]
    InitialMissing {
        /// What is wanted.
        wanted: Fen,
        /// What is there.
        holds: Fen,
    },
    /// One amendment is decided before the next.
    #[error("another amendment waits for a decision")]
    AmendmentWaits,
    /// The table of parameters cannot be used.
    #[error(transparent)]
    Parameters(#[from] OverrideError),
    /// The project behind it.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The books.
    #[error(transparent)]
    Books(#[from] LedgerError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl FundError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Parameters(_) => tracing::Level::ERROR,
            Self::Books(error) => error.severity(),
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
            Self::FourEyes => LedgerError::FourEyes.problem(),
            Self::NotFit => Problem::new(NOT_FIT).field("project"),
            Self::Exists => Problem::new(EXISTS),
            Self::NotClear => Problem::new(NOT_CLEAR),
            Self::InitialMissing { wanted, holds } => Problem::new(INITIAL)
                .arg("wanted", wanted.to_grouped())
                .arg("holds", holds.to_grouped())
                .arg("lacks", wanted.minus(holds).unwrap_or_default().to_grouped()),
            Self::AmendmentWaits => Problem::new(WAITS),
            Self::Parameters(error) => error.into(),
            Self::Project(error) => error.problem(),
            Self::Books(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<kernel::MoneyError> for FundError {
    fn from(error: kernel::MoneyError) -> Self {
        Self::Books(error.into())
    }
}

impl From<FundError> for Problem {
    fn from(error: FundError) -> Self {
        error.problem()
    }
}
