//! Puts in line what a change of a case tells, in the transaction of the change.

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{ActorId, UnitId};
use platform::Services;
use platform::jobs::{NewJob, enqueue};
use serde_json::json;

use super::model::Told;
use super::{jobs, rules, store};
use crate::approvals::model::{Entry, Standing};
use crate::approvals::policy::Policy;
use crate::approvals::store::CaseRow;

/// What a job of this kind is about.
pub(super) struct Line<'a> {
    /// Whose webhook.
    pub hook: UnitId,
    /// The case; none in a test.
    pub case: Option<&'a CaseRow>,
    /// Who is told of the job.
    pub by: ActorId,
    /// Two of the same key are one.
    pub once_key: Option<String>,
}

/// Puts the deliveries of a change in line, where a webhook is set for the case's unit or above it.
pub(in crate::approvals) async fn wind(
    tx: &mut Tx,
    services: &Services,
    case: &CaseRow,
    policy: &Policy,
    (now, added): (&Standing, &[Entry]),
) -> Result<(), DbError> {
    let all = rules::told(case.state, policy, now, added);
    if all.is_empty() {
        return Ok(());
    }
    let line = services.tree.ancestors(case.unit);
    let Some(hook) = store::nearest(tx, &line).await? else {
        return Ok(());
    };
    for (number, told) in all {
        let once = format!("case_webhook/{}/{number}/{}", hex(&case.id.bytes()), told.event);
        let line = Line {
            hook,
            case: Some(case),
            by: case.asked_by,
            once_key: Some(once),
        };
        put(tx, services, line, &told).await?;
    }
    Ok(())
}

/// Puts one delivery in line.
pub(super) async fn put(tx: &mut Tx, services: &Services, line: Line<'_>, told: &Told) -> Result<(), DbError> {
    let case = line.case.map(|case| hex(&case.id.bytes()));
    let kind = line.case.map(|case| case.subject_kind.as_str());
    let unit = line.case.map_or(line.hook, |case| case.unit);
    let input = json!({ "hook": hex(&line.hook.bytes()), "unit": hex(&unit.bytes()), "case": case, "kind": kind, "told": told });
    let job = NewJob {
        unit: line.hook,
        kind: jobs::DELIVER,
        input,
        by: line.by,
        not_before: None,
        once_key: line.once_key,
    };
    enqueue(tx, job, services).await.map(drop)
}
