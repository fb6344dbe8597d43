//! What can be wrong with a document, and how it leaves the house.

use db::DbError;
use platform::files::FileError;
use platform::identity::Forbidden;
use platform::keys::KeyError;
use web::{Kind, Problem};

use super::rules::Refusal;

/// It was withdrawn.
pub const WITHDRAWN: Kind = Kind::new("document-withdrawn", 409);
/// Nobody is left to be reminded.
pub const NOBODY_TO_REMIND: Kind = Kind::new("document-nobody-to-remind", 409);
/// Somebody of the receiving unit itself reads and confirms.
pub const NOT_OF_UNIT: Kind = Kind::new("document-not-of-unit", 403);
/// Neither a PDF nor a PNG nor a JPEG.
pub const FILE_KIND: Kind = Kind::new("document-file-kind", 422);
/// The key was used for another document.
pub const KEY_REUSED: Kind = Kind::new("document-key-reused", 409);
/// A file that was not handed in.
pub const FILE_MISSING: Kind = Kind::new("document-file-missing", 422);

/// The kinds of this slice.
pub const KINDS: &[Kind] = &[
    WITHDRAWN,
    NOBODY_TO_REMIND,
    NOT_OF_UNIT,
    FILE_KIND,
    KEY_REUSED,
    FILE_MISSING,
];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// No such document or unit, or none that the reader may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// What the rules say.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody of the receiving unit itself reads and confirms.
    #[error("only who works in the unit reads and confirms for it")]
    NotOfUnit,
    /// A file of a kind that is not taken.
    #[error("a PDF, a PNG or a JPEG is expected")]
    FileKind,
    /// The key was used for another document.
    #[error("the key was used for another document")]
    KeyReused,
    /// A file that was not handed in.
    #[error("a file was not handed in")]
    FileMissing,
    /// Too many files in a day.
    #[error("too many files today")]
    TooManyFiles,
    /// A stored file, or the disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is sealed cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DocumentError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::File(_) | Self::Key(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Refused(Refusal::Invalid { field, why }) => Problem::invalid(field, why),
            Self::Refused(Refusal::Withdrawn) => Problem::new(WITHDRAWN),
            Self::Refused(Refusal::NobodyToRemind) => Problem::new(NOBODY_TO_REMIND),
            Self::NotOfUnit => Problem::new(NOT_OF_UNIT),
            Self::FileKind => Problem::new(FILE_KIND).field("file"),
            Self::KeyReused => Problem::new(KEY_REUSED).field("key"),
            Self::FileMissing => Problem::new(FILE_MISSING).field("files"),
            Self::TooManyFiles => Problem::invalid("file", "at most 500 files of a unit in a day"),
            Self::File(error) => error.problem(),
            Self::Key(error) => {
                tracing::error!(%error, "a file of a document cannot be opened");
                Problem::internal()
            }
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<DocumentError> for Problem {
    fn from(error: DocumentError) -> Self {
        error.problem()
    }
}
