//! Reads for showing, in the reader's scope: forms, hours, the table, what a unit owes.

use std::collections::BTreeMap;

use db::{DbError, Param as _, Reads, Value, params};
use kernel::{Instant, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Entry, FormId, FormRow, Slot, SlotId, UNITS_MAX};
use super::store;
pub use super::store::{due, entries, form, missing, slot, version};

/// A unit's last report is looked for so far back: an older one says nothing of today.
const LATEST_MICROS: i64 = 7 * 86_400 * 1_000_000;
/// What is owed is shown so long after its hour.
const OWED_MICROS: i64 = 3 * 86_400 * 1_000_000;

fn rows_max() -> i64 {
    i64::try_from(UNITS_MAX).unwrap_or(i64::MAX)
}

/// The forms that units of the scope ask for or owe, the newest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn forms(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    before: Option<FormId>,
    limit: i64,
) -> Result<Vec<FormRow>, DbError> {
    let mut values = params![limit];
    let mut conditions = vec![concerns(scope, tree, &mut values)];
    if let Some(before) = before {
        values.push((before,).param());
        conditions.push(format!("f.id < ?{}", values.len()));
    }
    let sql = format!(
        "{} WHERE {} ORDER BY f.id DESC LIMIT ?1",
        store::FORM,
        conditions.join(" AND ")
    );
    at.query(&sql, values).await?.iter().map(store::read_form).collect()
}

fn concerns(scope: &Scope, tree: &UnitTree, values: &mut Vec<Value>) -> String {
    let asks = scope.condition("f.unit_id", tree, values);
    let owes = scope.condition("d.unit_id", tree, values);
    format!(
        "({asks} OR EXISTS (SELECT 1 FROM report_slot s JOIN report_due d ON d.slot_id = s.id
            WHERE s.form_id = f.id AND {owes}))"
    )
}

/// A form, when a unit of the scope asks for it or owes it.
pub async fn form_seen(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    id: FormId,
) -> Result<Option<FormRow>, DbError> {
    let mut values = params![(id,)];
    let seen = concerns(scope, tree, &mut values);
    let row = at
        .query_one(&format!("{} WHERE f.id = ?1 AND {seen}", store::FORM), values)
        .await?;
    row.as_ref().map(store::read_form).transpose()
}

/// An hour with how many units of the scope owe it and have handed in.
#[derive(Debug, Clone)]
pub struct SlotLine {
    /// The hour.
    pub slot: Slot,
    /// Units of the scope that owe it.
    pub units: i64,
    /// Of those, how many have handed in.
    pub handed_in: i64,
    /// Of those, how many in time.
    pub in_time: i64,
}

/// The hours of a form that have opened, the latest first.
pub async fn slots(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    (form, now): (FormId, Instant),
    (before, limit): (Option<Instant>, i64),
) -> Result<Vec<SlotLine>, DbError> {
    let mut values = params![limit, (form,), now, before.unwrap_or(Instant::from_micros(i64::MAX))];
    let within = scope.condition("d.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT s.id, s.unit_id, s.form_id, s.version, s.opens_at, s.due_at, s.late_at, s.is_emergency, s.reminded_at,
            s.alerted_at, COUNT(d.unit_id) AS units,
            CAST(SUM(CASE WHEN d.last_version > 0 THEN 1 ELSE 0 END) AS BIGINT) AS handed_in,
            CAST(SUM(CASE WHEN d.first_at <= s.late_at THEN 1 ELSE 0 END) AS BIGINT) AS in_time
         FROM report_slot s JOIN report_due d ON d.slot_id = s.id
         WHERE s.form_id = ?2 AND s.opens_at <= ?3 AND s.due_at < ?4 AND {within}
         GROUP BY s.id, s.unit_id, s.form_id, s.version, s.opens_at, s.due_at, s.late_at, s.is_emergency,
            s.reminded_at, s.alerted_at
         ORDER BY s.due_at DESC, s.id LIMIT ?1"
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok(SlotLine {
                slot: store::read_slot(row)?,
                units: row.int("units")?,
                handed_in: row.int("handed_in")?,
                in_time: row.int("in_time")?,
            })
        })
        .collect()
}

/// The hour that people look at now: the latest that is due or whose reminder has gone out, so that who is late at one
/// hour is not hidden by the next that has opened; before the first, the first that has opened.
pub async fn current_slot(
    at: &mut impl Reads,
    form: FormId,
    (now, reminded_until): (Instant, Instant),
) -> Result<Option<Slot>, DbError> {
    let open = format!("{} WHERE s.form_id = ?1 AND s.opens_at <= ?2", store::SLOT);
    let due = format!("{open} AND s.due_at <= ?3 ORDER BY s.due_at DESC, s.id LIMIT 1");
    let first = format!("{open} ORDER BY s.due_at, s.id LIMIT 1");
    let row = match at.query_one(&due, params![(form,), now, reminded_until]).await? {
        Some(row) => Some(row),
        None => at.query_one(&first, params![(form,), now]).await?,
    };
    row.as_ref().map(store::read_slot).transpose()
}

/// A unit's line of the table.
#[derive(Debug, Clone)]
pub struct UnitLine {
    /// The unit.
    pub unit: UnitId,
    /// Its short name.
    pub name: String,
    /// When its first report of the hour came.
    pub first_at: Option<Instant>,
    /// What it handed in for the hour last.
    pub entry: Option<Entry>,
}

/// The units of the scope that owe an hour, by region, with what they handed in last.
pub async fn lines(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    slot: SlotId,
) -> Result<Vec<UnitLine>, DbError> {
    let mut values = params![rows_max(), (slot,)];
    let within = scope.condition("d.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT d.unit_id, d.last_version, d.first_at, u.short_name, e.version, e.answers, e.is_nothing, e.reason,
            e.handed_in_by, e.handed_in_at
         FROM report_due d JOIN unit u ON u.id = d.unit_id
         LEFT JOIN report_entry e ON e.unit_id = d.unit_id AND e.slot_id = d.slot_id AND e.version = d.last_version
         WHERE d.slot_id = ?2 AND {within} ORDER BY u.region_code, d.unit_id LIMIT ?1"
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| {
            let entry = match row.int("last_version")? {
                0 => None,
                _ => Some(store::read_entry(row)?),
            };
            Ok(UnitLine {
                unit: row.id("unit_id")?,
                name: row.text("short_name")?,
                first_at: row.opt_instant("first_at")?,
                entry,
            })
        })
        .collect()
}

/// What units of the scope handed in last for hours of a form before one, with that hour.
pub async fn before(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    slot: &Slot,
) -> Result<BTreeMap<UnitId, (Instant, Entry)>, DbError> {
    let since = slot.due_at.plus_micros(-LATEST_MICROS);
    let mut values = params![rows_max(), (slot.form,), slot.due_at, since];
    let within = scope.condition("d.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT d.unit_id, s.due_at, e.version, e.answers, e.is_nothing, e.reason, e.handed_in_by, e.handed_in_at
         FROM report_slot s JOIN report_due d ON d.slot_id = s.id
         JOIN report_entry e ON e.unit_id = d.unit_id AND e.slot_id = d.slot_id AND e.version = d.last_version
         WHERE s.form_id = ?2 AND s.due_at < ?3 AND s.due_at >= ?4 AND {within}
            AND s.due_at = (SELECT MAX(t.due_at) FROM report_slot t
                JOIN report_due o ON o.slot_id = t.id AND o.unit_id = d.unit_id
                WHERE t.form_id = ?2 AND t.due_at < ?3 AND t.due_at >= ?4 AND o.last_version > 0)
         ORDER BY d.unit_id LIMIT ?1"
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| Ok((row.id("unit_id")?, (row.instant("due_at")?, store::read_entry(row)?))))
        .collect()
}

/// What some units owe now: open hours without a report, also those whose time is over, the earliest first.
pub async fn owed(
    at: &mut impl Reads,
    units: &[UnitId],
    (now, limit): (Instant, i64),
) -> Result<Vec<(UnitId, Slot)>, DbError> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = params![limit, now, now.plus_micros(-OWED_MICROS)];
    let marks: Vec<String> = units
        .iter()
        .map(|unit| {
            values.push((*unit,).param());
            format!("?{}", values.len())
        })
        .collect();
    let sql = format!(
        "SELECT d.unit_id AS owing_id, s.id, s.unit_id, s.form_id, s.version, s.opens_at, s.due_at, s.late_at,
            s.is_emergency, s.reminded_at, s.alerted_at
         FROM report_due d JOIN report_slot s ON s.id = d.slot_id
         WHERE d.unit_id IN ({}) AND d.last_version = 0 AND s.opens_at <= ?2 AND s.due_at >= ?3
         ORDER BY s.due_at, s.id, d.unit_id LIMIT ?1",
        marks.join(", ")
    );
    let rows = at.query(&sql, values).await?;
    rows.iter()
        .map(|row| Ok((row.id("owing_id")?, store::read_slot(row)?)))
        .collect()
}
