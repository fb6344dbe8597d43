//! Breaches that go on, for showing.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::Going;

/// Breaches of one answer.
const BREACHES_MAX: i64 = 500;

/// The breaches of a unit that go on, the oldest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn going(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Going>, DbError> {
    let rows = at
        .query(
            "SELECT b.kind, b.quantity, b.began_at, i.name, COALESCE(l.unit_word, i.base_unit) AS unit_word
             FROM goods_breach b LEFT JOIN goods_lot l ON l.id = b.subject
             JOIN goods_item i ON i.id = COALESCE(l.item_id, b.subject)
             WHERE b.unit_id = ?1 AND b.ended_at IS NULL ORDER BY b.began_at, b.kind, b.subject LIMIT ?2",
            params![(unit,), BREACHES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Going {
                unit,
                kind: row.word("kind")?,
                item_name: row.text("name")?,
                quantity: row.int("quantity")?,
                unit_word: row.text("unit_word")?,
                began_at: row.instant("began_at")?,
            })
        })
        .collect()
}
