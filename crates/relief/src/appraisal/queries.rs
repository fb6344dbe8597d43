//! Appraisal orders as they are shown.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::{Appraisal, Asked};
use super::store::{APPRAISAL, read};
use crate::AppraisalId;

/// Orders of one answer.
const ORDERS_MAX: i64 = 500;

/// The appraisal orders of a unit, the newest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn orders(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Appraisal>, DbError> {
    let sql = format!("SELECT {APPRAISAL} FROM goods_appraisal a WHERE a.unit_id = ?1 ORDER BY a.id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), ORDERS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// An order with the goods it is about.
pub async fn asked(at: &mut impl Reads, id: AppraisalId) -> Result<Option<Asked>, DbError> {
    let sql = format!(
        "SELECT {APPRAISAL}, i.name AS item_name, i.grade, l.spec, l.batch, l.unit_word, l.expires_on, m.quantity
         FROM goods_appraisal a JOIN goods_lot l ON l.id = a.lot_id JOIN goods_item i ON i.id = l.item_id
         JOIN goods_move m ON m.lot_id = l.id AND m.n = 1 WHERE a.id = ?1"
    );
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.map(|row| {
        Ok(Asked {
            order: read(&row)?,
            item: row.text("item_name")?,
            grade: row.text("grade")?,
            spec: row.text("spec")?,
            batch: row.text("batch")?,
            pieces: row.int("quantity")?,
            unit_word: row.text("unit_word")?,
            expires_on: row.opt_day("expires_on")?,
        })
    })
    .transpose()
}
