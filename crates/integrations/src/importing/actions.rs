//! Taking an upload in: store the file, put its import in line.

use std::path::PathBuf;

use giving::donations::intake::Matching;
use kernel::id::{Id as _, hex};
use kernel::{JobId, ProjectId, ReceivingAccountId, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use platform::jobs::{self, NewJob};
use tokio::io::AsyncWriteExt as _;

use super::jobs::{Input, KIND};

/// A profile that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// One that comes with the programme, by its name.
    BuiltIn(String),
    /// The unit's own, as it is now.
    Own(String),
}

/// What an upload is to become.
pub struct Upload<'a> {
    /// The file's own name, for the report.
    pub name: &'a str,
    /// The unit whose account received the money.
    pub unit: UnitId,
    /// The project of all its gifts.
    pub project: ProjectId,
    /// The account, unless the profile decides.
    pub account: Option<ReceivingAccountId>,
    /// The profile, unless the file decides.
    pub profile: Option<Chosen>,
    /// Whether good rows of a file with refused ones are kept.
    pub keep_good: super::OnRefused,
    /// Whether anything is stored.
    pub mode: super::Mode,
    /// Whether pools may match its gifts.
    pub matching: Matching,
}

/// Why an upload was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The actor may not.
    #[error("{0}")]
    Forbidden(#[from] platform::identity::Forbidden),
    /// The disk.
    #[error("the file could not be stored: {0}")]
    File(#[from] std::io::Error),
    /// The database.
    #[error("{0}")]
    Db(#[from] db::DbError),
}

/// Where an upload is kept until it is imported.
pub(crate) fn upload_path(services: &Services, name: &str) -> PathBuf {
    let plain: String = name.chars().filter(char::is_ascii_hexdigit).collect();
    services.data.join("uploads").join(plain)
}

/// Stores the file and puts its import in line; watch the job for progress and report.
///
/// # Errors
/// [`UploadError`]; no file is kept then.
pub async fn take_upload(
    services: &Services,
    by: &Actor,
    upload: &Upload<'_>,
    bytes: &[u8],
) -> Result<JobId, UploadError> {
    by.require(Permission::GiftImport, upload.unit)?;
    let stored = hex(&services.rng.secret()[..16]);
    let path = upload_path(services, &stored);
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let mut file = tokio::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    let input = Input {
        upload: stored,
        name: upload.name.to_owned(),
        project: hex(&upload.project.bytes()),
        account: upload.account.map(|id| hex(&id.bytes())),
        profile: match &upload.profile {
            Some(Chosen::BuiltIn(name)) => Some(name.clone()),
            Some(Chosen::Own(_)) | None => None,
        },
        own_profile: match &upload.profile {
            Some(Chosen::Own(text)) => Some(text.clone()),
            Some(Chosen::BuiltIn(_)) | None => None,
        },
        keep_good: upload.keep_good == super::OnRefused::KeepGood,
        dry_run: upload.mode == super::Mode::DryRun,
        matched: upload.matching == Matching::ByRule,
    };
    let put = async {
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
        Ok(id)
    };
    let put: Result<JobId, db::DbError> = put.await;
    if put.is_err() {
        let _ = tokio::fs::remove_file(&path).await;
    }
    Ok(put?)
}
