//! Changing a roster. Each change is one transaction with one fact.

use db::{Reads, Tx};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission, queries as identity};
use serde_json::json;

use super::error::DutyError;
use super::model::{NewShift, PERSON_PLACE, Person, RevealReason, SHIFTS_MAX, Shift, ShiftId, Span, WEEK_DAYS, Who};
use super::rules::{self, Refusal};
use super::store;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "duty.shifts_added",
    "duty.shift_cancelled",
    "duty.swapped",
    "duty.copied",
    "duty.revealed",
];

/// Enters shifts of a unit's roster. Overlaps are allowed and shown: two may be on at once. Fact `duty.shifts_added`.
///
/// # Errors
/// [`DutyError`]: not allowed, out of shape, a user without a telephone.
pub async fn add(services: &Services, by: &Actor, unit: UnitId, new: Vec<NewShift>) -> Result<Vec<Shift>, DutyError> {
    by.require(Permission::DutyManage, unit)?;
    if !(1..=SHIFTS_MAX).contains(&new.len()) {
        return Err(Refusal::Invalid {
            field: "shifts",
            why: "1 to 100 shifts",
        }
        .into());
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let known = crate::network::store::unit(&mut tx, unit).await?;
    if !known.is_some_and(|unit| unit.is_open()) {
        return Err(DutyError::NotFound("unit"));
    }
    store::lock(&mut tx, unit).await?;
    let mut added = Vec::with_capacity(new.len());
    for one in new {
        let span = Span {
            from: one.from,
            to: one.to,
        };
        rules::check_span(span, now)?;
        let (person, actor) = match one.who {
            Who::Person(person) => (person, None),
            Who::User(user) => (person_of(&mut tx, services, by, user).await?, Some(user)),
        };
        rules::check_person(&person)?;
        let shift = Shift {
            id: ShiftId::new(now, &*services.rng),
            unit,
            from: span.from,
            to: span.to,
            actor,
            masked_name: rules::mask_name(&person.name),
            masked_phone: rules::mask_phone(&person.phone),
            cancelled_at: None,
        };
        store::insert(&mut tx, &shift, seal(services, &person), (by.id, now)).await?;
        added.push(shift);
    }
    let body = json!({ "shifts": fact_ids(&added) });
    finish(tx, services, by, ("duty.shifts_added", unit, unit.bytes()), body).await?;
    Ok(added)
}

/// Takes a shift back that is not over. Fact `duty.shift_cancelled`.
///
/// # Errors
/// [`DutyError`]: not there, over.
pub async fn cancel(services: &Services, by: &Actor, id: ShiftId) -> Result<(), DutyError> {
    let (mut tx, shift) = managed(services, by, id).await?;
    let now = services.now();
    rules::may_change(&shift, now)?;
    store::cancel(&mut tx, id, now).await?;
    let fact = ("duty.shift_cancelled", shift.unit, id.bytes());
    finish(tx, services, by, fact, json!({})).await
}

/// Lets the people of two shifts change places. Fact `duty.swapped`.
///
/// # Errors
/// [`DutyError`]: not there, over, of two units.
pub async fn swap(services: &Services, by: &Actor, one: ShiftId, other: ShiftId) -> Result<(), DutyError> {
    let (mut tx, first) = managed(services, by, one).await?;
    let second = store::shift(&mut tx, other).await?;
    let second = second
        .filter(|shift| by.require(Permission::DutyManage, shift.unit).is_ok())
        .ok_or(DutyError::NotFound("shift"))?;
    rules::may_swap(&first, &second, services.now())?;
    let missing = || DutyError::NotFound("shift");
    let of_first = store::sealed(&mut tx, one).await?.ok_or_else(missing)?;
    let of_second = store::sealed(&mut tx, other).await?.ok_or_else(missing)?;
    store::give(&mut tx, one, &second, of_second).await?;
    store::give(&mut tx, other, &first, of_first).await?;
    let body = json!({ "with": hex(&other.bytes()) });
    finish(tx, services, by, ("duty.swapped", first.unit, one.bytes()), body).await
}

/// Copies the week before a day into the week that begins with it, where nothing stands yet; returns how many shifts.
/// Fact `duty.copied`.
///
/// # Errors
/// [`DutyError`]: not allowed, nothing to copy.
pub async fn copy_week(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    first: kernel::BusinessDay,
) -> Result<u64, DutyError> {
    by.require(Permission::DutyManage, unit)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    store::lock(&mut tx, unit).await?;
    let week = |from: i64| Span {
        from: first.plus_days(from).start(),
        to: first.plus_days(from + WEEK_DAYS).start(),
    };
    // A shift belongs to the week in which it begins; what reaches in from the week before stays where it is.
    let begins_in = |shift: &Shift, span: Span| shift.from >= span.from && shift.from < span.to;
    let mut before = store::between(&mut tx, unit, week(-WEEK_DAYS)).await?;
    before.retain(|shift| begins_in(shift, week(-WEEK_DAYS)));
    let around = Span {
        from: week(0).from,
        to: week(1).to,
    };
    let standing = store::between(&mut tx, unit, around).await?;
    let mut copied = Vec::new();
    for (known, span) in rules::copied(&before, &standing, now) {
        let sealed = store::sealed(&mut tx, known.id).await?;
        let sealed = sealed.ok_or(DutyError::NotFound("shift"))?;
        let shift = Shift {
            id: ShiftId::new(now, &*services.rng),
            from: span.from,
            to: span.to,
            ..known.clone()
        };
        store::insert(&mut tx, &shift, sealed, (by.id, now)).await?;
        copied.push(shift);
    }
    if copied.is_empty() {
        return Err(Refusal::NothingToCopy.into());
    }
    let body = json!({ "week": first, "shifts": fact_ids(&copied) });
    finish(tx, services, by, ("duty.copied", unit, unit.bytes()), body).await?;
    Ok(copied.len() as u64)
}

/// Opens who has a shift, with name and telephone. Fact `duty.revealed`.
///
/// # Errors
/// [`DutyError`]: not there, or what is sealed cannot be opened.
pub async fn reveal(services: &Services, by: &Actor, id: ShiftId, reason: RevealReason) -> Result<Person, DutyError> {
    let (mut tx, shift) = managed(services, by, id).await?;
    let sealed = store::sealed(&mut tx, id).await?;
    let plain = services
        .keys
        .open(&sealed.ok_or(DutyError::NotFound("shift"))?, PERSON_PLACE)?;
    let person = serde_json::from_slice(&plain).map_err(|error| db::DbError::Row {
        column: "person_sealed".to_owned(),
        why: error.to_string(),
    })?;
    let fact = ("duty.revealed", shift.unit, id.bytes());
    finish(tx, services, by, fact, json!({ "reason": reason.as_str() })).await?;
    Ok(person)
}

/// The name and the telephone that one of the staff has left.
async fn person_of(
    at: &mut impl Reads,
    services: &Services,
    by: &Actor,
    user: kernel::ActorId,
) -> Result<Person, DutyError> {
    let scope = by.scope_for(Permission::DutyManage);
    let known = identity::user_by_id(at, &scope, &services.tree, user).await?;
    let phone = identity::phones(at, &services.keys, &[user]).await?.pop();
    Ok(Person {
        name: known.row.name,
        phone: phone.ok_or(DutyError::NoPhone)?,
    })
}

/// The shift, if the actor looks after the roster of its unit; else it does not exist for her.
async fn managed(services: &Services, by: &Actor, id: ShiftId) -> Result<(Tx, Shift), DutyError> {
    by.require_somewhere(Permission::DutyManage)?;
    let mut tx = services.db.begin().await?;
    let missing = || DutyError::NotFound("shift");
    let shift = store::shift(&mut tx, id).await?.ok_or_else(missing)?;
    by.require(Permission::DutyManage, shift.unit).map_err(|_| missing())?;
    store::lock(&mut tx, shift.unit).await?;
    // What it says counts once the roster is held.
    let shift = store::shift(&mut tx, id).await?.ok_or_else(missing)?;
    Ok((tx, shift))
}

fn seal(services: &Services, person: &Person) -> Vec<u8> {
    let plain = json!({ "name": person.name.trim(), "phone": person.phone.trim() }).to_string();
    services.keys.seal(plain.as_bytes(), PERSON_PLACE, &*services.rng)
}

fn fact_ids(shifts: &[Shift]) -> Vec<String> {
    shifts.iter().map(|shift| hex(&shift.id.bytes())).collect()
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, unit, subject): (&'static str, UnitId, [u8; 16]),
    body: serde_json::Value,
) -> Result<(), DutyError> {
    let fact = NewFact {
        unit,
        kind,
        subject,
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
