//! The clock of an hour: the reminder before it, the alert after it.

use db::Tx;
use kernel::UnitId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::Actor;
use platform::jobs::{NewJob, enqueue};
use serde_json::json;

use super::{fact_id, fact_ids};
use crate::reports::error::ReportError;
use crate::reports::jobs;
use crate::reports::model::{Slot, SlotId};
use crate::reports::store::{self, Told};

/// Reminds the units that have not handed in before the hour; returns how many. Once. Fact `report.reminded`.
///
/// # Errors
/// [`ReportError`].
pub async fn remind(services: &Services, id: SlotId) -> Result<u64, ReportError> {
    let Some((mut tx, slot, missing)) = begin(services, id).await? else {
        return Ok(0);
    };
    let now = services.now();
    let done = !store::mark_told(&mut tx, id, Told::Reminder, now).await?;
    // A job that comes late reminds nobody of what the alert says.
    if done || missing.is_empty() || now > slot.late_at {
        tx.commit().await?;
        return Ok(0);
    }
    tell(&mut tx, services, &slot, ("remind", &missing)).await?;
    let count = missing.len() as u64;
    let body = json!({ "form": fact_id(slot.form), "due_at": slot.due_at, "units": count });
    finish(tx, services, ("report.reminded", &slot), body).await?;
    Ok(count)
}

/// Tells the units that are missing after the hour and its grace, and the duty of the unit that asks; returns how many
/// are missing. Once. Fact `report.missed`.
///
/// # Errors
/// [`ReportError`].
pub async fn alert(services: &Services, id: SlotId) -> Result<u64, ReportError> {
    let Some((mut tx, slot, missing)) = begin(services, id).await? else {
        return Ok(0);
    };
    let now = services.now();
    if now <= slot.late_at {
        return Ok(0);
    }
    let done = !store::mark_told(&mut tx, id, Told::Alert, now).await?;
    if done || missing.is_empty() {
        tx.commit().await?;
        return Ok(0);
    }
    tell(&mut tx, services, &slot, ("missing", &missing)).await?;
    tell(&mut tx, services, &slot, ("alert", &[slot.unit])).await?;
    let body = json!({ "form": fact_id(slot.form), "due_at": slot.due_at, "units": fact_ids(&missing) });
    finish(tx, services, ("report.missed", &slot), body).await?;
    Ok(missing.len() as u64)
}

/// The hour of an open form, with the units that are missing; nothing when it was taken back or the form is closed.
async fn begin(services: &Services, id: SlotId) -> Result<Option<(Tx, Slot, Vec<UnitId>)>, ReportError> {
    let mut tx = services.db.begin().await?;
    let Some(slot) = store::slot(&mut tx, id).await? else {
        return Ok(None);
    };
    let form = store::form(&mut tx, slot.form).await?;
    if form.is_none_or(|form| form.closed_at.is_some()) {
        return Ok(None);
    }
    let missing = store::missing(&mut tx, id).await?;
    Ok(Some((tx, slot, missing)))
}

async fn tell(
    tx: &mut Tx,
    services: &Services,
    slot: &Slot,
    (what, units): (&'static str, &[UnitId]),
) -> Result<(), ReportError> {
    let job = NewJob {
        unit: slot.unit,
        kind: jobs::TELL,
        input: json!({ "slot": fact_id(slot.id), "what": what, "units": fact_ids(units) }),
        by: Actor::operator().id,
        not_before: None,
        once_key: Some(format!("report/{}/tell/{what}", fact_id(slot.id))),
    };
    enqueue(tx, job, services).await?;
    Ok(())
}

async fn finish(
    tx: Tx,
    services: &Services,
    (kind, slot): (&'static str, &Slot),
    body: serde_json::Value,
) -> Result<(), ReportError> {
    let fact = NewFact {
        unit: slot.unit,
        kind,
        subject: slot.id.bytes(),
        actor: None,
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
