//! What can go wrong with a team. Nothing was changed.

use db::DbError;
use kernel::ParameterError;
use platform::identity::error::Forbidden;
use platform::keys::KeyError;
use web::Problem;
use web::problem::Kind;

use crate::projects::NotAccepting;

/// The team takes no gifts now.
pub const TEAM_NOT_OPEN: Kind = Kind::new("team-not-open", 409);
/// Not possible in its state.
pub const TEAM_STATE: Kind = Kind::new("team-state", 409);
/// Another tag has the word.
pub const TAG_TAKEN: Kind = Kind::new("tag-taken", 409);
/// The same key came with another team before.
pub const TEAM_KEY_REUSED: Kind = Kind::new("team-key-reused", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[TEAM_NOT_OPEN, TEAM_STATE, TAG_TAKEN, TEAM_KEY_REUSED];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
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
    /// The project takes no gifts now.
    #[error(transparent)]
    ProjectClosed(#[from] NotAccepting),
    /// The team takes no gifts now.
    #[error("this team takes no gifts now")]
    NotOpen,
    /// Not possible in its state.
    #[error("the team is {0}")]
    State(&'static str),
    /// Another tag has the word.
    #[error("the tag “{0}” exists")]
    TagTaken(String),
    /// The same key with another team.
    #[error("this key was used for another team")]
    KeyReused,
    /// A sealed text cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A parameter.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl TeamError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Key(_) | Self::Parameter(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::ProjectClosed(why) => Problem::new(crate::donations::error::PROJECT_CLOSED)
                .field("project")
                .arg("reason", why),
            Self::NotOpen => Problem::new(TEAM_NOT_OPEN).field("team"),
            Self::State(state) => Problem::new(TEAM_STATE).arg("state", state),
            Self::TagTaken(code) => Problem::new(TAG_TAKEN).field("code").arg("code", code),
            Self::KeyReused => Problem::new(TEAM_KEY_REUSED).field("key"),
            Self::Db(error) => platform::problems::of_db(&error),
            Self::Key(_) | Self::Parameter(_) => {
                tracing::error!(error = %self, "a team cannot be read");
                Problem::internal()
            }
        }
    }
}

impl From<TeamError> for Problem {
    fn from(error: TeamError) -> Self {
        error.problem()
    }
}
