//! Backup and restore, from either database into either.
//!
//! [`backup`] writes one gzip'd file of JSON lines: a header, every row of every table out of one snapshot, the bytes of
//! the folder `files`, a trailer with counts and a hash over all before it. It works while serving, in bounded memory.
//! [`restore`] checks the whole file first, then loads an empty database in one transaction: all or nothing. The
//! installation's key is *not* in the file (only its fingerprint): keep it elsewhere, or the sealed fields stay sealed.
//!
//! Tables and columns are read from the database's own catalogue, so a new migration needs no change here. Not
//! copied: `schema_migration` (the program makes it), and what only PostgreSQL has: a fact's transaction id and the
//! sequencer's mark, which mean nothing elsewhere. A fact's place travels as its first column.

mod archive;
mod catalog;
mod dump;
mod load;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use db::{Backend, DbError};
use kernel::Instant;
use serde::{Deserialize, Serialize};

pub use dump::backup;
pub use load::restore;

/// The version of the file's shape; a program reads only its own.
const FORMAT: u32 = 1;

/// The first line of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the file's shape.
    pub shanqiao_backup: u32,
    /// When its snapshot was taken.
    pub created_at: Instant,
    /// `sqlite` or `postgres`: where it came from; it goes into either.
    pub backend: String,
    /// The migrations its tables have.
    pub migrations: Vec<String>,
    /// Which key opens its sealed fields; never the key.
    pub key_fingerprint: String,
}

/// What a backup holds, or a restore brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows per table.
    pub tables: BTreeMap<String, u64>,
    /// Stored files.
    pub files: u64,
}

/// How far a backup or restore is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The table at hand, or `files`.
    pub what: String,
    /// Rows (or files) of it so far.
    pub done: u64,
}

/// What can go wrong. A backup that fails leaves no file; a restore that fails changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something where the backup should be written.
    #[error("{0} exists already; choose another name")]
    Exists(String),
    /// Not a backup, cut short, or altered.
    #[error("this backup cannot be trusted ({0}); nothing was restored. Take another copy of it")]
    Damaged(String),
    /// Made by a program with other tables.
    #[error("the backup’s tables differ from this program’s ({0}); restore it with the version that made it")]
    OtherSchema(String),
    /// The database to restore into has data.
    #[error("the database is not empty (table {0}); restore into a new one")]
    NotEmpty(String),
    /// A column of a type that this room does not know: a mistake in a migration.
    #[error("the column {0} has a type that a backup cannot carry")]
    Column(String),
    /// The disk or the file.
    #[error("the file of the backup: {0}")]
    Io(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The word for a backend in the header.
const fn word(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    }
}

/// Reads a backup's header without checking the rest.
///
/// # Errors
/// [`BackupError::Damaged`], [`BackupError::Io`].
pub fn header(path: &Path) -> Result<Header, BackupError> {
    archive::Reader::open(path)?.header()
}

/// Checks a whole backup against its trailer: nothing cut off, nothing altered.
///
/// # Errors
/// [`BackupError::Damaged`], [`BackupError::Io`].
pub fn verify(path: &Path) -> Result<(Header, Summary), BackupError> {
    let mut reader = archive::Reader::open(path)?;
    let header = reader.header()?;
    while let Some(line) = reader.line()? {
        if let archive::Line::End(summary) = line {
            return Ok((header, summary));
        }
    }
    Err(BackupError::Damaged("it has no trailer".into()))
}
