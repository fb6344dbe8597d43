//! The job that tells one thing to a platform.

use kernel::id::Id as _;
use platform::Services;
use platform::jobs::{Handler, JobError, Run, Work};
use serde_json::{Value, json};

use super::send;
use crate::platforms::Platforms;
use crate::platforms::model::PushId;

/// The kind of the job.
pub const KIND: &str = "platform_push";

/// Tells platforms.
pub struct TellPlatforms {
    /// The platforms.
    pub platforms: Platforms,
}

impl Handler for TellPlatforms {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, run: &'a Run, _services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let id = run.job.input.get("push").and_then(Value::as_str).unwrap_or_default();
            let id = data_encoding::HEXLOWER.decode(id.as_bytes()).ok();
            let id = id.and_then(|bytes| bytes.try_into().ok()).map(PushId::from_bytes);
            let id = id.ok_or_else(|| JobError::Refused("the job names no push".into()))?;
            let told = send(&self.platforms, id).await;
            let told = told.map_err(|error| JobError::Retry(error.to_string()))?;
            Ok(json!({ "state": told.state, "proc_id": told.proc_id }))
        })
    }
}
