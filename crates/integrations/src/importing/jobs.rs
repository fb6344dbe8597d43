//! The job that imports an uploaded file, with progress that can be watched and left.

use giving::donations::Intake;
use giving::donations::intake::Matching;
use kernel::{ProjectId, ReceivingAccountId};
use platform::Services;
use platform::jobs::{Handler, JobError, Run, Work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::upload_path;
use super::{Mode, OnRefused, Order, import};
use crate::bills::Profile;

/// The kind of the job.
pub const KIND: &str = "gift_import";

/// What the job is told; ids as hexadecimal, no personal data.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// The name of the stored upload.
    pub upload: String,
    /// The file's own name, for the report.
    pub name: String,
    /// The project.
    pub project: String,
    /// The account, unless the profile decides.
    pub account: Option<String>,
    /// The built-in profile, unless the file decides.
    pub profile: Option<String>,
    /// The text of the unit's own profile, as it was when the file was uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_profile: Option<String>,
    /// Whether good rows of a file with refused ones are kept.
    pub keep_good: bool,
    /// Whether nothing is stored.
    pub dry_run: bool,
    /// Whether pools may match its gifts; jobs put in line before this could be said do not.
    #[serde(default)]
    pub matched: bool,
}

/// Imports uploads.
pub struct ImportUploads {
    /// The way in for gifts.
    pub intake: Intake,
}

impl Handler for ImportUploads {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(work(&self.intake, run, services))
    }
}

fn id<I: kernel::id::Id>(text: &str) -> Result<I, JobError> {
    let bytes = data_encoding::HEXLOWER
        .decode(text.as_bytes())
        .ok()
        .and_then(|b| b.try_into().ok());
    bytes
        .map(I::from_bytes)
        .ok_or_else(|| JobError::Refused("the job names no id".into()))
}

fn profile_of(input: &Input) -> Result<Option<Profile>, JobError> {
    match (&input.own_profile, &input.profile) {
        (Some(text), _) => Profile::from_toml(text)
            .map(Some)
            .map_err(|error| JobError::Refused(error.to_string())),
        (None, name) => Ok(name.as_deref().and_then(Profile::find).cloned()),
    }
}

async fn work(intake: &Intake, run: &Run, services: &Services) -> Result<Value, JobError> {
    let input: Input = serde_json::from_value(run.job.input.clone()).map_err(|e| JobError::Refused(e.to_string()))?;
    let path = upload_path(services, &input.upload);
    if !path.exists() {
        return Err(JobError::Refused("the uploaded file is gone; upload it again".into()));
    }
    let order = Order {
        path: path.clone(),
        unit: run.job.unit,
        project: id::<ProjectId>(&input.project)?,
        account: input.account.as_deref().map(id::<ReceivingAccountId>).transpose()?,
        profile: profile_of(&input)?,
        refused: if input.keep_good {
            OnRefused::KeepGood
        } else {
            OnRefused::ChangeNothing
        },
        matching: if input.matched { Matching::ByRule } else { Matching::Not },
        mode: if input.dry_run { Mode::DryRun } else { Mode::Import },
        actor: run.job.by,
    };
    let told = |done: u64, total: u64| {
        run.progress(done.cast_signed(), total.cast_signed(), "gifts");
    };
    let mut report = import(&order, services, intake, told)
        .await
        .map_err(|error| match error {
            super::ImportError::Intake(_) | super::ImportError::Order(_) | super::ImportError::Db(_) => {
                JobError::Retry(error.to_string())
            }
            other => JobError::Refused(other.to_string()),
        })?;
    report.file.clone_from(&input.name);
    // The file holds names; the gifts have them sealed now.
    if let Err(error) = tokio::fs::remove_file(&path).await {
        tracing::warn!(%error, "an uploaded file could not be removed after its import");
    }
    let mut document = serde_json::to_value(&report).unwrap_or_default();
    document["import_id"] = json!(report.import.map(|run| kernel::id::public(&*services.keys, run)));
    Ok(document)
}
