//! Why a platform's files were not brought in. What is wrong inside them is no error but a list in the report.

use db::DbError;
use giving::donations::intake::IntakeError;
use platform::identity::Forbidden;

use super::profile::FileKind;
use crate::bills::BillError;
use crate::platforms::error::PlatformError;

/// Why files were not brought in. None of the texts carries a cell of a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A profile file is wrong.
    #[error("the profile cannot be used: {0}")]
    Profile(String),
    /// No profile reads this kind of file of this platform.
    #[error("no built-in profile reads the {} of {platform}; hand in your own", kind.en())]
    NoProfile {
        /// The platform.
        platform: &'static str,
        /// The kind.
        kind: FileKind,
    },
    /// The file has no header of the profile.
    #[error("{file}: the header of profile “{profile}” was not found")]
    NoHeader {
        /// The file.
        file: String,
        /// The profile.
        profile: String,
    },
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Bill {
        /// The file.
        file: String,
        /// Why.
        error: BillError,
    },
    /// The number of the settlement is neither in the file nor told, or the file has several.
    #[error("{0}")]
    Number(&'static str),
    /// More lines than one statement has.
    #[error("{file} has more than {max} lines; bring the settlements in one by one")]
    TooMany {
        /// The file.
        file: String,
        /// The limit.
        max: usize,
    },
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The platform's account, or what else the register lacks.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The intake stopped taking gifts. Those of earlier chunks are kept; the same files add the rest.
    #[error("{0}; what was already brought in is kept, import the same files again to add the rest")]
    Intake(#[from] IntakeError),
    /// The database refused.
    #[error("{0}")]
    Db(#[from] DbError),
    /// The disk.
    #[error("the file cannot be stored or read: {0}")]
    Disk(#[from] std::io::Error),
    /// The reader's thread ended without a word.
    #[error("the reader stopped unexpectedly; what was already brought in is kept, import the same files again")]
    Reader,
}

impl FileError {
    /// Whether the same may go well later.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Intake(_) | Self::Db(_))
    }
}
