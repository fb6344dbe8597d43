//! The table `goods_breach`.

use std::collections::BTreeMap;

use db::{DbError, Reads, Tx, params};
use kernel::{Instant, UnitId};

use super::model::BreachKey;

/// Breaches of a unit that go on at once.
const BREACHES_MAX: i64 = 20_000;
/// Units with goods: the county societies of a large province.
const UNITS_MAX: i64 = 1_000;

/// The units that have lots or norms.
pub(super) async fn units(at: &mut impl Reads) -> Result<Vec<UnitId>, DbError> {
    let sql = "SELECT unit_id FROM goods_lot UNION SELECT unit_id FROM goods_norm ORDER BY unit_id LIMIT ?1";
    let rows = at.query(sql, params![UNITS_MAX]).await?;
    rows.iter().map(|row| row.id("unit_id")).collect()
}

/// The breaches of a unit that go on, with the moment each began.
pub(super) async fn open(at: &mut impl Reads, unit: UnitId) -> Result<BTreeMap<BreachKey, Instant>, DbError> {
    let rows = at
        .query(
            "SELECT kind, subject, began_at FROM goods_breach WHERE unit_id = ?1 AND ended_at IS NULL LIMIT ?2",
            params![(unit,), BREACHES_MAX],
        )
        .await?;
    let mut found = BTreeMap::new();
    for row in &rows {
        let subject: [u8; 16] = row.bytes("subject")?.try_into().map_err(|_| DbError::Row {
            column: "subject".to_owned(),
            why: "16 bytes are expected".to_owned(),
        })?;
        found.insert((row.word("kind")?, subject), row.instant("began_at")?);
    }
    Ok(found)
}

/// Writes that a breach began; whether it did: another look may have been quicker.
pub(super) async fn begin(
    tx: &mut Tx,
    unit: UnitId,
    ((kind, subject), quantity): (BreachKey, i64),
    now: Instant,
) -> Result<bool, DbError> {
    tx.execute(
        "INSERT INTO goods_breach (unit_id, kind, subject, began_at, quantity) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
        params![(unit,), kind.as_str(), subject, now, quantity],
    )
    .await
    .map(|written| written == 1)
}

/// Writes that a breach ended; whether it did: another look may have been quicker.
pub(super) async fn end(
    tx: &mut Tx,
    unit: UnitId,
    ((kind, subject), began_at): (BreachKey, Instant),
    now: Instant,
) -> Result<bool, DbError> {
    tx.execute(
        "UPDATE goods_breach SET ended_at = ?5 WHERE unit_id = ?1 AND kind = ?2 AND subject = ?3 AND began_at = ?4
           AND ended_at IS NULL",
        params![(unit,), kind.as_str(), subject, began_at, now],
    )
    .await
    .map(|written| written == 1)
}
