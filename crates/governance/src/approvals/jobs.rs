//! The jobs of this slice: the clock of a case, and word to those who are asked.

use kernel::ActorId;
use platform::Services;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use platform::notify::Message;
use serde_json::json;

use super::actions;
use super::error::ApprovalError;
use super::model::{CaseId, from_hex};
use super::queries;

/// The kind of the clock's job.
pub const CLOCK: &str = "approval_clock";
/// The kind of the job that tells people.
pub const TELL: &str = "approval_tell";
/// The kind of the job that takes away files which no case names.
pub const DROP_FILES: &str = "approval_files_drop";
/// The hour of Beijing: while nobody hands anything in.
pub const NIGHTLY: Nightly = Nightly {
    kind: DROP_FILES,
    hour: 4,
};
/// The template of the message; operators have it approved by their provider.
pub const TEMPLATE: &str = "approval";

/// Reminds, escalates and closes votes when a stage's time comes.
pub struct Clock;

impl Handler for Clock {
    fn kind(&self) -> &'static str {
        CLOCK
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let case = case_of(run)?;
            match actions::tick(services, case).await {
                Ok(done) => Ok(json!({ "done": done })),
                Err(ApprovalError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}

/// Takes away files that no case names.
pub struct DropFiles;

impl Handler for DropFiles {
    fn kind(&self) -> &'static str {
        DROP_FILES
    }
    fn work<'a>(&'a self, _: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            match actions::drop_unnamed(services).await {
                Ok(looked) => Ok(json!({ "kept": looked.kept, "dropped": looked.dropped })),
                Err(ApprovalError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}

/// Sends a message to those who are asked and have left a telephone or an e-mail. What it says is a case's number and its kind: the
/// case itself is read behind the sign-in.
pub struct Tell;

impl Handler for Tell {
    fn kind(&self) -> &'static str {
        TELL
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let case = case_of(run)?;
            if !services.notify.is_there() {
                return Ok(json!({ "told": 0 }));
            }
            let people: Vec<ActorId> = run.job.input["to"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|who| from_hex(who.as_str()?))
                .collect();
            let what = run.job.input["what"].as_str().unwrap_or_default();
            let mut at = services.db.snapshot().await?;
            let Some((row, policy, ..)) = queries::loaded(&mut at, case).await? else {
                return Err(JobError::Refused("there is no such case".to_owned()));
            };
            let addresses = platform::identity::queries::addresses(&mut at, &services.keys, &people).await?;
            drop(at);
            let number = kernel::id::public(&*services.keys, row.id);
            let link = format!("{}/console/approvals/{number}", services.base_url);
            let locale = web::Locale::default();
            let values = [("kind", policy.policy.title.clone()), ("link", link.clone())];
            let text = locale.text(&format!("approvals.told.{what}"), &values);
            let mut told = 0;
            for to in addresses {
                let message = Message {
                    to,
                    template: TEMPLATE,
                    text: text.clone(),
                    values: vec![("kind", policy.policy.title.clone()), ("link", link.clone())],
                };
                // One number that is wrong keeps no word from the others.
                match services.notify.send(&message).await {
                    Ok(()) => told += 1,
                    Err(error) => tracing::warn!(job = ?run.job.id, %error, "a decider was not told"),
                }
            }
            Ok(json!({ "told": told }))
        })
    }
}

fn case_of(run: &Run) -> Result<CaseId, JobError> {
    let case = run.job.input["case"].as_str().and_then(from_hex);
    case.ok_or_else(|| JobError::Refused("no case is named".to_owned()))
}
