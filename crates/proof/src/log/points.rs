//! Where the write path can be cut, by name: tests end the process there and look what the next one makes of it.

use std::str::FromStr;

use super::error::LogError;

/// A place in the write path, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// The batch is in the transaction, signed, not committed.
    BeforeCommit,
    /// The head has moved; its cursor has not.
    AfterCommit,
    /// The cursor has moved; nothing of the batch is published.
    BeforeFiles,
    /// A file's bytes are half written under its passing name.
    InFile,
    /// A file stands under its name; the next ones do not.
    BetweenFiles,
    /// All tiles and bundles are durable; no witness was asked.
    BeforeWitnesses,
    /// The witnesses have cosigned; the checkpoint is the old one.
    BeforeCheckpoint,
    /// The new checkpoint is published; nobody was told.
    AfterCheckpoint,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::BeforeFiles,
        Self::InFile,
        Self::BetweenFiles,
        Self::BeforeWitnesses,
        Self::BeforeCheckpoint,
        Self::AfterCheckpoint,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeCommit => "before-commit",
            Self::AfterCommit => "after-commit",
            Self::BeforeFiles => "before-files",
            Self::InFile => "in-file",
            Self::BetweenFiles => "between-files",
            Self::BeforeWitnesses => "before-witnesses",
            Self::BeforeCheckpoint => "before-checkpoint",
            Self::AfterCheckpoint => "after-checkpoint",
        }
    }
}

impl FromStr for Point {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|point| point.as_str() == word);
        found.ok_or_else(|| format!("one of {} is expected", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// Who is told at each point, and may end the work there.
pub trait Points: Send + Sync {
    /// The work has come to this point.
    ///
    /// # Errors
    /// [`LogError::Ended`]: nothing after this point happens, as if the process had ended.
    fn pass(&self, point: Point) -> Result<(), LogError>;
}

/// The work goes on.
pub struct GoOn;

impl Points for GoOn {
    fn pass(&self, _point: Point) -> Result<(), LogError> {
        Ok(())
    }
}
