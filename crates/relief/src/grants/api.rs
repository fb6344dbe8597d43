//! JSON of grants of money.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use governance::approvals::model::Paper;
use kernel::id::public;
use kernel::{ActorId, Channel, Fen, Instant, UnitId};
use ledger::Restriction;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::{Grant, GrantState, NewGrant};
use super::{actions, approval, queries};
use crate::error::invalid;
use crate::http::{id_of, of_db, reading};
use crate::lists::model::PlanDecision;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_grants))
        .staff_any(FUND_READERS, routes!(list_goods_funds))
        .staff(Permission::GoodsPropose, routes!(propose_grant))
        .staff(Permission::GoodsApprove, routes!(decide_grant))
        .staff(Permission::BooksPost, routes!(pay_grant))
        .staff(Permission::GoodsPropose, routes!(ask_grant))
}

/// Who chooses a fund: to propose money out of it, or to put the proceeds of goods into it.
const FUND_READERS: &[Permission] = &[Permission::GoodsPropose, Permission::GoodsApprove];

/// A fund as it is chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsFundChoice)]
struct FundChoice {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
    /// `restricted`, `unrestricted` or `agency`.
    restriction: &'static str,
}

/// The funds of a unit by name, for who proposes money of list two or sells goods; what lies in them is not told.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/funds", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [FundChoice])))]
async fn list_goods_funds(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<FundChoice>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    let proposes = actor.require(Permission::GoodsPropose, unit);
    proposes.or_else(|_| actor.require(Permission::GoodsApprove, unit))?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let funds = queries::funds(&mut at, unit).await.map_err(of_db)?;
    let out = funds.into_iter().map(|fund| FundChoice {
        id: public(&*s.keys, fund.id),
        name: fund.name,
        restriction: fund.nature.as_str(),
    });
    Ok(Json(out.collect()))
}

/// A grant of money.
#[derive(Serialize, ToSchema)]
struct GrantOut {
    /// Its public id.
    id: String,
    /// Public id of the request it answers.
    request: String,
    /// Public id of the fund.
    fund: String,
    /// `restricted` or `unrestricted`.
    restriction: &'static str,
    /// How much.
    amount_fen: i64,
    /// Where it is.
    state: GrantState,
    /// Whether the unit's policy has it decided by a case of the approvals.
    by_case: bool,
    /// Public id of the case that decides it, once it was put before one.
    case: Option<String>,
    /// The number of its payment order, once decided.
    number: Option<String>,
    /// When it was proposed.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// When it was paid.
    #[schema(value_type = Option<String>, format = DateTime)]
    paid_at: Option<Instant>,
    /// Public id of the journal that paid it.
    journal: Option<String>,
}

fn out(s: &Services, grant: Grant, by_case: bool) -> GrantOut {
    GrantOut {
        id: public(&*s.keys, grant.id),
        request: public(&*s.keys, grant.request),
        fund: public(&*s.keys, grant.fund),
        restriction: grant.restriction.as_str(),
        amount_fen: grant.amount.get(),
        state: grant.state,
        by_case,
        case: grant.case.map(|case| public(&*s.keys, case)),
        number: grant.paper(),
        made_at: grant.made_at,
        paid_at: grant.paid_at,
        journal: grant.journal.map(|journal| public(&*s.keys, journal)),
    }
}

/// One grant, with who decides it.
async fn shown(s: &Services, grant: Grant) -> Result<GrantOut, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let by_case = approval::governs(&mut at, s, grant.unit).await.map_err(of_db)?;
    Ok(out(s, grant, by_case))
}

/// The grants of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/grants", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [GrantOut])))]
async fn list_grants(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<GrantOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::grants(&mut at, unit).await.map_err(of_db)?;
    let by_case = approval::governs(&mut at, &s, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| out(&s, row, by_case)).collect()))
}

/// Money for a request.
#[derive(Deserialize, ToSchema)]
struct ProposeGrant {
    /// What makes it the same grant when it is sent again.
    key: String,
    /// Public id of the fund.
    fund: String,
    /// `restricted` or `unrestricted`.
    restriction: String,
    /// How much.
    amount_fen: i64,
}

/// Proposes what of a request for money is met, and out of which fund.
#[utoipa::path(post, path = "/api/v1/goods/requests/{request}/grants", tag = "goods",
    params(("request" = String, Path)), request_body = ProposeGrant,
    responses((status = 201, body = GrantOut), (status = 409, description = "more than was asked for, withdrawn")))]
async fn propose_grant(
    State(s): State<Services>,
    actor: Actor,
    Path(request): Path<String>,
    Json(body): Json<ProposeGrant>,
) -> Result<(StatusCode, Json<GrantOut>), Problem> {
    let restriction = match body.restriction.as_str() {
        "restricted" => Restriction::Restricted,
        "unrestricted" => Restriction::Unrestricted,
        _ => return Err(invalid("restriction", "restricted or unrestricted").into()),
    };
    let new = NewGrant {
        request: id_of(&s, &request)?,
        key: body.key,
        fund: id_of(&s, &body.fund)?,
        restriction,
        amount: Fen::new(body.amount_fen),
    };
    let grant = actions::propose(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(shown(&s, grant).await?)))
}

/// What someone says to a grant.
#[derive(Deserialize, ToSchema)]
struct DecideGrant {
    /// `approve` or `refuse`.
    decision: PlanDecision,
    /// Why; needed to refuse.
    #[serde(default)]
    words: String,
}

/// Says yes or no to a grant; with the last approval its payment order stands.
#[utoipa::path(post, path = "/api/v1/goods/grants/{grant}/decisions", tag = "goods", params(("grant" = String, Path)),
    request_body = DecideGrant, responses((status = 200, body = GrantOut), (status = 409, description = "the same person, decided, decided by a case")))]
async fn decide_grant(
    State(s): State<Services>,
    actor: Actor,
    Path(grant): Path<String>,
    Json(body): Json<DecideGrant>,
) -> Result<Json<GrantOut>, Problem> {
    let said = (body.decision, body.words.as_str());
    let grant = actions::decide(&s, &actor, id_of(&s, &grant)?, said).await?;
    Ok(Json(shown(&s, grant).await?))
}

/// Out of which pocket a payment order is paid.
#[derive(Deserialize, ToSchema)]
struct PayGrant {
    /// bank, cash …
    #[schema(value_type = String)]
    paid_from: Channel,
}

/// Pays a payment order into the books. Paying again is answered with the first payment.
#[utoipa::path(post, path = "/api/v1/goods/grants/{grant}/payment", tag = "goods", params(("grant" = String, Path)),
    request_body = PayGrant, responses((status = 200, body = GrantOut), (status = 409, description = "not approved, the fund lacks the money")))]
async fn pay_grant(
    State(s): State<Services>,
    actor: Actor,
    Path(grant): Path<String>,
    Json(body): Json<PayGrant>,
) -> Result<Json<GrantOut>, Problem> {
    let grant = actions::pay(&s, &actor, id_of(&s, &grant)?, body.paid_from).await?;
    Ok(Json(shown(&s, grant).await?))
}

/// A grant to be put before those who decide.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsAskGrant)]
struct AskGrant {
    /// What is asked and why.
    #[serde(default)]
    summary: String,
    /// The papers.
    #[serde(default)]
    papers: Vec<Paper>,
    /// Public ids of staff who are concerned and so decide nothing; who proposed the grant is anyway.
    #[serde(default)]
    parties: Vec<String>,
    /// Why it takes the emergency lane; absent: it does not.
    #[serde(default)]
    hurry: Option<String>,
}

/// The case that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsGrantAsked)]
struct GrantAsked {
    /// Its public id, for `/api/v1/approvals/{case}`.
    case: String,
}

/// Puts a grant before those who decide it, where the unit's policy for `relief_money` demands a case; approved, its
/// payment order stands.
#[utoipa::path(post, path = "/api/v1/goods/grants/{grant}/approval", tag = "goods", params(("grant" = String, Path)),
    request_body = AskGrant, responses((status = 201, body = GrantAsked),
        (status = 409, description = "no policy demands a case, decided, withdrawn, a case is under way")))]
async fn ask_grant(
    State(s): State<Services>,
    actor: Actor,
    Path(grant): Path<String>,
    Json(body): Json<AskGrant>,
) -> Result<(StatusCode, Json<GrantAsked>), Problem> {
    let parties = body.parties.iter().map(|text| id_of::<ActorId>(&s, text));
    let asking = approval::Asking {
        parties: parties.collect::<Result<_, _>>()?,
        summary: body.summary,
        papers: body.papers,
        hurry: body.hurry,
    };
    let case = approval::ask(&s, &actor, id_of(&s, &grant)?, asking).await?;
    let case = public(&*s.keys, case);
    Ok((StatusCode::CREATED, Json(GrantAsked { case })))
}
