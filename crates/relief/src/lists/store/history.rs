//! What happened to a plan: what the desk changed and why, what the group said. The table `goods_plan_change`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant};

use super::super::model::{ChangedLine, PlanEventKind};
use crate::{LotId, PlaceId, PlanId};

/// Destinations of a lot that are shown of a change.
const LINES_MAX: i64 = 500;
/// Events of one plan that are shown, of each kind: a plan lives for a day.
const EVENTS_MAX: i64 = 500;

/// The destinations of a lot at a place as a plan has them now.
pub(in crate::lists) async fn destinations(
    at: &mut impl Reads,
    plan: PlanId,
    (lot, place): (LotId, PlaceId),
) -> Result<Vec<ChangedLine>, DbError> {
    let rows = at
        .query(
            "SELECT p.name, s.quantity FROM goods_plan_line s LEFT JOIN goods_party p ON p.id = s.party_id
             WHERE s.plan_id = ?1 AND s.lot_id = ?2 AND s.place_id = ?3 ORDER BY s.n LIMIT ?4",
            params![(plan,), (lot,), (place,), LINES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ChangedLine {
                receiver: row.opt_text("name")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

/// A change of a plan to be written down.
pub(in crate::lists) struct NewChange<'a> {
    pub(in crate::lists) plan: PlanId,
    pub(in crate::lists) spot: (LotId, PlaceId),
    pub(in crate::lists) before: &'a [ChangedLine],
    pub(in crate::lists) after: &'a [ChangedLine],
    pub(in crate::lists) reason: &'a str,
}

/// Writes a change down; the plan is locked by the caller.
pub(in crate::lists) async fn insert(
    tx: &mut Tx,
    change: &NewChange<'_>,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    let sql = "SELECT COALESCE(MAX(n), 0) AS n FROM goods_plan_change WHERE plan_id = ?1";
    let last = tx.query_one(sql, params![(change.plan,)]).await?;
    let n = last.map_or(Ok(0), |row| row.int("n"))? + 1;
    let (lot, place) = change.spot;
    let before = serde_json::to_string(change.before).unwrap_or_default();
    let after = serde_json::to_string(change.after).unwrap_or_default();
    tx.execute(
        "INSERT INTO goods_plan_change (plan_id, n, lot_id, place_id, before_lines, after_lines, reason, changed_by,
           changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            (change.plan,),
            n,
            (lot,),
            (place,),
            &before,
            &after,
            change.reason,
            (by,),
            now,
        ],
    )
    .await
    .map(drop)
}

/// Something that happened to a plan.
pub struct PlanEvent {
    /// What.
    pub kind: PlanEventKind,
    /// Who.
    pub by: ActorId,
    /// When.
    pub at: Instant,
    /// The reason of a change, the words of a decision.
    pub words: String,
    /// The item of the lot that was changed, with its grade.
    pub item: Option<String>,
    /// The unit of a change's numbers.
    pub unit_word: Option<String>,
    /// The lot's destinations before.
    pub before: Vec<ChangedLine>,
    /// The lot's destinations after.
    pub after: Vec<ChangedLine>,
}

fn lines(row: &Row, column: &str) -> Result<Vec<ChangedLine>, DbError> {
    serde_json::from_str(&row.text(column)?).map_err(|error| DbError::Row {
        column: column.to_owned(),
        why: error.to_string(),
    })
}

/// What happened to a plan, the oldest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn events(at: &mut impl Reads, plan: PlanId) -> Result<Vec<PlanEvent>, DbError> {
    let rows = at
        .query(
            "SELECT c.changed_by, c.changed_at, c.reason, c.before_lines, c.after_lines, i.name, i.grade, l.unit_word
             FROM goods_plan_change c JOIN goods_lot l ON l.id = c.lot_id JOIN goods_item i ON i.id = l.item_id
             WHERE c.plan_id = ?1 ORDER BY c.n LIMIT ?2",
            params![(plan,), EVENTS_MAX],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let item = format!("{} {}", row.text("name")?, row.text("grade")?);
        found.push(PlanEvent {
            kind: PlanEventKind::Changed,
            by: row.id("changed_by")?,
            at: row.instant("changed_at")?,
            words: row.text("reason")?,
            item: Some(item.trim_end().to_owned()),
            unit_word: Some(row.text("unit_word")?),
            before: lines(row, "before_lines")?,
            after: lines(row, "after_lines")?,
        });
    }
    let rows = at
        .query(
            "SELECT actor_id, decision, words, decided_at FROM goods_plan_decision WHERE plan_id = ?1
             ORDER BY decided_at LIMIT ?2",
            params![(plan,), EVENTS_MAX],
        )
        .await?;
    for row in &rows {
        found.push(PlanEvent {
            kind: row.word("decision")?,
            by: row.id("actor_id")?,
            at: row.instant("decided_at")?,
            words: row.text("words")?,
            item: None,
            unit_word: None,
            before: Vec::new(),
            after: Vec::new(),
        });
    }
    found.sort_by_key(|event| event.at);
    Ok(found)
}
