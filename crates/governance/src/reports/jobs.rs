//! The jobs of this slice: hours are planned every night, each hour has its clock, and word goes to those who owe.

use kernel::UnitId;
use platform::Services;
use platform::identity::Permission;
use platform::jobs::{Handler, JobError, Nightly, Run, Work};
use serde_json::json;

use super::error::ReportError;
use super::model::SlotId;
use super::{actions, queries};
use crate::approvals::model::from_hex;
use crate::duty::told::{Word, tell};

/// The kind of the job that plans hours.
pub const PLAN: &str = "report_plan";
/// The kind of an hour's clock.
pub const CLOCK: &str = "report_clock";
/// The kind of the job that tells people.
pub const TELL: &str = "report_tell";
/// Hours are planned as the day begins.
pub const NIGHTLY: Nightly = Nightly { kind: PLAN, hour: 0 };

/// Plans the hours of all open forms.
pub struct Plan;

impl Handler for Plan {
    fn kind(&self) -> &'static str {
        PLAN
    }
    fn work<'a>(&'a self, _run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let hours = actions::plan_all(services).await.map_err(failed)?;
            Ok(json!({ "hours": hours }))
        })
    }
}

/// Reminds before an hour, alerts after it.
pub struct Clock;

impl Handler for Clock {
    fn kind(&self) -> &'static str {
        CLOCK
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let slot = slot_of(run)?;
            let units = match run.job.input["what"].as_str() {
                Some("remind") => actions::remind(services, slot).await,
                _ => actions::alert(services, slot).await,
            };
            Ok(json!({ "units": units.map_err(failed)? }))
        })
    }
}

/// Tells those on duty in each unit, or who may hand in when nobody is, what is due or missing.
pub struct Tell;

impl Handler for Tell {
    fn kind(&self) -> &'static str {
        TELL
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let slot = slot_of(run)?;
            let what = run.job.input["what"].as_str().unwrap_or_default();
            let units = run.job.input["units"].as_array().into_iter().flatten();
            let units: Vec<UnitId> = units.filter_map(|unit| from_hex(unit.as_str()?)).collect();
            let mut at = services.db.snapshot().await?;
            let slot = queries::slot(&mut at, slot).await?;
            let slot = slot.ok_or_else(|| JobError::Refused("there is no such hour".to_owned()))?;
            let document = queries::version(&mut at, slot.form, slot.version).await?;
            let missing = queries::missing(&mut at, slot.id).await?.len();
            drop(at);
            let form = document.map(|known| known.form.title.zh).unwrap_or_default();
            let due = slot.due_at.to_beijing();
            let hour = format!("{:02}:{:02}", due.hour(), due.minute());
            let (place, permission) = match what {
                "alert" => ("reports", Permission::DutyManage),
                _ => ("hand-in", Permission::DutyReport),
            };
            let word = Word {
                key: format!("reports.told.{what}"),
                values: vec![("form", form), ("hour", hour), ("count", missing.to_string())],
                place: place.to_owned(),
                permission,
            };
            let told = tell(services, &units, &word).await?;
            Ok(json!({ "told": told }))
        })
    }
}

fn slot_of(run: &Run) -> Result<SlotId, JobError> {
    let slot = run.job.input["slot"].as_str().and_then(from_hex);
    slot.ok_or_else(|| JobError::Refused("no hour is named".to_owned()))
}

fn failed(error: ReportError) -> JobError {
    match error {
        ReportError::Db(error) => JobError::Retry(error.to_string()),
        other => JobError::Refused(other.to_string()),
    }
}
