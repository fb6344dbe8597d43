//! What can go wrong with a notice. Nothing was changed.

use db::DbError;
use governance::approvals::ApprovalError;
use platform::files::FileError;
use platform::identity::Forbidden;
use web::{Kind, Problem};

use super::model::StateWord;

/// Not possible where it stands.
pub const STATE: Kind = Kind::new("notice-state", 409);
/// A case about it is being decided, or was.
pub const ASKED: Kind = Kind::new("notice-asked", 409);
/// It was corrected or withdrawn meanwhile: what it corrects no longer stands.
pub const OUTDATED: Kind = Kind::new("notice-outdated", 409);
/// A file of another kind.
pub const FILE_KIND: Kind = Kind::new("notice-file-kind", 422);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[STATE, ASKED, OUTDATED, FILE_KIND];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// No such thing, or none of a unit in which the actor may act.
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
    /// Not possible where it stands.
    #[error("the notice is {0}")]
    State(StateWord),
    /// A case about it is being decided, or was.
    #[error("a case about it is being decided")]
    Asked,
    /// What it corrects no longer stands.
    #[error("what it corrects no longer stands")]
    Outdated,
    /// A file of another kind.
    #[error("neither a PDF nor a PNG nor a JPEG")]
    FileKind,
    /// Its bytes.
    #[error(transparent)]
    File(#[from] FileError),
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// What the engine of approvals says.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl NoticeError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::File(_) => tracing::Level::ERROR,
            Self::Approval(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::State(state) => Problem::new(STATE).arg("state", state),
            Self::Asked => Problem::new(ASKED),
            Self::Outdated => Problem::new(OUTDATED),
            Self::FileKind => Problem::new(FILE_KIND),
            Self::File(error) => error.problem(),
            Self::Forbidden(error) => error.problem(),
            Self::Approval(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<NoticeError> for Problem {
    fn from(error: NoticeError) -> Self {
        error.problem()
    }
}
