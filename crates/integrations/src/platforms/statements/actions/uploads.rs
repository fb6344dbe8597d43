//! Taking the files of a statement in: stored one by one, then put in line together.

use std::path::PathBuf;

use kernel::id::hex;
use kernel::{JobId, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use platform::jobs::{self, NewJob};
use tokio::io::AsyncWriteExt as _;

use super::super::error::FileError;
use super::super::jobs::{Input, KIND, StoredPart};
use super::super::profile::FileKind;
use crate::importing::Mode;
use crate::importing::actions::upload_path;
use crate::platforms::model::PlatformCode;

/// A file being taken in; its bytes are written as they come. What is not put in line is removed.
pub struct Part {
    stored: String,
    path: PathBuf,
    file: tokio::fs::File,
}

impl Part {
    /// Begins a file.
    ///
    /// # Errors
    /// [`FileError::Disk`].
    pub async fn begin(services: &Services) -> Result<Self, FileError> {
        let stored = hex(&services.rng.secret()[..16]);
        let path = upload_path(services, &stored);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        let mut options = tokio::fs::OpenOptions::new();
        let file = options.create_new(true).write(true).mode(0o600).open(&path).await?;
        Ok(Self { stored, path, file })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`FileError::Disk`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        Ok(self.file.write_all(bytes).await?)
    }

    /// Ends the file: it is durable then.
    ///
    /// # Errors
    /// [`FileError::Disk`].
    pub async fn end(self, kind: FileKind, name: &str) -> Result<StoredPart, FileError> {
        self.file.sync_all().await?;
        Ok(StoredPart {
            upload: self.stored,
            kind,
            name: name.to_owned(),
        })
    }

    /// Takes it away again.
    pub async fn forget(self) {
        if let Err(error) = tokio::fs::remove_file(&self.path).await {
            tracing::warn!(%error, "a refused upload could not be removed");
        }
    }
}

/// What an upload is to become.
pub struct Upload {
    /// The unit whose account with the platform it is.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// Its files.
    pub parts: Vec<StoredPart>,
    /// Texts of profiles of one's own.
    pub profiles: Vec<String>,
    /// The settlement's number, when the file has none.
    pub number: Option<String>,
    /// Whether anything is stored.
    pub mode: Mode,
}

/// Puts the import of an upload in line; needs [`Permission::GiftImport`]. Watch the job for progress and report.
///
/// # Errors
/// [`FileError`]; the files are removed then.
pub async fn take_upload(services: &Services, by: &Actor, upload: Upload) -> Result<JobId, FileError> {
    let input = Input {
        platform: upload.platform,
        parts: upload.parts,
        profiles: upload.profiles,
        number: upload.number,
        dry_run: upload.mode == Mode::DryRun,
    };
    let put = async {
        by.require(Permission::GiftImport, upload.unit)?;
        let mut tx = services.db.begin().await?;
        let job = NewJob {
            unit: upload.unit,
            kind: KIND,
            input: serde_json::to_value(&input).unwrap_or_default(),
            by: by.id,
            not_before: None,
            once_key: None,
        };
        let id = jobs::enqueue(&mut tx, job, services).await?;
        tx.commit().await?;
        Ok::<JobId, FileError>(id)
    };
    let put = put.await;
    if put.is_err() {
        for part in &input.parts {
            let _ = tokio::fs::remove_file(upload_path(services, &part.upload)).await;
        }
    }
    put
}
