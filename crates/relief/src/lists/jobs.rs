//! List one by itself: drawn every evening for the next day, corrected as things arrive.

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::Actor;
use platform::jobs::{Handler, JobError, NewJob, Nightly, Run, Work, enqueue};
use serde_json::json;

use super::{actions, store};
use crate::error::ReliefError;

/// The kind of the job.
const DRAW: &str = "goods_list_one";
/// The hour of Beijing: an hour after the usual cut-off, when the day's last arrivals are written down.
pub const NIGHTLY: Nightly = Nightly { kind: DRAW, hour: 17 };

/// Hands in again the requests that are due, and draws tomorrow's list of every unit.
pub struct DrawListOne;

impl Handler for DrawListOne {
    fn kind(&self) -> &'static str {
        DRAW
    }
    fn work<'a>(&'a self, _run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let done = async {
                let asked_again = actions::ask_again(services).await?;
                Ok::<_, ReliefError>((asked_again, actions::draw_tomorrow(services).await?))
            };
            match done.await {
                Ok((asked_again, units)) => Ok(json!({ "units": units, "asked_again": asked_again })),
                Err(ReliefError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}

/// The kind of the job that corrects lists.
const CORRECT: &str = "goods_list_correct";
/// What happens within a minute is corrected at once: a flood of boxes draws a list sixty times an hour, not thousands.
const MINUTE_MICROS: i64 = 60 * 1_000_000;

/// Corrects the lists of a unit that are drawn already, within the next minute; call it in the transaction in which
/// goods are announced, awaited on another day, or arrive.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn follow(tx: &mut Tx, services: &Services, by: &Actor, unit: UnitId) -> Result<(), DbError> {
    let now = services.now();
    let today = now.business_day();
    let drawn = store::last_list(tx, unit, today).await?.is_some()
        || store::last_list(tx, unit, today.plus_days(1)).await?.is_some();
    if !drawn {
        return Ok(());
    }
    let minute = now.micros() / MINUTE_MICROS + 1;
    let job = NewJob {
        unit,
        kind: CORRECT,
        input: json!({ "unit": hex(&unit.bytes()) }),
        by: by.id,
        not_before: Some(Instant::from_micros(minute * MINUTE_MICROS)),
        once_key: Some(format!("{CORRECT}/{}/{minute}", hex(&unit.bytes()))),
    };
    enqueue(tx, job, services).await.map(drop)
}

/// Corrects lists as goods arrive.
pub struct CorrectLists;

impl Handler for CorrectLists {
    fn kind(&self) -> &'static str {
        CORRECT
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            match actions::correct(services, run.job.unit).await {
                Ok(versions) => Ok(json!({ "versions": versions })),
                Err(ReliefError::Db(error)) => Err(JobError::Retry(error.to_string())),
                Err(error) => Err(JobError::Refused(error.to_string())),
            }
        })
    }
}
