//! The job that seals anew.

use std::time::Duration;

use kernel::id::Id as _;
use kernel::{ActorId, UnitId};
use serde_json::json;

use super::SealedColumn;
use super::actions::{self, RoundError};
use super::queries::key_use;
use crate::Services;
use crate::jobs::{Handler, JobError, NewJob, Nightly, Run, Work};

/// The kind of the job.
const KIND: &str = "keys.rewrap";
/// Looked after every night as well: a node with an older key file may have written behind the walk.
pub const NIGHTLY: Nightly = Nightly { kind: KIND, hour: 2 };
/// Between two rounds: at most half of the writer's time goes into this.
const PAUSE: Duration = Duration::from_millis(50);
/// Walks of one attempt: the second finds what was written behind the first.
const WALKS_MAX: usize = 3;

pub(super) fn job(unit: UnitId, newest: u8) -> NewJob {
    NewJob {
        unit,
        kind: KIND,
        input: json!({ "key": newest }),
        by: ActorId::from_bytes([0; 16]),
        not_before: None,
        once_key: Some(format!("{KIND}/{newest}")),
    }
}

/// Seals anew what older keys sealed.
#[derive(Debug, Clone)]
pub struct Rewrap {
    /// The sealed columns of all contexts.
    pub columns: Vec<SealedColumn>,
}

impl Handler for Rewrap {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let report = |done: i64, total: i64| run.progress(done, total, "values sealed anew");
            let outcome = seal_anew(services, &self.columns, report).await;
            let done = outcome.map_err(|error| match error {
                RoundError::Db(error) => JobError::Retry(error.to_string()),
                error @ RoundError::Key(..) => JobError::Refused(error.to_string()),
            })?;
            Ok(json!({ "key": services.keys.newest_number(), "sealed_anew": done }))
        })
    }
}

/// Walks until nothing is left. Returns how many values were sealed anew.
async fn seal_anew(
    services: &Services,
    columns: &[SealedColumn],
    report: impl Fn(i64, i64),
) -> Result<u64, RoundError> {
    if services.keys.numbers().len() < 2 {
        return Ok(0);
    }
    let left = async || {
        let mut at = services.db.snapshot().await?;
        key_use(&mut at, &services.keys, columns)
            .await
            .map(|counted| counted.left)
    };
    let mut total = left().await?;
    let (mut seen, mut sealed_anew) = (0, 0);
    for walk in 0..WALKS_MAX {
        if total == 0 {
            break;
        }
        if walk > 0 {
            actions::begin_again(services, columns).await?;
        }
        for of in columns {
            loop {
                let round = actions::round(services, *of).await?;
                if round.seen == 0 {
                    break;
                }
                seen += round.seen;
                sealed_anew += round.sealed_anew;
                report(seen, total.max(seen));
                tokio::time::sleep(PAUSE).await;
            }
        }
        total = left().await?;
    }
    Ok(sealed_anew)
}
