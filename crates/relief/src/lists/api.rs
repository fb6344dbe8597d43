//! JSON of the two lists and of plans.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, Fen, Instant, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, Destination, Said};
use super::model::{ListLine, NewRequest, PlanDecision, PlanState, Priority, Request, Wanted, Why};
use super::{queries, rules};
use crate::error::{in_scope, invalid};
use crate::http::{id_of, maybe, of_db, reading};
use crate::{LotId, PlanId, RequestId};

/// Destinations of one lot in one change.
const DESTINATIONS_MAX: usize = 500;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_one))
        .staff(Permission::GoodsRecord, routes!(draw_list))
        .staff(Permission::GoodsRead, routes!(list_two))
        .staff(Permission::GoodsRequest, routes!(ask))
        .staff(Permission::GoodsRequest, routes!(confirm))
        .staff(Permission::GoodsRequest, routes!(withdraw))
        .staff(Permission::GoodsRequest, routes!(repeat))
        .staff(Permission::GoodsRead, routes!(list_plans))
        .staff(Permission::GoodsPropose, routes!(propose))
        .staff(Permission::GoodsRead, routes!(show_plan))
        .staff(Permission::GoodsPropose, routes!(change))
        .staff(Permission::GoodsApprove, routes!(decide))
}

/// A version of list one.
#[derive(Serialize, ToSchema)]
struct GoodsListOut {
    /// The day it is for.
    #[schema(value_type = String, format = Date)]
    for_day: BusinessDay,
    /// 1, 2, 3 …; 0 where none was drawn.
    version: i64,
    /// When it was drawn.
    #[schema(value_type = Option<String>, format = DateTime)]
    drawn_at: Option<Instant>,
    /// Whether its day has ended, so that it stays as it is.
    frozen: bool,
    /// Its lines.
    lines: Vec<ListLine>,
}

/// The lots' public ids instead of their own.
fn public_lots(s: &Services, lines: Vec<ListLine>) -> Vec<ListLine> {
    let of = |line: &ListLine| {
        let bytes = data_of_hex(&line.lot)?;
        Some(public(&*s.keys, LotId::from_bytes(bytes)))
    };
    lines
        .into_iter()
        .map(|line| ListLine {
            lot: of(&line).unwrap_or_default(),
            ..line
        })
        .collect()
}

fn data_of_hex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

fn day_of(text: &str) -> Result<BusinessDay, Problem> {
    BusinessDay::parse(text).map_err(|_| Problem::not_found())
}

/// List one of a day, in its last version.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/lists/{day}", tag = "goods",
    params(("unit" = String, Path), ("day" = String, Path)), responses((status = 200, body = GoodsListOut)))]
async fn list_one(
    State(s): State<Services>,
    actor: Actor,
    Path((unit, day)): Path<(String, String)>,
) -> Result<Json<GoodsListOut>, Problem> {
    let for_day = day_of(&day)?;
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let list = queries::list_one(&mut at, unit, for_day).await.map_err(of_db)?;
    let frozen = for_day < s.now().business_day();
    Ok(Json(match list {
        None => GoodsListOut {
            for_day,
            version: 0,
            drawn_at: None,
            frozen,
            lines: Vec::new(),
        },
        Some(list) => GoodsListOut {
            for_day,
            version: list.version,
            drawn_at: Some(list.drawn_at),
            frozen,
            lines: public_lots(&s, list.lines),
        },
    }))
}

/// Draws list one for a day; a new version where something changed.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/lists/{day}", tag = "goods",
    params(("unit" = String, Path), ("day" = String, Path)),
    responses((status = 200, body = GoodsListOut), (status = 409, description = "the day has ended")))]
async fn draw_list(
    State(s): State<Services>,
    actor: Actor,
    Path((unit, day)): Path<(String, String)>,
) -> Result<Json<GoodsListOut>, Problem> {
    let for_day = day_of(&day)?;
    let (version, lines) = actions::draw_list(&s, &actor, id_of(&s, &unit)?, for_day).await?;
    Ok(Json(GoodsListOut {
        for_day,
        version,
        drawn_at: Some(s.now()),
        frozen: false,
        lines: public_lots(&s, lines),
    }))
}

/// A request.
#[derive(Serialize, ToSchema)]
struct GoodsRequestOut {
    /// Its public id.
    id: String,
    /// The receiver's name.
    receiver: String,
    /// The item's name; none for money.
    item: Option<String>,
    /// The unit of the number.
    unit_word: Option<String>,
    /// How many.
    quantity: Option<i64>,
    /// Base units that were granted.
    granted_base_units: i64,
    /// How much money.
    amount_fen: Option<i64>,
    /// How pressing.
    priority: Priority,
    /// What the need rests on.
    basis: String,
    /// When it is needed.
    #[schema(value_type = Option<String>, format = Date)]
    needed_by: Option<BusinessDay>,
    /// Whether it must be confirmed again (after 48 hours).
    stale: bool,
}

fn request_out(s: &Services, request: Request) -> GoodsRequestOut {
    let (unit_word, quantity, amount) = match request.wanted {
        Wanted::Goods {
            unit_word, quantity, ..
        } => (Some(unit_word), Some(quantity), None),
        Wanted::Money(amount) => (None, None, Some(amount.get())),
    };
    GoodsRequestOut {
        id: public(&*s.keys, request.id),
        receiver: request.party_name,
        item: request.item_name,
        unit_word,
        quantity,
        granted_base_units: request.granted,
        amount_fen: amount,
        priority: request.priority,
        basis: request.basis,
        needed_by: request.needed_by,
        stale: rules::is_stale(request.confirmed_at, s.now()),
    }
}

/// List two: everything that is asked for, the most pressing first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/requests", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [GoodsRequestOut])))]
async fn list_two(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<GoodsRequestOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::list_two(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| request_out(&s, row)).collect()))
}

/// A request to be handed in: for goods (`item`, `unit_word`, `quantity`) or for money (`amount_fen`).
#[derive(Deserialize, ToSchema)]
struct AskFor {
    /// What makes it the same request when it is sent again.
    key: String,
    /// Public id of the receiver.
    receiver: String,
    /// Public id of the item.
    #[serde(default)]
    item: Option<String>,
    /// The unit of the number.
    #[serde(default)]
    unit_word: Option<String>,
    /// How many.
    #[serde(default)]
    quantity: Option<i64>,
    /// How much money.
    #[serde(default)]
    amount_fen: Option<i64>,
    /// How pressing.
    priority: Priority,
    /// What the need rests on: beds, staff, days.
    basis: String,
    /// When it is needed.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    needed_by: Option<BusinessDay>,
}

/// Hands a request in. The same key again is the same request.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/requests", tag = "goods", params(("unit" = String, Path)),
    request_body = AskFor, responses((status = 201, body = GoodsRequestOut)))]
async fn ask(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AskFor>,
) -> Result<(StatusCode, Json<GoodsRequestOut>), Problem> {
    let wanted = match (&body.item, body.quantity, body.amount_fen) {
        (Some(item), Some(quantity), None) => Wanted::Goods {
            item: id_of(&s, item)?,
            unit_word: crate::tables::rules::folded(body.unit_word.as_deref().unwrap_or_default()),
            quantity,
        },
        (None, None, Some(amount)) => Wanted::Money(Fen::new(amount)),
        _ => return Err(invalid("item", "goods with a number, or an amount of money, is expected").into()),
    };
    let new = NewRequest {
        unit: id_of(&s, &unit)?,
        key: body.key,
        party: id_of(&s, &body.receiver)?,
        wanted,
        priority: body.priority,
        basis: body.basis,
        needed_by: body.needed_by,
    };
    let request = actions::ask(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(request_out(&s, request))))
}

/// Says that a request still stands: fresh for another two days.
#[utoipa::path(post, path = "/api/v1/goods/requests/{request}/confirm", tag = "goods",
    params(("request" = String, Path)), responses((status = 204)))]
async fn confirm(State(s): State<Services>, actor: Actor, Path(request): Path<String>) -> Result<StatusCode, Problem> {
    let id: RequestId = id_of(&s, &request)?;
    actions::say(&s, &actor, id, Said::StillNeeded).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a request back.
#[utoipa::path(post, path = "/api/v1/goods/requests/{request}/withdraw", tag = "goods",
    params(("request" = String, Path)), responses((status = 204)))]
async fn withdraw(State(s): State<Services>, actor: Actor, Path(request): Path<String>) -> Result<StatusCode, Problem> {
    let id: RequestId = id_of(&s, &request)?;
    actions::say(&s, &actor, id, Said::Withdrawn).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A plan in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPlanOut)]
struct PlanOut {
    /// Its public id.
    id: String,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// `proposed`, `approved`, `refused`.
    state: PlanState,
    /// When it was proposed.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Instant>,
}

fn plan_out(s: &Services, plan: &queries::ShownPlan) -> PlanOut {
    PlanOut {
        id: public(&*s.keys, plan.id),
        day: plan.day,
        state: plan.state,
        made_at: plan.made_at,
        decided_at: plan.decided_at,
    }
}

/// The plans of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/plans", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [PlanOut])))]
async fn list_plans(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PlanOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let plans = queries::plans(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(plans.iter().map(|plan| plan_out(&s, plan)).collect()))
}

/// A line of a plan.
#[derive(Serialize, ToSchema)]
struct ShareOut {
    /// The lot's public id.
    lot: String,
    /// The place's public id.
    place: String,
    /// What it is.
    item: String,
    /// Standard and grade.
    grade: String,
    /// How many.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// For whom; none: it stays in store.
    receiver: Option<String>,
    /// The request it answers.
    request: Option<String>,
    /// Why it is so.
    why: Why,
    /// Why the desk changed it.
    changed_reason: String,
}

/// A plan with its lines.
#[derive(Serialize, ToSchema)]
struct WholePlan {
    /// The plan.
    plan: PlanOut,
    /// Its lines.
    lines: Vec<ShareOut>,
}

async fn whole(s: &Services, actor: &Actor, id: PlanId) -> Result<WholePlan, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::plan(&mut at, id).await.map_err(of_db)?;
    let (plan, lines) = found.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::GoodsRead, (plan.unit, "plan"))?;
    let lines = lines.into_iter().map(|line| ShareOut {
        lot: public(&*s.keys, line.share.lot),
        place: public(&*s.keys, line.share.place),
        item: line.item_name,
        grade: line.grade,
        quantity: line.share.quantity,
        unit_word: line.unit_word,
        receiver: line.party_name,
        request: line.share.request.map(|id| public(&*s.keys, id)),
        why: line.share.why,
        changed_reason: line.changed_reason,
    });
    Ok(WholePlan {
        plan: plan_out(s, &plan),
        lines: lines.collect(),
    })
}

/// How often a request comes again.
#[derive(Deserialize, ToSchema)]
struct RepeatRequest {
    /// Every so many days; none: no more.
    #[serde(default)]
    every_days: Option<i64>,
    /// Not after this day; needed with the number of days.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<BusinessDay>,
}

/// Lets a request come again every so many days, as a request of its own; without a number of days, no more.
#[utoipa::path(put, path = "/api/v1/goods/requests/{request}/repeat", tag = "goods",
    params(("request" = String, Path)), request_body = RepeatRequest, responses((status = 204)))]
async fn repeat(
    State(s): State<Services>,
    actor: Actor,
    Path(request): Path<String>,
    Json(body): Json<RepeatRequest>,
) -> Result<StatusCode, Problem> {
    let again = match (body.every_days, body.until) {
        (Some(every_days), Some(until)) => Some(actions::Again { every_days, until }),
        (None, None) => None,
        _ => return Err(invalid("until", "the number of days and the last day go together").into()),
    };
    actions::repeat(&s, &actor, id_of(&s, &request)?, again).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Proposes who gets what of everything in store.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/plans", tag = "goods", params(("unit" = String, Path)),
    responses((status = 201, body = WholePlan)))]
async fn propose(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<(StatusCode, Json<WholePlan>), Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    let (id, _) = actions::propose(&s, &actor, unit).await?;
    Ok((StatusCode::CREATED, Json(whole(&s, &actor, id).await?)))
}

/// A plan with its lines, each with its why.
#[utoipa::path(get, path = "/api/v1/goods/plans/{plan}", tag = "goods", params(("plan" = String, Path)),
    responses((status = 200, body = WholePlan)))]
async fn show_plan(
    State(s): State<Services>,
    actor: Actor,
    Path(plan): Path<String>,
) -> Result<Json<WholePlan>, Problem> {
    Ok(Json(whole(&s, &actor, id_of(&s, &plan)?).await?))
}

/// So many for a receiver.
#[derive(Deserialize, ToSchema)]
struct ShareTo {
    /// Public id of the receiver; none: it stays in store.
    #[serde(default)]
    receiver: Option<String>,
    /// Public id of the request it answers.
    #[serde(default)]
    request: Option<String>,
    /// How many.
    quantity: i64,
}

/// Another sharing out of one lot.
#[derive(Deserialize, ToSchema)]
struct ChangeShares {
    /// Public id of the lot.
    lot: String,
    /// Public id of the place.
    place: String,
    /// For whom; together all that lies there.
    destinations: Vec<ShareTo>,
    /// Why.
    reason: String,
}

/// Changes who gets a lot, with a reason; destinations that do not add up are refused.
#[utoipa::path(put, path = "/api/v1/goods/plans/{plan}/lots", tag = "goods", params(("plan" = String, Path)),
    request_body = ChangeShares, responses((status = 200, body = WholePlan), (status = 409, description = "it does not add up")))]
async fn change(
    State(s): State<Services>,
    actor: Actor,
    Path(plan): Path<String>,
    Json(body): Json<ChangeShares>,
) -> Result<Json<WholePlan>, Problem> {
    let id: PlanId = id_of(&s, &plan)?;
    if body.destinations.is_empty() || body.destinations.len() > DESTINATIONS_MAX {
        return Err(invalid("destinations", "1 to 500 destinations are expected").into());
    }
    let destinations: Result<Vec<Destination>, Problem> = body
        .destinations
        .iter()
        .map(|to| {
            Ok(Destination {
                party: maybe(&s, to.receiver.as_ref())?,
                request: maybe(&s, to.request.as_ref())?,
                quantity: to.quantity,
            })
        })
        .collect();
    let spot = (id_of(&s, &body.lot)?, id_of(&s, &body.place)?);
    actions::change(&s, &actor, id, (spot, &destinations?), &body.reason).await?;
    Ok(Json(whole(&s, &actor, id).await?))
}

/// What someone says to a plan.
#[derive(Deserialize, ToSchema)]
struct DecidePlan {
    /// `approve` or `refuse`.
    decision: PlanDecision,
    /// Why; needed to refuse.
    #[serde(default)]
    words: String,
}

/// Where a plan is now.
#[derive(Serialize, ToSchema)]
struct PlanDecided {
    /// `proposed` while approvals are missing.
    state: PlanState,
}

/// Says yes or no to a plan; with the last approval its dispatch orders stand.
#[utoipa::path(post, path = "/api/v1/goods/plans/{plan}/decisions", tag = "goods", params(("plan" = String, Path)),
    request_body = DecidePlan, responses((status = 200, body = PlanDecided), (status = 409, description = "it does not add up, expired, the same person")))]
async fn decide(
    State(s): State<Services>,
    actor: Actor,
    Path(plan): Path<String>,
    Json(body): Json<DecidePlan>,
) -> Result<Json<PlanDecided>, Problem> {
    let said = (body.decision, body.words.as_str());
    let state = actions::decide(&s, &actor, id_of(&s, &plan)?, said).await?;
    Ok(Json(PlanDecided { state }))
}
