//! The job that brings an uploaded statement in, with progress that can be watched and left.

use giving::donations::Intake;
use giving::donations::intake::Matching;
use kernel::id::public;
use platform::Services;
use platform::jobs::{Handler, JobError, Run, Work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Files, Order, import};
use super::profile::{FileKind, Profile};
use crate::importing::Mode;
use crate::importing::actions::upload_path;
use crate::platforms::model::PlatformCode;

/// The kind of the job.
pub const KIND: &str = "platform_import";

/// A stored file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredPart {
    /// The name of the stored upload.
    pub upload: String,
    /// What it is.
    pub kind: FileKind,
    /// The file's own name, for the report.
    pub name: String,
}

/// What the job is told; no personal data.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    pub platform: PlatformCode,
    pub parts: Vec<StoredPart>,
    #[serde(default)]
    pub profiles: Vec<String>,
    pub number: Option<String>,
    pub dry_run: bool,
}

/// Brings uploaded statements in.
pub struct ImportStatements {
    /// The way in for gifts.
    pub intake: Intake,
}

impl Handler for ImportStatements {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(work(&self.intake, run, services))
    }
}

fn files_of(input: &Input, services: &Services) -> Result<Files, JobError> {
    let mut files = Files::default();
    let mut settlement = None;
    for part in &input.parts {
        let path = upload_path(services, &part.upload);
        if !path.exists() {
            return Err(JobError::Refused(
                "an uploaded file is gone; upload all of them again".into(),
            ));
        }
        files.names.insert(path.clone(), part.name.clone());
        match part.kind {
            FileKind::Detail => files.details.push(path),
            FileKind::Matching => files.matchings.push(path),
            FileKind::Settlement => settlement = Some(path),
        }
    }
    files.settlement = settlement.ok_or_else(|| JobError::Refused("a settlement is needed".into()))?;
    for text in &input.profiles {
        files
            .profiles
            .push(Profile::from_toml(text).map_err(|error| JobError::Refused(error.to_string()))?);
    }
    Ok(files)
}

async fn work(intake: &Intake, run: &Run, services: &Services) -> Result<Value, JobError> {
    let input: Input = serde_json::from_value(run.job.input.clone()).map_err(|e| JobError::Refused(e.to_string()))?;
    let order = Order {
        unit: run.job.unit,
        platform: input.platform,
        files: files_of(&input, services)?,
        number: input.number.clone(),
        mode: if input.dry_run { Mode::DryRun } else { Mode::Import },
        matching: Matching::Not,
        actor: run.job.by,
    };
    let told = |done: u64, total: u64| run.progress(done.cast_signed(), total.cast_signed(), "gifts");
    let brought = import(&order, services, intake, told).await;
    if brought.as_ref().is_err_and(super::FileError::may_pass) {
        return Err(JobError::Retry(
            brought.err().map(|e| e.to_string()).unwrap_or_default(),
        ));
    }
    // The files hold names; the gifts have them sealed now, or they were refused.
    for part in &input.parts {
        if let Err(error) = tokio::fs::remove_file(upload_path(services, &part.upload)).await {
            tracing::warn!(%error, "an uploaded file could not be removed after its import");
        }
    }
    let report = brought.map_err(|error| JobError::Refused(error.to_string()))?;
    let mut document = serde_json::to_value(&report).unwrap_or_default();
    document["statement"] = json!(report.statement.map(|id| public(&*services.keys, id)));
    Ok(document)
}
