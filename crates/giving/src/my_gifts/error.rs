//! What can go wrong with “my gifts”. In every case nothing was changed, but for a counted try.

use db::DbError;
use platform::identity::Forbidden;
use web::Problem;

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum MyGiftsError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such thing, or not of this donor.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Wrong, used, too old, or tried too often: the donor is told the same.
    #[error("the code does not fit")]
    WrongCode,
    /// The session has ended.
    #[error("the session has ended")]
    Ended,
    /// The reason is none a donor may give.
    #[error("the reason must be a wrong or a repeated payment")]
    Reason,
    /// There is no unit yet.
    #[error("there is no unit yet")]
    NoRoot,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl MyGiftsError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) | Self::NoRoot => Problem::not_found(),
            Self::WrongCode => Problem::invalid("code", "the code does not fit"),
            Self::Ended => Problem::unauthenticated(),
            Self::Reason => Problem::invalid("reason", "wrong_payment or duplicate_payment"),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<MyGiftsError> for Problem {
    fn from(error: MyGiftsError) -> Self {
        error.problem()
    }
}
