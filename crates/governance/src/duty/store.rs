//! The table `duty_shift`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, UnitId};

use super::model::{Shift, ShiftId, Span};

/// More shifts than a unit's roster has in the days that are shown.
const SHIFTS_MAX: i64 = 500;

pub(super) const SHIFT: &str = "SELECT t.id, t.unit_id, t.from_at, t.to_at, t.actor_id, t.masked_name, t.masked_phone,
        t.cancelled_at
    FROM duty_shift t";

/// A shift's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Shift, DbError> {
    Ok(Shift {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        from: row.instant("from_at")?,
        to: row.instant("to_at")?,
        actor: row.opt_id("actor_id")?,
        masked_name: row.text("masked_name")?,
        masked_phone: row.text("masked_phone")?,
        cancelled_at: row.opt_instant("cancelled_at")?,
    })
}

/// A shift.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn shift(at: &mut impl Reads, id: ShiftId) -> Result<Option<Shift>, DbError> {
    let row = at
        .query_one(&format!("{SHIFT} WHERE t.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Keeps two changes of a unit's roster from passing each other. SQLite has one writer anyway.
pub(super) async fn lock(tx: &mut Tx, unit: UnitId) -> Result<(), DbError> {
    if tx.backend() == db::Backend::Postgres {
        tx.query("SELECT id FROM unit WHERE id = ?1 FOR UPDATE", params![(unit,)])
            .await?;
    }
    Ok(())
}

/// The shifts of a unit that touch a stretch of time and were not taken back, by their beginnings.
pub async fn between(at: &mut impl Reads, unit: UnitId, span: Span) -> Result<Vec<Shift>, DbError> {
    let sql = format!(
        "{SHIFT} WHERE t.unit_id = ?1 AND t.to_at > ?2 AND t.from_at < ?3 AND t.cancelled_at IS NULL
         ORDER BY t.from_at, t.id LIMIT ?4"
    );
    let rows = at.query(&sql, params![(unit,), span.from, span.to, SHIFTS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// Who has a shift, sealed.
pub(super) async fn sealed(at: &mut impl Reads, id: ShiftId) -> Result<Option<Vec<u8>>, DbError> {
    let sql = "SELECT person_sealed FROM duty_shift WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| row.bytes("person_sealed")).transpose()
}

/// Those on duty in a unit at a moment, sealed.
pub(super) async fn sealed_on(at: &mut impl Reads, unit: UnitId, now: Instant) -> Result<Vec<Vec<u8>>, DbError> {
    let sql = "SELECT person_sealed FROM duty_shift
         WHERE unit_id = ?1 AND to_at > ?2 AND from_at <= ?2 AND cancelled_at IS NULL ORDER BY from_at, id LIMIT ?3";
    let rows = at.query(sql, params![(unit,), now, SHIFTS_MAX]).await?;
    rows.iter().map(|row| row.bytes("person_sealed")).collect()
}

pub(super) async fn insert(
    tx: &mut Tx,
    shift: &Shift,
    sealed: Vec<u8>,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let row = params![
        (shift.id,),
        (shift.unit,),
        shift.from,
        shift.to,
        shift.actor.map(|actor| (actor,)),
        &shift.masked_name,
        &shift.masked_phone,
        sealed,
        (by,),
        now
    ];
    let sql = "INSERT INTO duty_shift (id, unit_id, from_at, to_at, actor_id, masked_name, masked_phone, person_sealed,
            made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    tx.execute(sql, row).await.map(drop)
}

/// Gives a shift to whoever has another one.
pub(super) async fn give(tx: &mut Tx, id: ShiftId, of: &Shift, sealed: Vec<u8>) -> Result<(), DbError> {
    let row = params![
        (id,),
        of.actor.map(|actor| (actor,)),
        &of.masked_name,
        &of.masked_phone,
        sealed
    ];
    let sql = "UPDATE duty_shift SET actor_id = ?2, masked_name = ?3, masked_phone = ?4, person_sealed = ?5
         WHERE id = ?1";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn cancel(tx: &mut Tx, id: ShiftId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE duty_shift SET cancelled_at = ?2 WHERE id = ?1 AND cancelled_at IS NULL";
    tx.execute(sql, params![(id,), now]).await.map(drop)
}
