//! The two lists and plans as they are shown.

use std::collections::HashMap;

use db::{DbError, Reads, params};
use governance::approvals::CaseId;
use kernel::{BusinessDay, Instant, RegionCode, UnitId};

use super::matching::{Match, match_up};
use super::model::{ListLine, Offer, PlanState, Request, Share};
pub use super::store::history::{PlanEvent, events};
use super::store::{PLAN, REQUEST, read_plan, read_request, read_share};
use crate::stock::store::{LOT, read_lot};
use crate::{ItemId, LotId, PartyId, PlanId};

/// Requests of one answer.
const REQUESTS_MAX: i64 = 2_000;
/// Requests of one receiver's answer: what a hospital asks for in some months.
const OWN_MAX: i64 = 500;
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

/// What one receiver asked for, the newest first, with what was taken back.
pub async fn requests_of(at: &mut impl Reads, unit: UnitId, party: PartyId) -> Result<Vec<Request>, DbError> {
    let rows = at
        .query(
            &format!("{REQUEST} WHERE r.unit_id = ?1 AND r.party_id = ?2 ORDER BY r.id DESC LIMIT ?3"),
            params![(unit,), (party,), OWN_MAX],
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
    /// The item.
    pub item: ItemId,
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
               l.item_id, l.unit_word, p.name AS party_name
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
                item: row.id("item_id")?,
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

/// Offers, and receivers, that are matched at once.
const OFFERS_MAX: i64 = 20_000;

/// An offer beside a need, with its words.
pub struct ShownMatch {
    /// What goes where.
    pub one: Match,
    /// Whether it has not arrived yet, so that it could go straight there.
    pub is_announced: bool,
    /// The item's name.
    pub item_name: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit.
    pub unit_word: String,
    /// The receiver's name.
    pub party_name: String,
}

/// Offers of a unit, announced or in store, beside its open needs. A place without a region lies where its unit is.
pub async fn matches(
    at: &mut impl Reads,
    (unit, region): (UnitId, Option<RegionCode>),
    now: Instant,
) -> Result<Vec<ShownMatch>, DbError> {
    let today = now.business_day();
    let rows = at
        .query(
            &format!(
                "SELECT {LOT}, b.holder, b.quantity, b.state, p.region_code, i.name AS item_name, i.grade
                 FROM goods_balance b JOIN goods_lot l ON l.id = b.lot_id JOIN goods_item i ON i.id = l.item_id
                 LEFT JOIN goods_place p ON p.id = b.holder
                 WHERE b.unit_id = ?1 AND b.state IN ('announced', 'stocked') AND b.quantity > 0
                   AND l.source <> 'held_for_addressee' AND (l.expires_on IS NULL OR l.expires_on >= ?2)
                 ORDER BY l.id, b.state, b.holder LIMIT ?3"
            ),
            params![(unit,), today, OFFERS_MAX],
        )
        .await?;
    let mut offers = Vec::with_capacity(rows.len());
    let mut words: HashMap<LotId, (bool, String, String, String)> = HashMap::new();
    for row in &rows {
        let lot = read_lot(row)?;
        let is_announced = row.text("state")? == "announced";
        let name = (
            is_announced,
            row.text("item_name")?,
            row.text("grade")?,
            lot.unit_word.clone(),
        );
        words.insert(lot.id, name);
        let of_place = row
            .opt_text("region_code")?
            .and_then(|code| RegionCode::parse(&code).ok());
        let offer = Offer {
            lot: lot.id,
            place: row.id("holder")?,
            item: lot.item,
            available: row.int("quantity")?,
            per_base: lot.per_base,
            per_box: lot.per_box,
            expires_on: lot.expires_on,
            designated_for: lot.designated_for,
        };
        offers.push((offer, of_place.or(region)));
    }
    let parties = at
        .query(
            "SELECT id, name, region_code FROM goods_party WHERE unit_id = ?1 ORDER BY id LIMIT ?2",
            params![(unit,), OFFERS_MAX],
        )
        .await?;
    let (mut regions, mut names) = (HashMap::new(), HashMap::new());
    for row in &parties {
        let id: PartyId = row.id("id")?;
        names.insert(id, row.text("name")?);
        if let Ok(code) = RegionCode::parse(&row.text("region_code")?) {
            regions.insert(id, code);
        }
    }
    let open = super::store::open_requests(at, unit).await?;
    let asks = open.into_iter().filter_map(|request| {
        let ask = super::rules::open_ask(&request, now)?;
        let region = regions.get(&ask.party).copied();
        Some((ask, region))
    });
    let found = match_up(offers, asks.collect(), &regions);
    let shown = found.into_iter().filter_map(|one| {
        let (is_announced, item_name, grade, unit_word) = words.get(&one.lot)?.clone();
        Some(ShownMatch {
            one,
            is_announced,
            item_name,
            grade,
            unit_word,
            party_name: names.get(&one.party).cloned().unwrap_or_default(),
        })
    });
    Ok(shown.collect())
}
