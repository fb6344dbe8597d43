//! The tables `goods_script` and `goods_call`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::id::Id as _;
use kernel::{ActorId, Instant, UnitId};

use super::model::{Call, CallOutcome, Published, Script};
use crate::CallId;

/// Calls of one answer.
const CALLS_MAX: i64 = 500;
/// The script that ships; a published one never changes, a better one is another file.
const SHIPPED: &str = include_str!("shipped/donation_line.v1.json");
/// Its version.
const SHIPPED_VERSION: i64 = 1;

fn parsed(document: &str) -> Result<Script, DbError> {
    serde_json::from_str(document).map_err(|error| DbError::Row {
        column: "document".to_owned(),
        why: error.to_string(),
    })
}

/// The script in force: the latest of the nearest of these units that has one, or else what ships.
pub(super) async fn in_force(at: &mut impl Reads, line: &[UnitId]) -> Result<Published, DbError> {
    let sql = "SELECT version, document FROM goods_script WHERE unit_id = ?1 ORDER BY version DESC LIMIT 1";
    for unit in line {
        if let Some(row) = at.query_one(sql, params![(*unit,)]).await? {
            return Ok(Published {
                unit: Some(*unit),
                version: row.int("version")?,
                script: parsed(&row.text("document")?)?,
            });
        }
    }
    Ok(Published {
        unit: None,
        version: SHIPPED_VERSION,
        script: parsed(SHIPPED)?,
    })
}

/// Publishes the next version of a unit's script; gives its number.
pub(super) async fn publish(
    tx: &mut Tx,
    unit: UnitId,
    document: &str,
    (by, now): (ActorId, Instant),
) -> Result<i64, DbError> {
    let sql = "SELECT COALESCE(MAX(version), 0) AS last FROM goods_script WHERE unit_id = ?1";
    let row = tx.query_one(sql, params![(unit,)]).await?;
    let version = row.map_or(Ok(0), |row| row.int("last"))? + 1;
    tx.execute(
        "INSERT INTO goods_script (unit_id, version, document, published_by, published_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(unit,), version, document, (by,), now],
    )
    .await?;
    Ok(version)
}

const CALL: &str = "SELECT id, unit_id, outcome, subject, answered_at FROM goods_call";

fn read(row: &Row) -> Result<Call, DbError> {
    let subject = row.opt_id::<crate::LotId>("subject")?;
    Ok(Call {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        outcome: row.word("outcome")?,
        subject: subject.map(|id| id.bytes()),
        answered_at: row.instant("answered_at")?,
    })
}

/// A call by the key it was sent with, and what was said, sealed.
pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<(Call, Vec<u8>)>, DbError> {
    let sql = "SELECT id, unit_id, outcome, subject, answered_at, answers_sealed FROM goods_call
         WHERE unit_id = ?1 AND call_key = ?2";
    let row = at.query_one(sql, params![(unit,), key]).await?;
    row.map(|row| Ok((read(&row)?, row.bytes("answers_sealed")?)))
        .transpose()
}

/// A call, and what was said, sealed.
pub(super) async fn call(at: &mut impl Reads, id: CallId) -> Result<Option<(Call, Vec<u8>)>, DbError> {
    let sql = "SELECT id, unit_id, outcome, subject, answered_at, answers_sealed FROM goods_call WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| Ok((read(&row)?, row.bytes("answers_sealed")?)))
        .transpose()
}

/// The calls of a unit, the newest first.
pub(super) async fn calls(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Call>, DbError> {
    let sql = format!("{CALL} WHERE unit_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), CALLS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// A call about to be written.
pub(super) struct NewRow<'a> {
    pub(super) id: CallId,
    pub(super) unit: UnitId,
    pub(super) key: &'a str,
    pub(super) script: &'a Published,
    pub(super) sealed: Vec<u8>,
    pub(super) outcome: CallOutcome,
    pub(super) subject: Option<[u8; 16]>,
    pub(super) by: ActorId,
}

pub(super) async fn insert(tx: &mut Tx, new: NewRow<'_>, now: Instant) -> Result<(), DbError> {
    // What ships stands under the unit of zeros, as its policies do.
    let shipped = UnitId::from_bytes([0; 16]);
    tx.execute(
        "INSERT INTO goods_call (id, unit_id, call_key, script_unit_id, script_version, answers_sealed, outcome, subject,
           answered_by, answered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            (new.id,),
            (new.unit,),
            new.key,
            (new.script.unit.unwrap_or(shipped),),
            new.script.version,
            new.sealed,
            new.outcome.as_str(),
            new.subject,
            (new.by,),
            now
        ],
    )
    .await
    .map(drop)
}
