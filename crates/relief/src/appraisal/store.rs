//! The table `goods_appraisal`, and a lot's value.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Fen, Instant, UnitId};

use super::model::Appraisal;
use crate::stock::model::ValueBasis;
use crate::{AppraisalId, LotId};

pub(super) const APPRAISAL: &str =
    "a.id, a.unit_id, a.lot_id, a.appraiser, a.state, a.value_fen AS appraised_fen, a.report,
    a.ordered_by, a.ordered_at, a.ends_at, a.answered_at";

/// An order's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Appraisal, DbError> {
    Ok(Appraisal {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        lot: row.id("lot_id")?,
        appraiser: row.text("appraiser")?,
        state: row.word("state")?,
        value: row.opt_fen("appraised_fen")?,
        report: row.text("report")?,
        ordered_by: row.id("ordered_by")?,
        ordered_at: row.instant("ordered_at")?,
        ends_at: row.instant("ends_at")?,
        answered_at: row.opt_instant("answered_at")?,
    })
}

pub(super) async fn order(at: &mut impl Reads, id: AppraisalId) -> Result<Option<Appraisal>, DbError> {
    let sql = format!("SELECT {APPRAISAL} FROM goods_appraisal a WHERE a.id = ?1");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Appraisal>, DbError> {
    let sql = format!("SELECT {APPRAISAL} FROM goods_appraisal a WHERE a.unit_id = ?1 AND a.order_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

/// The order of a lot that still waits for its answer.
pub(super) async fn open(at: &mut impl Reads, lot: LotId, now: Instant) -> Result<Option<Appraisal>, DbError> {
    let sql = format!(
        "SELECT {APPRAISAL} FROM goods_appraisal a WHERE a.lot_id = ?1 AND a.state = 'asked' AND a.ends_at > ?2
         ORDER BY a.id LIMIT 1"
    );
    let row = at.query_one(&sql, params![(lot,), now]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, order: &Appraisal, key: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_appraisal (id, unit_id, lot_id, order_key, appraiser, state, report, ordered_by, ordered_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', ?7, ?8, ?9)",
        params![
            (order.id,),
            (order.unit,),
            (order.lot,),
            key,
            &order.appraiser,
            order.state.as_str(),
            (order.ordered_by,),
            order.ordered_at,
            order.ends_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn answered(tx: &mut Tx, order: &Appraisal) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_appraisal SET state = ?2, value_fen = ?3, report = ?4, answered_at = ?5 WHERE id = ?1",
        params![
            (order.id,),
            order.state.as_str(),
            order.value,
            &order.report,
            order.answered_at
        ],
    )
    .await
    .map(drop)
}

/// Gives a lot its value; it must have none.
pub(super) async fn set_value(tx: &mut Tx, lot: LotId, value: Fen) -> Result<bool, DbError> {
    let sql = "UPDATE goods_lot SET value_fen = ?2, value_basis = ?3 WHERE id = ?1 AND value_fen IS NULL";
    let done = tx
        .execute(sql, params![(lot,), value, ValueBasis::Appraisal.as_str()])
        .await?;
    Ok(done == 1)
}
