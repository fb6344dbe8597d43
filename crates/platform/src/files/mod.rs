//! Files: stored bytes, named by their hash.
//!
//! The bytes lie in `files/ab/cdef…` of the data folder, also beside PostgreSQL; a row of `file` says whose they are.
//! [`write`] makes them durable (temporary name, sync, rename) before any row names them, so a row never lacks its
//! bytes; bytes without a row do no harm and are found by the next writer. What is personal is handed in sealed.

mod blobs;
mod store;
#[cfg(test)]
mod tests;

pub use blobs::{Blobs, Digest, Written};
pub use store::{FileRow, find, forget, record};

use db::DbError;
use kernel::{FileId, UnitId};
use tokio::io::AsyncRead;

use crate::Services;

/// What can go wrong with files.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk is full; nothing was stored.
    #[error("the disk of the data folder is full")]
    Full,
    /// Larger than the caller takes; nothing was stored.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// There is a row but its bytes are missing or altered: restore `files/` from a backup.
    #[error("the bytes of a stored file are missing or altered")]
    Damaged,
    /// The folder cannot be read or written.
    #[error("the folder of files: {0}")]
    Io(std::io::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl FileError {
    /// As it leaves the house.
    pub fn problem(self) -> web::Problem {
        match self {
            Self::TooLarge(max) => web::Problem::new(web::problem::TOO_LARGE).arg("limit", max),
            Self::Db(error) => crate::problems::of_db(&error),
            Self::Full => {
                tracing::error!("the disk of the data folder is full");
                web::Problem::unavailable(60)
            }
            other => {
                tracing::error!(error = %other, "a stored file cannot be used");
                web::Problem::internal()
            }
        }
    }
}

/// The folder of this installation's files.
pub fn blobs(services: &Services) -> Blobs {
    Blobs::new(services.data.join("files"))
}

/// What a file is, beside its bytes.
#[derive(Debug, Clone)]
pub struct About {
    /// Whose it is.
    pub unit: UnitId,
    /// `application/pdf`.
    pub media_type: String,
    /// Whether the bytes are sealed.
    pub sealed: Sealed,
}

/// Whether stored bytes can be read as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// They can.
    Plain,
    /// They are ciphertext under a secret that the caller keeps elsewhere.
    Sealed,
}

/// Stores bytes and their row in one go; for callers without a transaction of their own.
///
/// # Errors
/// [`FileError`].
pub async fn save(
    services: &Services,
    about: &About,
    bytes_max: u64,
    from: impl AsyncRead + Unpin,
) -> Result<(FileId, Written), FileError> {
    let written = blobs(services).write(from, bytes_max, &*services.rng).await?;
    let mut tx = services.db.begin().await?;
    let id = record(&mut tx, about, written, services).await?;
    tx.commit().await?;
    Ok((id, written))
}
