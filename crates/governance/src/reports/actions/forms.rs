//! Forms: published, amended, closed, in an emergency; and the plan of their hours.

use db::Tx;
use kernel::UnitId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use platform::jobs::{NewJob, enqueue};
use serde_json::json;

use super::{fact_id, in_scope};
use crate::network::Unit;
use crate::network::store as network;
use crate::reports::error::ReportError;
use crate::reports::jobs;
use crate::reports::model::{Document, Emergency, FormId, FormRow, Planned, SlotId};
use crate::reports::rules::{self, Refusal};
use crate::reports::store;

/// Hours are planned through the end of tomorrow: a night without its job loses none.
const AHEAD_DAYS: i64 = 1;

/// Publishes a form: its hours are planned at once. Fact `report.form_published`.
///
/// # Errors
/// [`ReportError`]: not allowed, not whole, nobody below to hand it in.
pub async fn publish(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    document: Document,
) -> Result<FormRow, ReportError> {
    by.require(Permission::DutyManage, unit)?;
    rules::check_form(&document.form)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let units = network::all_units(&mut tx).await?;
    if !units.iter().any(|known| known.id == unit && known.is_open()) {
        return Err(ReportError::NotFound("unit"));
    }
    rules::reached(&units, unit, &document.reach)?;
    let form = FormRow {
        id: FormId::new(now, &*services.rng),
        unit,
        version: 1,
        document,
        published_at: now,
        closed_at: None,
        emergency: None,
    };
    store::insert_form(&mut tx, (form.id, unit), (by.id, now)).await?;
    store::insert_version(&mut tx, (form.id, 1), &form.document, (by.id, now)).await?;
    let hours = plan(&mut tx, services, &form, &units).await?;
    let body = json!({ "version": 1, "fields": form.document.form.fields.len(), "hours": hours });
    finish(tx, services, by, ("report.form_published", &form), body).await?;
    Ok(form)
}

/// Publishes the next version of a form; hours that have opened keep theirs. Fact `report.form_amended`.
///
/// # Errors
/// [`ReportError`]: not there, closed, not whole, a word that means something else than before.
pub async fn amend(services: &Services, by: &Actor, id: FormId, document: Document) -> Result<FormRow, ReportError> {
    rules::check_form(&document.form)?;
    let (mut tx, mut form) = open_for(services, by, id).await?;
    if document == form.document {
        return Err(Refusal::Unchanged.into());
    }
    rules::check_next(&form.document.form, &document.form)?;
    let units = network::all_units(&mut tx).await?;
    rules::reached(&units, form.unit, &document.reach)?;
    let now = services.now();
    form.version += 1;
    form.document = document;
    form.published_at = now;
    store::insert_version(&mut tx, (id, form.version), &form.document, (by.id, now)).await?;
    let hours = plan_anew(&mut tx, services, &form, &units).await?;
    let body = json!({ "version": form.version, "fields": form.document.form.fields.len(), "hours": hours });
    finish(tx, services, by, ("report.form_amended", &form), body).await?;
    Ok(form)
}

/// Begins an emergency: reports every so many minutes, beside the form's own hours. Fact `report.emergency_begun`.
///
/// # Errors
/// [`ReportError`]: not there, closed, one runs already, out of shape.
pub async fn begin_emergency(
    services: &Services,
    by: &Actor,
    id: FormId,
    (minutes, reason): (i64, &str),
) -> Result<FormRow, ReportError> {
    rules::check_emergency(minutes, reason)?;
    let (mut tx, mut form) = open_for(services, by, id).await?;
    if form.emergency.is_some() {
        return Err(ReportError::EmergencyState);
    }
    form.emergency = Some(Emergency {
        minutes,
        since: services.now(),
        reason: reason.trim().to_owned(),
    });
    store::set_emergency(&mut tx, id, form.emergency.as_ref()).await?;
    let units = network::all_units(&mut tx).await?;
    let hours = plan_anew(&mut tx, services, &form, &units).await?;
    let body = json!({ "minutes": minutes, "hours": hours });
    finish(tx, services, by, ("report.emergency_begun", &form), body).await?;
    Ok(form)
}

/// Ends the emergency: hours that it brought and that have not opened are taken back. Fact `report.emergency_ended`.
///
/// # Errors
/// [`ReportError`]: not there, closed, none runs.
pub async fn end_emergency(services: &Services, by: &Actor, id: FormId) -> Result<FormRow, ReportError> {
    let (mut tx, mut form) = open_for(services, by, id).await?;
    if form.emergency.take().is_none() {
        return Err(ReportError::EmergencyState);
    }
    store::set_emergency(&mut tx, id, None).await?;
    let units = network::all_units(&mut tx).await?;
    let hours = plan_anew(&mut tx, services, &form, &units).await?;
    finish(
        tx,
        services,
        by,
        ("report.emergency_ended", &form),
        json!({ "hours": hours }),
    )
    .await?;
    Ok(form)
}

/// Closes a form: nothing is planned or handed in any more; what came stays. Fact `report.form_closed`.
///
/// # Errors
/// [`ReportError`]: not there, closed already.
pub async fn close(services: &Services, by: &Actor, id: FormId) -> Result<(), ReportError> {
    let (mut tx, form) = open_for(services, by, id).await?;
    let now = services.now();
    store::close_form(&mut tx, id, now).await?;
    store::unplan(&mut tx, id, now).await?;
    finish(tx, services, by, ("report.form_closed", &form), json!({})).await
}

/// Plans the hours of all open forms through tomorrow, each form in a transaction of its own; returns how many hours.
///
/// # Errors
/// [`ReportError`].
pub async fn plan_all(services: &Services) -> Result<u64, ReportError> {
    let mut at = services.db.snapshot().await?;
    let forms = store::open_forms(&mut at).await?;
    drop(at);
    let mut planned = 0;
    for known in forms {
        let mut tx = services.db.begin().await?;
        store::lock_form(&mut tx, known.id).await?;
        let form = store::form(&mut tx, known.id).await?;
        let Some(form) = form.filter(|form| form.closed_at.is_none()) else {
            continue;
        };
        let units = network::all_units(&mut tx).await?;
        planned += plan(&mut tx, services, &form, &units).await?;
        tx.commit().await?;
    }
    Ok(planned)
}

/// The open form, if the actor looks after those of its unit, with a transaction that holds it.
async fn open_for(services: &Services, by: &Actor, id: FormId) -> Result<(Tx, FormRow), ReportError> {
    let mut tx = services.db.begin().await?;
    store::lock_form(&mut tx, id).await?;
    let form = store::form(&mut tx, id).await?.ok_or(ReportError::NotFound("form"))?;
    in_scope(by, Permission::DutyManage, form.unit, "form")?;
    if form.closed_at.is_some() {
        return Err(Refusal::Closed.into());
    }
    Ok((tx, form))
}

/// Takes back what has not opened and plans again: under another version, or with other hours.
async fn plan_anew(tx: &mut Tx, services: &Services, form: &FormRow, units: &[Unit]) -> Result<u64, ReportError> {
    store::unplan(tx, form.id, services.now()).await?;
    plan(tx, services, form, units).await
}

async fn plan(tx: &mut Tx, services: &Services, form: &FormRow, units: &[Unit]) -> Result<u64, ReportError> {
    let now = services.now();
    let owing = match rules::reached(units, form.unit, &form.document.reach) {
        Ok(owing) => owing,
        Err(refusal) => {
            // Units were closed or moved since it was published: who looks after it has to say anew.
            tracing::warn!(form = ?form.id, %refusal, "a form reaches nobody and is not planned");
            return Ok(0);
        }
    };
    let last = now.business_day().plus_days(AHEAD_DAYS);
    let mut written = 0;
    for hour in rules::plan(&form.document.form, form.emergency.as_ref(), now, last) {
        let slot = SlotId::new(now, &*services.rng);
        if !store::insert_slot(tx, slot, form, &hour).await? {
            continue;
        }
        store::insert_dues(tx, slot, &owing).await?;
        wind(tx, services, (form.unit, slot), &hour).await?;
        written += 1;
    }
    Ok(written)
}

/// Puts the clock of an hour in line: the reminder before it, the alert after it.
async fn wind(
    tx: &mut Tx,
    services: &Services,
    (unit, slot): (UnitId, SlotId),
    hour: &Planned,
) -> Result<(), ReportError> {
    for (what, at) in [("remind", hour.remind_at), ("alert", hour.late_at.plus_micros(1))] {
        let job = NewJob {
            unit,
            kind: jobs::CLOCK,
            input: json!({ "slot": fact_id(slot), "what": what }),
            by: Actor::operator().id,
            not_before: Some(at),
            once_key: Some(format!("report/{}/{what}", fact_id(slot))),
        };
        enqueue(tx, job, services).await?;
    }
    Ok(())
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, form): (&'static str, &FormRow),
    body: serde_json::Value,
) -> Result<(), ReportError> {
    let fact = NewFact {
        unit: form.unit,
        kind,
        subject: form.id.bytes(),
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
