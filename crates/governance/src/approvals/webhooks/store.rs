//! The table `case_webhook`.

use db::{DbError, Param as _, Reads, Row, Tx, list_marks, params};
use kernel::{ActorId, Instant, UnitId};

use super::model::Webhook;

fn read(row: &Row) -> Result<(Webhook, Vec<u8>), DbError> {
    let webhook = Webhook {
        unit: row.id("unit_id")?,
        address: row.text("address")?,
        is_on: row.flag("is_on")?,
        set_at: row.instant("set_at")?,
        last_at: row.opt_instant("last_at")?,
        last_status: row.opt_int("last_status")?,
    };
    Ok((webhook, row.bytes("secret_sealed")?))
}

/// A unit's webhook with its secret, sealed.
pub(super) async fn of_unit(at: &mut impl Reads, unit: UnitId) -> Result<Option<(Webhook, Vec<u8>)>, DbError> {
    let sql = "SELECT unit_id, address, secret_sealed, is_on, set_at, last_at, last_status FROM case_webhook
        WHERE unit_id = ?1";
    let row = at.query_one(sql, params![(unit,)]).await?;
    row.as_ref().map(read).transpose()
}

/// The first unit of a line, from a case's own upward, that has a webhook; none where that one is switched off: its cases
/// are not told to the units above instead.
pub(super) async fn nearest(at: &mut impl Reads, line: &[UnitId]) -> Result<Option<UnitId>, DbError> {
    if line.is_empty() {
        return Ok(None);
    }
    let marks = list_marks(at.backend(), 0, line.len());
    let sql = format!("SELECT unit_id, is_on FROM case_webhook WHERE unit_id IN ({marks})");
    let values = line.iter().map(|unit| (*unit,).param()).collect();
    let rows = at.query(&sql, values).await?;
    let mut set: Vec<(UnitId, bool)> = Vec::with_capacity(rows.len());
    for row in &rows {
        set.push((row.id("unit_id")?, row.flag("is_on")?));
    }
    let nearest = line
        .iter()
        .find_map(|unit| set.iter().find(|(of, _)| of == unit).copied());
    Ok(nearest.filter(|(_, is_on)| *is_on).map(|(unit, _)| unit))
}

/// Writes a unit's webhook; how the last delivery went is forgotten with the address before.
pub(super) async fn put(
    tx: &mut Tx,
    (unit, address, is_on): (UnitId, &str, bool),
    secret_sealed: Vec<u8>,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "INSERT INTO case_webhook (unit_id, address, secret_sealed, is_on, set_by, set_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (unit_id) DO UPDATE SET address = excluded.address, secret_sealed = excluded.secret_sealed,
            is_on = excluded.is_on, set_by = excluded.set_by, set_at = excluded.set_at, last_at = NULL,
            last_status = NULL";
    let row = params![(unit,), address, secret_sealed, is_on, (by,), now];
    tx.execute(sql, row).await.map(drop)
}

/// Notes how a delivery went.
pub(super) async fn note(tx: &mut Tx, unit: UnitId, status: Option<i64>, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE case_webhook SET last_at = ?2, last_status = ?3 WHERE unit_id = ?1";
    tx.execute(sql, params![(unit,), now, status]).await.map(drop)
}
