//! The jobs of this slice: the time to confirm a document, and word to the units that received it.

use kernel::UnitId;
use platform::Services;
use platform::identity::Permission;
use platform::jobs::{Handler, JobError, Run, Work};
use serde_json::json;

use super::error::DocumentError;
use super::model::DocumentId;
use super::{actions, queries};
use crate::approvals::model::from_hex;
use crate::duty::told::{Word, tell};

/// The kind of a document's clock.
pub const CLOCK: &str = "document_clock";
/// The kind of the job that tells units.
pub const TELL: &str = "document_tell";

/// Reminds those that have not confirmed when the time is over.
pub struct Clock;

impl Handler for Clock {
    fn kind(&self) -> &'static str {
        CLOCK
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            match actions::tick(services, document_of(run)?).await {
                Ok(units) => Ok(json!({ "units": units })),
                Err(DocumentError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}

/// Tells the receiving units that a document came, waits or was withdrawn. What it says is the number alone: the document
/// itself is read behind the sign-in.
pub struct Tell;

impl Handler for Tell {
    fn kind(&self) -> &'static str {
        TELL
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let id = document_of(run)?;
            let what = run.job.input["what"].as_str().unwrap_or_default();
            let units = run.job.input["units"].as_array().into_iter().flatten();
            let units: Vec<UnitId> = units.filter_map(|unit| from_hex(unit.as_str()?)).collect();
            let mut at = services.db.snapshot().await?;
            let document = queries::document(&mut at, id).await?;
            drop(at);
            let document = document.ok_or_else(|| JobError::Refused("there is no such document".to_owned()))?;
            let word = Word {
                key: format!("documents.told.{what}"),
                values: vec![("code", document.code)],
                place: format!("documents?document={}", kernel::id::public(&*services.keys, id)),
                permission: Permission::DocumentRead,
            };
            let told = tell(services, &units, &word).await?;
            Ok(json!({ "told": told }))
        })
    }
}

fn document_of(run: &Run) -> Result<DocumentId, JobError> {
    let document = run.job.input["document"].as_str().and_then(from_hex);
    document.ok_or_else(|| JobError::Refused("no document is named".to_owned()))
}
