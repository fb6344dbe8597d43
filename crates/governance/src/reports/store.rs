//! The tables `report_form`, `report_form_version`, `report_slot`, `report_due`, `report_entry`.

use db::{Backend, DbError, Param as _, Reads, Row, Tx, params, wide_values};
use kernel::{ActorId, Instant, UnitId};
use serde::de::DeserializeOwned;

use super::model::{
    Answers, Document, Draft, Due, Emergency, Entry, FormId, FormRow, Planned, Slot, SlotId, VERSIONS_MAX,
};

/// Open forms of an installation, looked after by one job.
const FORMS_MAX: i64 = 2_000;
/// Rows of one statement.
const CHUNK_ROWS: usize = 200;

/// A form with its latest version; the condition follows.
pub(super) const FORM: &str = "SELECT f.id, f.unit_id, f.closed_at, f.emergency_minutes, f.emergency_since,
        f.emergency_reason, v.version, v.document, v.published_at
    FROM report_form f JOIN report_form_version v ON v.form_id = f.id
        AND v.version = (SELECT MAX(l.version) FROM report_form_version l WHERE l.form_id = f.id)";
pub(super) const SLOT: &str = "SELECT s.id, s.unit_id, s.form_id, s.version, s.opens_at, s.due_at, s.late_at,
        s.is_emergency, s.reminded_at, s.alerted_at
    FROM report_slot s";

pub(super) fn parsed<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Row {
        column: column.to_owned(),
        why: error.to_string(),
    })
}

/// A form's row as a value: the one place.
pub(super) fn read_form(row: &Row) -> Result<FormRow, DbError> {
    let emergency = match (row.opt_int("emergency_minutes")?, row.opt_instant("emergency_since")?) {
        (Some(minutes), Some(since)) => Some(Emergency {
            minutes,
            since,
            reason: row.opt_text("emergency_reason")?.unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(FormRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        version: row.int("version")?,
        document: parsed("document", &row.text("document")?)?,
        published_at: row.instant("published_at")?,
        closed_at: row.opt_instant("closed_at")?,
        emergency,
    })
}

/// A slot's row as a value: the one place.
pub(super) fn read_slot(row: &Row) -> Result<Slot, DbError> {
    Ok(Slot {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        form: row.id("form_id")?,
        version: row.int("version")?,
        opens_at: row.instant("opens_at")?,
        due_at: row.instant("due_at")?,
        late_at: row.instant("late_at")?,
        is_emergency: row.flag("is_emergency")?,
        reminded_at: row.opt_instant("reminded_at")?,
        alerted_at: row.opt_instant("alerted_at")?,
    })
}

/// A form.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn form(at: &mut impl Reads, id: FormId) -> Result<Option<FormRow>, DbError> {
    let row = at.query_one(&format!("{FORM} WHERE f.id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_form).transpose()
}

/// Keeps two changes of a form from passing each other. SQLite has one writer anyway.
pub(super) async fn lock_form(tx: &mut Tx, id: FormId) -> Result<(), DbError> {
    if tx.backend() == Backend::Postgres {
        tx.query("SELECT id FROM report_form WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    Ok(())
}

/// The forms that are not closed.
pub(super) async fn open_forms(at: &mut impl Reads) -> Result<Vec<FormRow>, DbError> {
    let sql = format!("{FORM} WHERE f.closed_at IS NULL ORDER BY f.id LIMIT ?1");
    at.query(&sql, params![FORMS_MAX])
        .await?
        .iter()
        .map(read_form)
        .collect()
}

/// A version of a form.
pub async fn version(at: &mut impl Reads, id: FormId, version: i64) -> Result<Option<Document>, DbError> {
    let sql = "SELECT document FROM report_form_version WHERE form_id = ?1 AND version = ?2";
    let row = at.query_one(sql, params![(id,), version]).await?;
    row.map(|row| parsed("document", &row.text("document")?)).transpose()
}

pub(super) async fn insert_form(
    tx: &mut Tx,
    (id, unit): (FormId, UnitId),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "INSERT INTO report_form (id, unit_id, made_by, made_at) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![(id,), (unit,), (by,), now]).await.map(drop)
}

pub(super) async fn insert_version(
    tx: &mut Tx,
    (id, version): (FormId, i64),
    document: &Document,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let text = serde_json::to_string(document).map_err(|error| DbError::Row {
        column: "document".to_owned(),
        why: error.to_string(),
    })?;
    let sql = "INSERT INTO report_form_version (form_id, version, document, published_by, published_at)
         VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, params![(id,), version, text, (by,), now])
        .await
        .map(drop)
}

pub(super) async fn set_emergency(tx: &mut Tx, id: FormId, emergency: Option<&Emergency>) -> Result<(), DbError> {
    let row = params![
        (id,),
        emergency.map(|one| one.minutes),
        emergency.map(|one| one.since),
        emergency.map(|one| one.reason.clone())
    ];
    let sql =
        "UPDATE report_form SET emergency_minutes = ?2, emergency_since = ?3, emergency_reason = ?4 WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn close_form(tx: &mut Tx, id: FormId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE report_form SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL";
    tx.execute(sql, params![(id,), now]).await.map(drop)
}

/// Takes planned hours back that nobody could hand in yet: a plan is no record.
pub(super) async fn unplan(tx: &mut Tx, form: FormId, now: Instant) -> Result<u64, DbError> {
    let dues = "DELETE FROM report_due WHERE slot_id IN
         (SELECT s.id FROM report_slot s WHERE s.form_id = ?1 AND s.opens_at > ?2)";
    tx.execute(dues, params![(form,), now]).await?;
    let slots = "DELETE FROM report_slot WHERE form_id = ?1 AND opens_at > ?2";
    tx.execute(slots, params![(form,), now]).await
}

/// Writes a planned hour; false: it is planned already.
pub(super) async fn insert_slot(tx: &mut Tx, id: SlotId, form: &FormRow, planned: &Planned) -> Result<bool, DbError> {
    let row = params![
        (id,),
        (form.unit,),
        (form.id,),
        form.version,
        planned.opens_at,
        planned.due_at,
        planned.late_at,
        planned.is_emergency
    ];
    let sql = "INSERT INTO report_slot (id, unit_id, form_id, version, opens_at, due_at, late_at, is_emergency)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, row).await? == 1)
}

/// Writes what each unit owes at an hour.
pub(super) async fn insert_dues(tx: &mut Tx, slot: SlotId, units: &[UnitId]) -> Result<(), DbError> {
    for chunk in units.chunks(CHUNK_ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * 3);
        for unit in chunk {
            values.extend(params![(*unit,), (slot,), 0i64]);
        }
        let sql = format!(
            "INSERT INTO report_due (unit_id, slot_id, last_version) VALUES {}",
            wide_values(tx.backend(), chunk.len(), 3)
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// An hour.
pub async fn slot(at: &mut impl Reads, id: SlotId) -> Result<Option<Slot>, DbError> {
    let row = at.query_one(&format!("{SLOT} WHERE s.id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_slot).transpose()
}

/// What a unit owes at an hour.
pub async fn due(at: &mut impl Reads, slot: SlotId, unit: UnitId) -> Result<Option<Due>, DbError> {
    let sql = "SELECT unit_id, slot_id, last_version, first_at, draft, draft_by, draft_at FROM report_due
         WHERE unit_id = ?1 AND slot_id = ?2";
    let row = at.query_one(sql, params![(unit,), (slot,)]).await?;
    row.as_ref().map(read_due).transpose()
}

fn read_due(row: &Row) -> Result<Due, DbError> {
    let draft = match (
        row.opt_text("draft")?,
        row.opt_id::<ActorId>("draft_by")?,
        row.opt_instant("draft_at")?,
    ) {
        (Some(text), Some(by), Some(at)) => Some(Draft {
            answers: parsed("draft", &text)?,
            by,
            at,
        }),
        _ => None,
    };
    Ok(Due {
        unit: row.id("unit_id")?,
        slot: row.id("slot_id")?,
        last_version: row.int("last_version")?,
        first_at: row.opt_instant("first_at")?,
        draft,
    })
}

/// All that a unit handed in for an hour, the first version first.
pub async fn entries(at: &mut impl Reads, slot: SlotId, unit: UnitId) -> Result<Vec<Entry>, DbError> {
    let sql = "SELECT version, answers, is_nothing, reason, handed_in_by, handed_in_at FROM report_entry
         WHERE unit_id = ?1 AND slot_id = ?2 ORDER BY version LIMIT ?3";
    let rows = at.query(sql, params![(unit,), (slot,), VERSIONS_MAX]).await?;
    rows.iter().map(read_entry).collect()
}

/// An entry's row as a value: the one place.
pub(super) fn read_entry(row: &Row) -> Result<Entry, DbError> {
    Ok(Entry {
        version: row.int("version")?,
        answers: parsed("answers", &row.text("answers")?)?,
        is_nothing: row.flag("is_nothing")?,
        reason: row.text("reason")?,
        by: row.id("handed_in_by")?,
        at: row.instant("handed_in_at")?,
    })
}

fn written(answers: &Answers) -> Result<String, DbError> {
    serde_json::to_string(answers).map_err(|error| DbError::Row {
        column: "answers".to_owned(),
        why: error.to_string(),
    })
}

pub(super) async fn keep_draft(
    tx: &mut Tx,
    (slot, unit): (SlotId, UnitId),
    answers: &Answers,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "UPDATE report_due SET draft = ?3, draft_by = ?4, draft_at = ?5 WHERE unit_id = ?1 AND slot_id = ?2";
    tx.execute(sql, params![(unit,), (slot,), written(answers)?, (by,), now])
        .await
        .map(drop)
}

/// Writes a version after the one that was seen, and drops the draft; false: another came meanwhile.
pub(super) async fn hand_in(tx: &mut Tx, (slot, unit): (SlotId, UnitId), entry: &Entry) -> Result<bool, DbError> {
    let sql = "UPDATE report_due SET last_version = ?4, first_at = COALESCE(first_at, ?5), draft = NULL,
            draft_by = NULL, draft_at = NULL
         WHERE unit_id = ?1 AND slot_id = ?2 AND last_version = ?3";
    let row = params![(unit,), (slot,), entry.version - 1, entry.version, entry.at];
    if tx.execute(sql, row).await? != 1 {
        return Ok(false);
    }
    let row = params![
        (unit,),
        (slot,),
        entry.version,
        written(&entry.answers)?,
        entry.is_nothing,
        &entry.reason,
        (entry.by,),
        entry.at
    ];
    let sql = "INSERT INTO report_entry (unit_id, slot_id, version, answers, is_nothing, reason, handed_in_by,
            handed_in_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.execute(sql, row).await?;
    Ok(true)
}

/// What is told once of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The reminder before it.
    Reminder,
    /// Who is missing after it.
    Alert,
}

/// Marks that something was told; false: it was before.
pub(super) async fn mark_told(tx: &mut Tx, slot: SlotId, told: Told, now: Instant) -> Result<bool, DbError> {
    let sql = match told {
        Told::Reminder => "UPDATE report_slot SET reminded_at = ?2 WHERE id = ?1 AND reminded_at IS NULL",
        Told::Alert => "UPDATE report_slot SET alerted_at = ?2 WHERE id = ?1 AND alerted_at IS NULL",
    };
    Ok(tx.execute(sql, params![(slot,), now]).await? == 1)
}

/// The units that have handed nothing in for an hour.
pub async fn missing(at: &mut impl Reads, slot: SlotId) -> Result<Vec<UnitId>, DbError> {
    let sql = "SELECT unit_id FROM report_due WHERE slot_id = ?1 AND last_version = 0 ORDER BY unit_id LIMIT ?2";
    let most = i64::try_from(super::model::UNITS_MAX).unwrap_or(i64::MAX);
    let rows = at.query(sql, vec![(slot,).param(), most.param()]).await?;
    rows.iter().map(|row| row.id("unit_id")).collect()
}
