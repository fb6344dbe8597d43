//! What can go wrong with a board. Nothing was changed.

use db::DbError;
use kernel::{MoneyError, ParameterError};
use platform::facts::ReactionError;
use platform::identity::error::Forbidden;
use web::Problem;
use web::problem::Kind;

/// The day has no frozen board.
pub const NOT_FROZEN: Kind = Kind::new("board-not-frozen", 404);
/// The board of this campaign is not shown.
pub const NOT_OPEN: Kind = Kind::new("board-not-open", 404);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[NOT_FROZEN, NOT_OPEN];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such thing, or none that the actor may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A field of a request or a line of a file.
    #[error("{field}: {why}")]
    Invalid {
        /// The field, or the line.
        field: String,
        /// What is expected.
        why: String,
    },
    /// The day was not frozen.
    #[error("the boards of {0} were not frozen")]
    NotFrozen(kernel::BusinessDay),
    /// The day is not over.
    #[error("{0} is not over; a day is frozen when it has ended")]
    NotOver(kernel::BusinessDay),
    /// Screening or counting has not come so far.
    #[error("gifts are still being screened and counted ({behind} facts behind); the same again in a moment")]
    Behind {
        /// Facts not yet read.
        behind: i64,
    },
    /// The board of this campaign is not shown.
    #[error("this board is not shown")]
    NotOpen,
    /// A sum that no number holds.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A parameter.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The table of parameters.
    #[error("the parameters cannot be read: {0}")]
    Parameters(String),
    /// A fact that cannot be read.
    #[error("the fact at place {0} cannot be read")]
    Fact(i64),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl BoardError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Fact(_) | Self::Money(_) | Self::Parameter(_) | Self::Parameters(_) => {
                tracing::Level::ERROR
            }
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(&field, why),
            Self::NotFrozen(day) => Problem::new(NOT_FROZEN).arg("day", day),
            Self::NotOver(day) => Problem::invalid("day", format!("{day} is not over")),
            Self::Behind { .. } => Problem::unavailable(2),
            Self::NotOpen => Problem::new(NOT_OPEN),
            Self::Db(error) => platform::problems::of_db(&error),
            Self::Money(_) | Self::Parameter(_) | Self::Parameters(_) | Self::Fact(_) => {
                tracing::error!(error = %self, "a board cannot be made");
                Problem::internal()
            }
        }
    }
}

impl From<BoardError> for Problem {
    fn from(error: BoardError) -> Self {
        error.problem()
    }
}

impl From<BoardError> for ReactionError {
    fn from(error: BoardError) -> Self {
        Self(error.to_string())
    }
}
