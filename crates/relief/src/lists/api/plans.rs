//! JSON of plans: who gets what of which lot, and who decides it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use governance::approvals::model::Paper;
use kernel::id::public;
use kernel::{ActorId, BusinessDay, Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Problem};

use super::super::actions::{self, Destination};
use super::super::approval::{self, Asking};
use super::super::matching::{MatchWhy, Nearness};
use super::super::model::{ChangedLine, PlanDecision, PlanEventKind, PlanState, Why};
use super::super::queries;
use super::super::queries::PlanEvent;
use crate::PlanId;
use crate::error::{in_scope, invalid};
use crate::http::{id_of, maybe, of_db, reading};

/// Destinations of one lot in one change.
const DESTINATIONS_MAX: usize = 500;

/// A plan in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPlanOut)]
pub(super) struct PlanOut {
    /// Its public id.
    id: String,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// `proposed`, `asked`, `approved`, `refused`.
    state: PlanState,
    /// Whether the unit's policy has it decided by a case of the approvals.
    by_case: bool,
    /// Public id of the case that decides it, once it was put before one.
    case: Option<String>,
    /// When it was proposed.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Instant>,
}

fn plan_out(s: &Services, plan: &queries::ShownPlan, by_case: bool) -> PlanOut {
    PlanOut {
        id: public(&*s.keys, plan.id),
        day: plan.day,
        state: plan.state,
        by_case,
        case: plan.case.map(|case| public(&*s.keys, case)),
        made_at: plan.made_at,
        decided_at: plan.decided_at,
    }
}

/// The plans of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/plans", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [PlanOut])))]
pub(super) async fn list_plans(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PlanOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let plans = queries::plans(&mut at, unit).await.map_err(of_db)?;
    let by_case = approval::governs(&mut at, &s, unit).await.map_err(of_db)?;
    Ok(Json(plans.iter().map(|plan| plan_out(&s, plan, by_case)).collect()))
}

/// A line of a plan.
#[derive(Serialize, ToSchema)]
pub(super) struct ShareOut {
    /// The lot's public id.
    lot: String,
    /// The place's public id.
    place: String,
    /// What it is.
    item: String,
    /// The item's public id.
    item_id: String,
    /// Standard and grade.
    grade: String,
    /// How many.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// For whom; none: it stays in store.
    receiver: Option<String>,
    /// The receiver's public id.
    receiver_id: Option<String>,
    /// The request it answers.
    request: Option<String>,
    /// Why it is so.
    why: Why,
    /// Why the desk changed it.
    changed_reason: String,
}

/// A plan with its lines.
#[derive(Serialize, ToSchema)]
pub(super) struct WholePlan {
    /// The plan.
    plan: PlanOut,
    /// Its lines.
    lines: Vec<ShareOut>,
    /// What happened to it, the oldest first.
    history: Vec<PlanEventOut>,
}

/// Something that happened to a plan.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPlanEventOut)]
pub(super) struct PlanEventOut {
    /// What.
    kind: PlanEventKind,
    /// Public id of who did it, for `/api/v1/colleagues`.
    by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The reason of a change, the words of a decision.
    words: String,
    /// The item of the lot that was changed, with its grade.
    item: Option<String>,
    /// The unit of a change's numbers.
    unit_word: Option<String>,
    /// The lot's destinations before.
    before: Vec<ChangedLine>,
    /// The lot's destinations after.
    after: Vec<ChangedLine>,
}

fn event_out(s: &Services, event: PlanEvent) -> PlanEventOut {
    PlanEventOut {
        kind: event.kind,
        by: public(&*s.keys, event.by),
        at: event.at,
        words: event.words,
        item: event.item,
        unit_word: event.unit_word,
        before: event.before,
        after: event.after,
    }
}

async fn whole(s: &Services, actor: &Actor, id: PlanId) -> Result<WholePlan, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::plan(&mut at, id).await.map_err(of_db)?;
    let (plan, lines) = found.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::GoodsRead, (plan.unit, "plan"))?;
    let by_case = approval::governs(&mut at, s, plan.unit).await.map_err(of_db)?;
    let lines = lines.into_iter().map(|line| ShareOut {
        lot: public(&*s.keys, line.share.lot),
        place: public(&*s.keys, line.share.place),
        item: line.item_name,
        item_id: public(&*s.keys, line.item),
        grade: line.grade,
        quantity: line.share.quantity,
        unit_word: line.unit_word,
        receiver: line.party_name,
        receiver_id: line.share.party.map(|id| public(&*s.keys, id)),
        request: line.share.request.map(|id| public(&*s.keys, id)),
        why: line.share.why,
        changed_reason: line.changed_reason,
    });
    let events = queries::events(&mut at, id).await.map_err(of_db)?;
    Ok(WholePlan {
        plan: plan_out(s, &plan, by_case),
        lines: lines.collect(),
        history: events.into_iter().map(|event| event_out(s, event)).collect(),
    })
}

/// Proposes who gets what of everything in store.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/plans", tag = "goods", params(("unit" = String, Path)),
    responses((status = 201, body = WholePlan)))]
pub(super) async fn propose(
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
pub(super) async fn show_plan(
    State(s): State<Services>,
    actor: Actor,
    Path(plan): Path<String>,
) -> Result<Json<WholePlan>, Problem> {
    Ok(Json(whole(&s, &actor, id_of(&s, &plan)?).await?))
}

/// So many for a receiver.
#[derive(Deserialize, ToSchema)]
pub(super) struct ShareTo {
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
pub(super) struct ChangeShares {
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
pub(super) async fn change(
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
pub(super) struct DecidePlan {
    /// `approve` or `refuse`.
    decision: PlanDecision,
    /// Why; needed to refuse.
    #[serde(default)]
    words: String,
}

/// Where a plan is now.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanDecided {
    /// `proposed` while approvals are missing.
    state: PlanState,
}

/// Says yes or no to a plan; with the last approval its dispatch orders stand.
#[utoipa::path(post, path = "/api/v1/goods/plans/{plan}/decisions", tag = "goods", params(("plan" = String, Path)),
    request_body = DecidePlan, responses((status = 200, body = PlanDecided), (status = 409, description = "it does not add up, expired, the same person, decided by a case")))]
pub(super) async fn decide(
    State(s): State<Services>,
    actor: Actor,
    Path(plan): Path<String>,
    Json(body): Json<DecidePlan>,
) -> Result<Json<PlanDecided>, Problem> {
    let said = (body.decision, body.words.as_str());
    let state = actions::decide(&s, &actor, id_of(&s, &plan)?, said).await?;
    Ok(Json(PlanDecided { state }))
}

/// An offer beside a need.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsMatchOut)]
pub(super) struct MatchOut {
    /// The lot's public id.
    lot: String,
    /// What it is.
    item: String,
    /// Standard and grade.
    grade: String,
    /// How many.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// Whether it has not arrived yet, so that it could go straight there.
    announced: bool,
    /// The receiver's name.
    receiver: String,
    /// Public id of the request it answers; none: it was given for this receiver, who did not ask.
    request: Option<String>,
    /// How far it is.
    nearness: Nearness,
    /// Why they stand together.
    why: MatchWhy,
}

/// What is announced or in store beside what is asked for: given for somebody first, then the most pressing, and the
/// nearest among equals. Nothing is decided by it.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/matches", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [MatchOut])))]
pub(super) async fn list_matches(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<MatchOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let known = governance::network::queries::unit(&mut at, unit).await.map_err(of_db)?;
    let whose = (unit, known.map(|unit| unit.region));
    let rows = queries::matches(&mut at, whose, s.now()).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| MatchOut {
        lot: public(&*s.keys, row.one.lot),
        item: row.item_name,
        grade: row.grade,
        quantity: row.one.quantity,
        unit_word: row.unit_word,
        announced: row.is_announced,
        receiver: row.party_name,
        request: row.one.request.map(|id| public(&*s.keys, id)),
        nearness: row.one.nearness,
        why: row.one.why,
    });
    Ok(Json(out.collect()))
}

/// A plan to be put before those who decide.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsAskPlan)]
pub(super) struct AskPlan {
    /// What is asked and why.
    #[serde(default)]
    summary: String,
    /// The papers.
    #[serde(default)]
    papers: Vec<Paper>,
    /// Public ids of staff who are concerned and so decide nothing; who proposed the plan is anyway.
    #[serde(default)]
    parties: Vec<String>,
    /// Why it takes the emergency lane; absent: it does not.
    #[serde(default)]
    hurry: Option<String>,
}

/// The case that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPlanAsked)]
pub(super) struct PlanAsked {
    /// Its public id, for `/api/v1/approvals/{case}`.
    case: String,
}

/// Puts a plan before those who decide it, where the unit's policy for `dispatch` demands a case; approved, its dispatch
/// orders stand.
#[utoipa::path(post, path = "/api/v1/goods/plans/{plan}/approval", tag = "goods", params(("plan" = String, Path)),
    request_body = AskPlan, responses((status = 201, body = PlanAsked),
        (status = 409, description = "no policy demands a case, it does not add up, a case is under way")))]
pub(super) async fn ask_plan(
    State(s): State<Services>,
    actor: Actor,
    Path(plan): Path<String>,
    Json(body): Json<AskPlan>,
) -> Result<(StatusCode, Json<PlanAsked>), Problem> {
    let parties = body.parties.iter().map(|text| id_of::<ActorId>(&s, text));
    let asking = Asking {
        parties: parties.collect::<Result<_, _>>()?,
        summary: body.summary,
        papers: body.papers,
        hurry: body.hurry,
    };
    let case = approval::ask(&s, &actor, id_of(&s, &plan)?, asking).await?;
    let case = public(&*s.keys, case);
    Ok((StatusCode::CREATED, Json(PlanAsked { case })))
}
