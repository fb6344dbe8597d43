//! The two lists and plans as they are shown.

use db::{DbError, Reads, params};
use governance::approvals::CaseId;
use kernel::{BusinessDay, Instant, UnitId};

use super::model::{ListLine, PlanState, Request, Share};
use super::store::{PLAN, REQUEST, read_plan, read_request, read_share};
use crate::PlanId;

/// Requests of one answer.
const REQUESTS_MAX: i64 = 2_000;
/// Plans of one answer.
const PLANS_MAX: i64 = 100;
/// Lines of one plan's answer.
const LINES_MAX: i64 = 20_000;

/// A version of list one.
pub struct ShownList {
    /// 1, 2, 3 …
    pub version: i64,
    /// When it was drawn.
    pub drawn_at: Instant,
    /// Its lines.
    pub lines: Vec<ListLine>,
}

/// The last version of list one for a day.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn list_one(at: &mut impl Reads, unit: UnitId, day: BusinessDay) -> Result<Option<ShownList>, DbError> {
    let row = at
        .query_one(
            "SELECT version, lines, drawn_at FROM goods_list WHERE unit_id = ?1 AND for_day = ?2
             ORDER BY version DESC LIMIT 1",
            params![(unit,), day],
        )
        .await?;
    row.map(|row| {
        let lines = serde_json::from_str(&row.text("lines")?).map_err(|error| DbError::Row {
            column: "lines".to_owned(),
            why: error.to_string(),
        })?;
        Ok(ShownList {
            version: row.int("version")?,
            drawn_at: row.instant("drawn_at")?,
            lines,
        })
    })
    .transpose()
}

/// List two: what is asked for and not taken back, the most pressing first.
pub async fn list_two(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Request>, DbError> {
    let rows = at
        .query(
            &format!(
                "{REQUEST} WHERE r.unit_id = ?1 AND r.withdrawn_at IS NULL
                 ORDER BY CASE r.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 ELSE 2 END,
                   COALESCE(r.needed_by, 99999999), r.id LIMIT ?2"
            ),
            params![(unit,), REQUESTS_MAX],
        )
        .await?;
    rows.iter().map(read_request).collect()
}

/// A plan in a list.
pub struct ShownPlan {
    /// Its id.
    pub id: PlanId,
    /// Whose.
    pub unit: UnitId,
    /// Its day.
    pub day: BusinessDay,
    /// Where it is.
    pub state: PlanState,
    /// When it was proposed.
    pub made_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// The case that decides it.
    pub case: Option<CaseId>,
}

fn shown(plan: super::store::PlanRow) -> ShownPlan {
    ShownPlan {
        id: plan.id,
        unit: plan.unit,
        day: plan.day,
        state: plan.state,
        made_at: plan.made_at,
        decided_at: plan.decided_at,
        case: plan.case,
    }
}

/// Plans of a unit, the newest first.
pub async fn plans(at: &mut impl Reads, unit: UnitId) -> Result<Vec<ShownPlan>, DbError> {
    let rows = at
        .query(
            &format!("{PLAN} WHERE unit_id = ?1 ORDER BY id DESC LIMIT ?2"),
            params![(unit,), PLANS_MAX],
        )
        .await?;
    rows.iter().map(|row| Ok(shown(read_plan(row)?))).collect()
}

/// A line of a plan with its words.
pub struct ShownShare {
    /// The line.
    pub share: Share,
    /// The item's name.
    pub item_name: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit.
    pub unit_word: String,
    /// The receiver's name; none: it stays in store.
    pub party_name: Option<String>,
    /// Why the desk changed it.
    pub changed_reason: String,
}

/// A plan with its lines.
pub async fn plan(at: &mut impl Reads, id: PlanId) -> Result<Option<(ShownPlan, Vec<ShownShare>)>, DbError> {
    let Some(plan) = super::store::plan(at, id).await? else {
        return Ok(None);
    };
    let rows = at
        .query(
            "SELECT s.lot_id, s.place_id, s.party_id, s.request_id, s.quantity, s.why, s.changed_reason, i.name, i.grade,
               l.unit_word, p.name AS party_name
             FROM goods_plan_line s JOIN goods_lot l ON l.id = s.lot_id JOIN goods_item i ON i.id = l.item_id
             LEFT JOIN goods_party p ON p.id = s.party_id WHERE s.plan_id = ?1 ORDER BY i.name, s.n LIMIT ?2",
            params![(id,), LINES_MAX],
        )
        .await?;
    let lines: Result<Vec<ShownShare>, DbError> = rows
        .iter()
        .map(|row| {
            Ok(ShownShare {
                share: read_share(row)?,
                item_name: row.text("name")?,
                grade: row.text("grade")?,
                unit_word: row.text("unit_word")?,
                party_name: row.opt_text("party_name")?,
                changed_reason: row.text("changed_reason")?,
            })
        })
        .collect();
    Ok(Some((shown(plan), lines?)))
}
