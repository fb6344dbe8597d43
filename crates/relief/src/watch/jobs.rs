//! The look at all stores, every half hour, and word to those on duty.

use db::DbError;
use kernel::Instant;
use platform::Services;
use platform::identity::Permission;
use platform::jobs::{Handler, JobError, NewJob, Nightly, Run, Work};
use serde_json::json;

use super::actions::{self, Looked};
use crate::error::ReliefError;
use governance::duty::told::{Word, tell};

/// The kind of the job.
const WATCH: &str = "goods_watch";
/// A chain of looks that broke is taken up again as the day begins.
pub const NIGHTLY: Nightly = Nightly { kind: WATCH, hour: 0 };
/// From one look to the next: short beside the two hours after which somebody is warned.
const EVERY_MICROS: i64 = 30 * 60 * 1_000_000;

/// Puts the next look in line, looks at all stores and tells those on duty what began.
pub struct WatchStores;

impl Handler for WatchStores {
    fn kind(&self) -> &'static str {
        WATCH
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let done = async {
                // First: a look that fails does not end the chain.
                next(services, run).await?;
                let looked = actions::look(services).await?;
                // What began is written down; another look would not find it beginning again.
                if let Err(error) = told(services, &looked).await {
                    tracing::warn!(%error, "those on duty were not told of breaches");
                }
                Ok::<_, ReliefError>(looked)
            };
            match done.await {
                Ok(looked) => Ok(json!({ "began": looked.began.values().sum::<usize>(), "ended": looked.ended })),
                Err(ReliefError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}

/// Puts the next look in line, once, however many looks end at the same time.
async fn next(services: &Services, run: &Run) -> Result<(), DbError> {
    let at = services.now().micros() / EVERY_MICROS + 1;
    let job = NewJob {
        unit: run.job.unit,
        kind: WATCH,
        input: json!({}),
        by: run.job.by,
        not_before: Some(Instant::from_micros(at * EVERY_MICROS)),
        once_key: Some(format!("{WATCH}/{at}")),
    };
    actions::put_in_line(services, job).await
}

/// Tells those on duty in each unit, or who keeps the store when nobody is.
async fn told(services: &Services, looked: &Looked) -> Result<(), DbError> {
    for (unit, began) in &looked.began {
        let word = Word {
            key: "goods.told.breach".to_owned(),
            values: vec![("count", began.to_string())],
            place: "stock".to_owned(),
            permission: Permission::GoodsManage,
        };
        tell(services, &[*unit], &word).await?;
    }
    Ok(())
}
