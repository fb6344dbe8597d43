//! Dispatch orders as they are shown, and how much of a day's goods left the same day.

use db::{DbError, Reads, params};
use kernel::{BusinessDay, Instant, UnitId};

use super::model::{Dispatch, DispatchLine, Proof};
use super::store::{DISPATCH, read};
use crate::DispatchId;

/// Orders of one answer.
const ORDERS_MAX: i64 = 500;
/// Signatures of one answer: with what was drawn, a megabyte.
const SIGNATURES_MAX: i64 = 400;
/// Lots of one day.
const LOTS_MAX: i64 = 50_000;

/// Orders of a unit, the newest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn orders(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Dispatch>, DbError> {
    let rows = at
        .query(
            &format!("{DISPATCH} WHERE d.unit_id = ?1 ORDER BY d.year DESC, d.number DESC LIMIT ?2"),
            params![(unit,), ORDERS_MAX],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// A line of an order with its words.
pub struct ShownLine {
    /// The line.
    pub line: DispatchLine,
    /// The item's name.
    pub item_name: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit.
    pub unit_word: String,
    /// Pieces handed out with a signature.
    pub distributed: i64,
}

/// An order with its lines.
pub async fn order(at: &mut impl Reads, id: DispatchId) -> Result<Option<(Dispatch, Vec<ShownLine>)>, DbError> {
    let row = at
        .query_one(&format!("{DISPATCH} WHERE d.id = ?1"), params![(id,)])
        .await?;
    let Some(row) = row else { return Ok(None) };
    let dispatch = read(&row)?;
    let mut lines = Vec::new();
    for line in super::store::lines(at, id).await? {
        let row = at
            .query_one(
                "SELECT i.name, i.grade, l.unit_word,
                   CAST(COALESCE((SELECT SUM(s.quantity) FROM goods_signature s
                     WHERE s.dispatch_id = ?2 AND s.lot_id = l.id), 0) AS BIGINT) AS distributed
                 FROM goods_lot l JOIN goods_item i ON i.id = l.item_id WHERE l.id = ?1",
                params![(line.lot,), (id,)],
            )
            .await?;
        if let Some(row) = row {
            lines.push(ShownLine {
                line,
                item_name: row.text("name")?,
                grade: row.text("grade")?,
                unit_word: row.text("unit_word")?,
                distributed: row.int("distributed")?,
            });
        }
    }
    lines.sort_by_key(|line| line.line.n);
    Ok(Some((dispatch, lines)))
}

/// Who signed for goods of an order; name and drawing are still sealed.
pub struct ShownSignature {
    /// The item's name.
    pub item_name: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit.
    pub unit_word: String,
    /// How many were handed out.
    pub quantity: i64,
    /// What proves it.
    pub proof: Proof,
    /// The name of who signed, sealed.
    pub signer_sealed: Vec<u8>,
    /// The signature as it was drawn, sealed; none: a name alone.
    pub drawn_sealed: Option<Vec<u8>>,
    /// When it was written down.
    pub signed_at: Instant,
}

/// The signatures of an order, the newest first.
pub async fn signatures(at: &mut impl Reads, id: DispatchId) -> Result<Vec<ShownSignature>, DbError> {
    let rows = at
        .query(
            "SELECT i.name, i.grade, l.unit_word, s.quantity, s.proof, s.signer_sealed, s.drawn_sealed, s.signed_at
             FROM goods_signature s JOIN goods_lot l ON l.id = s.lot_id JOIN goods_item i ON i.id = l.item_id
             WHERE s.dispatch_id = ?1 ORDER BY s.id DESC LIMIT ?2",
            params![(id,), SIGNATURES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ShownSignature {
                item_name: row.text("name")?,
                grade: row.text("grade")?,
                unit_word: row.text("unit_word")?,
                quantity: row.int("quantity")?,
                proof: row.word("proof")?,
                signer_sealed: row.bytes("signer_sealed")?,
                drawn_sealed: row.opt_bytes("drawn_sealed")?,
                signed_at: row.instant("signed_at")?,
            })
        })
        .collect()
}

/// How much of a day's goods left the same day (日进日清).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCleared {
    /// By unit: pieces that arrived on the day, and how many of those lots left on it; units are never added.
    pub by_unit: Vec<(String, i64, i64)>,
    /// Lots that arrived.
    pub lots: i64,
    /// Their mean share that left, in parts of ten thousand.
    pub share: i64,
}

/// The figure of a day. What arrived only to be held for somebody is not counted.
pub async fn day_cleared(at: &mut impl Reads, unit: UnitId, day: BusinessDay) -> Result<DayCleared, DbError> {
    let (from, to) = (day.start(), day.plus_days(1).start());
    let rows = at
        .query(
            "SELECT l.unit_word, a.quantity AS arrived,
               CAST(COALESCE((SELECT SUM(o.quantity) FROM goods_move o WHERE o.lot_id = l.id AND o.to_state = 'in_transit'
                 AND o.moved_at >= ?2 AND o.moved_at < ?3), 0) AS BIGINT) AS went
             FROM (SELECT lot_id, CAST(SUM(quantity) AS BIGINT) AS quantity FROM goods_move
               WHERE unit_id = ?1 AND to_state = 'arrived' AND moved_at >= ?2 AND moved_at < ?3 GROUP BY lot_id) AS a
             JOIN goods_lot l ON l.id = a.lot_id WHERE l.source <> 'held_for_addressee' ORDER BY l.unit_word, l.id LIMIT ?4",
            params![(unit,), from, to, LOTS_MAX],
        )
        .await?;
    let (mut by_unit, mut shares): (Vec<(String, i64, i64)>, i64) = (Vec::new(), 0);
    for row in &rows {
        let (word, arrived) = (row.text("unit_word")?, row.int("arrived")?);
        let left = row.int("went")?.min(arrived);
        if by_unit.last().is_none_or(|(last, ..)| *last != word) {
            by_unit.push((word, 0, 0));
        }
        if let Some(last) = by_unit.last_mut() {
            last.1 = last.1.saturating_add(arrived);
            last.2 = last.2.saturating_add(left);
        }
        shares += left.saturating_mul(10_000) / arrived.max(1);
    }
    let lots = rows.len() as i64;
    Ok(DayCleared {
        by_unit,
        lots,
        share: if lots == 0 { 0 } else { shares / lots },
    })
}
