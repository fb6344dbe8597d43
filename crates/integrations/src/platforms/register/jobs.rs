//! Every night: papers that end soon.

use platform::Services;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde_json::json;

use super::tell_ending;

/// The kind of the job.
pub const KIND: &str = "platform_papers";
/// When: before the first officer comes.
pub const NIGHTLY: Nightly = Nightly { kind: KIND, hour: 6 };

/// Tells of papers that end soon.
pub struct TellEnding;

impl Handler for TellEnding {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, _run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let told = tell_ending(services)
                .await
                .map_err(|e| JobError::Retry(e.to_string()))?;
            Ok(json!({ "told": told.len() }))
        })
    }
}
