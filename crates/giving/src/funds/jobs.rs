//! The job that looks after the funds every night: fees of months that are over, alerts.

use platform::Services;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde_json::json;

use super::actions;
use super::error::FundError;

/// The kind of the job.
const LOOK: &str = "named_funds_look";
/// The hour of Beijing: after the books were recounted.
pub const NIGHTLY: Nightly = Nightly { kind: LOOK, hour: 4 };

/// Looks after all funds.
pub struct LookAfterFunds;

impl Handler for LookAfterFunds {
    fn kind(&self) -> &'static str {
        LOOK
    }
    fn work<'a>(&'a self, _run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            match actions::look_after(services).await {
                Ok(looked) => Ok(json!(looked)),
                Err(FundError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}
