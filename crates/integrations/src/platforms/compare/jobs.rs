//! Every morning: the platforms' totals against ours.

use kernel::BusinessDay;
use platform::Services;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde_json::{Value, json};

use super::compare_all;
use crate::platforms::Platforms;

/// The kind of the job.
pub const KIND: &str = "platform_compare";
/// When: after the night's imports, before the first officer comes.
pub const NIGHTLY: Nightly = Nightly { kind: KIND, hour: 7 };

/// Compares every connected account.
pub struct ComparePlatforms {
    /// The platforms.
    pub platforms: Platforms,
}

impl Handler for ComparePlatforms {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, run: &'a Run, _services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let day = run.job.input.get("day").and_then(Value::as_str);
            let day = day.map(BusinessDay::parse).and_then(Result::ok);
            let day = day.ok_or_else(|| JobError::Refused("the job names no day".into()))?;
            let all = compare_all(&self.platforms, day).await;
            let all = all.map_err(|error| JobError::Retry(error.to_string()))?;
            let mut made = Vec::new();
            let mut failed = None;
            for (account, compared) in all {
                match compared {
                    Ok(done) => made.push(json!({
                        "platform": account.platform,
                        "pages": done.pages,
                        "differing": done.differing,
                    })),
                    Err(error) => failed = Some(error.to_string()),
                }
            }
            match failed {
                Some(error) => Err(JobError::Retry(error)),
                None => Ok(json!({ "day": day, "accounts": made })),
            }
        })
    }
}
