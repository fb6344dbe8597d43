//! The clock of a case: jobs that come when something is due, and what they do then.

use db::{DbError, Tx};
use kernel::id::Id as _;
use kernel::{ActorId, Instant};
use platform::Services;
use platform::jobs::{NewJob, enqueue};
use serde_json::json;

use super::desk::Desk;
use super::fact_id;
use crate::approvals::error::ApprovalError;
use crate::approvals::jobs;
use crate::approvals::model::{CaseId, CaseState, Entry, Event, StageState, Standing};
use crate::approvals::policy::Policy;
use crate::approvals::rules::{self, Due};
use crate::approvals::store::CaseRow;
use crate::approvals::webhooks;

/// Does what is due of a case, each in a transaction of its own with its own fact; returns how much was done.
///
/// # Errors
/// [`ApprovalError`].
pub async fn tick(services: &Services, id: CaseId) -> Result<u64, ApprovalError> {
    let mut done = 0;
    loop {
        let (mut desk, _) = Desk::take(services, id).await?;
        let Some(due) = desk.due() else { return Ok(done) };
        let (kind, event) = match due {
            Due::Remind(stage) => ("approval.reminded", Event::Reminded { stage }),
            Due::RemindPapers => ("approval.reminded", Event::PapersReminded),
            Due::CloseVote(stage) => ("approval.vote_closed", Event::VoteClosed { stage }),
            Due::Escalate(stage) => ("approval.escalated", desk.escalation(stage).await?),
        };
        desk.add(event, None)?;
        desk.finish(kind, None).await?;
        done += 1;
    }
}

/// Puts the jobs in line that what was added needs: the clock of each stage that opened, of owed papers, word to those
/// who are asked, and to the society's own program where a webhook is set.
pub(super) async fn wind(
    tx: &mut Tx,
    services: &Services,
    case: &CaseRow,
    policy: &Policy,
    (now, added): (&Standing, &[Entry]),
) -> Result<(), DbError> {
    let mut times: Vec<Instant> = Vec::new();
    for entry in added {
        if let Event::Opened { stage, .. } = &entry.event
            && let Some(at) = policy.position(stage)
            && let StageState::Open(sitting) = &now.stages[at]
        {
            times.extend([rules::reminder(&policy.stages[at], sitting), sitting.deadline]);
        }
        if let Some((what, people)) = told(case, policy, now, entry) {
            tell(tx, services, case, (entry.number, what, &people)).await?;
        }
    }
    times.extend(now.papers_due.filter(|_| now.outcome.state() != case.state));
    for at in times {
        let once = format!("approval/{}/{}", fact_id(case.id), at.micros());
        put(
            tx,
            services,
            case,
            (jobs::CLOCK, json!({ "case": fact_id(case.id) }), Some(at), once),
        )
        .await?;
    }
    if now.outcome.state() != case.state
        && matches!(
            now.outcome.state(),
            CaseState::Approved | CaseState::Refused | CaseState::SentBack
        )
    {
        tell(
            tx,
            services,
            case,
            (now.last, now.outcome.state().as_str(), &[case.asked_by]),
        )
        .await?;
    }
    webhooks::queue::wind(tx, services, case, policy, (now, added)).await
}

/// Who hears of an entry, and as what.
fn told(case: &CaseRow, policy: &Policy, now: &Standing, entry: &Entry) -> Option<(&'static str, Vec<ActorId>)> {
    let sitting = |stage: &str| match policy.position(stage).and_then(|at| now.stages.get(at)) {
        Some(StageState::Open(sitting)) => Some(sitting),
        _ => None,
    };
    match &entry.event {
        Event::Opened { stage, .. } => sitting(stage).map(|sitting| ("opened", sitting.waiting().collect())),
        Event::Reminded { stage } => sitting(stage).map(|sitting| ("reminded", sitting.waiting().collect())),
        Event::Escalated { deputies, .. } => Some(("escalated", deputies.iter().map(|who| who.0).collect())),
        Event::PapersReminded => Some(("papers", vec![case.asked_by])),
        _ => None,
    }
}

async fn tell(
    tx: &mut Tx,
    services: &Services,
    case: &CaseRow,
    (number, what, people): (i64, &str, &[ActorId]),
) -> Result<(), DbError> {
    if people.is_empty() {
        return Ok(());
    }
    let to: Vec<String> = people.iter().map(|who| kernel::id::hex(&who.bytes())).collect();
    let once = format!("approval/{}/{number}/{what}", fact_id(case.id));
    let input = json!({ "case": fact_id(case.id), "what": what, "to": to });
    put(tx, services, case, (jobs::TELL, input, None, once)).await
}

type Put = (&'static str, serde_json::Value, Option<Instant>, String);

async fn put(tx: &mut Tx, services: &Services, case: &CaseRow, (kind, input, at, once): Put) -> Result<(), DbError> {
    let job = NewJob {
        unit: case.unit,
        kind,
        input,
        by: case.asked_by,
        not_before: at,
        once_key: Some(once),
    };
    enqueue(tx, job, services).await.map(drop)
}
