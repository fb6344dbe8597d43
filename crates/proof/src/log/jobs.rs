//! What is stated every night: what the books say of every unit, and the root over SM3 where the second suite is switched on.

use platform::Services;
use platform::identity::Actor;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde_json::json;

use super::actions::Log;

const STATE: &str = "log_state_totals";
/// After the books were recounted at three: what is stated stands for ever.
pub const NIGHTLY: Nightly = Nightly { kind: STATE, hour: 4 };

/// States the totals of every unit whose figures moved since they were stated last.
pub struct StateTotals {
    /// The log; none where this program does not write it.
    pub log: Option<Log>,
}

impl Handler for StateTotals {
    fn kind(&self) -> &'static str {
        STATE
    }
    fn work<'a>(&'a self, _: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let Some(log) = &self.log else {
                return Err(JobError::Retry("the public log is not written here".into()));
            };
            let stated = log.state_nightly(services, &Actor::operator()).await;
            stated
                .map(|units| json!({ "stated": units }))
                .map_err(|error| JobError::Retry(error.to_string()))
        })
    }
}

const SM3_ROOT: &str = "log_state_sm3_root";
/// After the totals, so that it covers them.
pub const SM3_NIGHTLY: Nightly = Nightly {
    kind: SM3_ROOT,
    hour: 5,
};

/// States the root over SM3 of everything that is signed, while the second suite is switched on.
pub struct StateSm3Root {
    /// The log; none where this program does not write it.
    pub log: Option<Log>,
}

impl Handler for StateSm3Root {
    fn kind(&self) -> &'static str {
        SM3_ROOT
    }
    fn work<'a>(&'a self, _: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let Some(log) = &self.log else {
                return Err(JobError::Retry("the public log is not written here".into()));
            };
            let stated = log.state_sm3_root(services, &Actor::operator()).await;
            stated
                .map(|size| json!({ "size": size }))
                .map_err(|error| JobError::Retry(error.to_string()))
        })
    }
}
