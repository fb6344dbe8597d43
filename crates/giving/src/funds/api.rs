//! JSON of named and community funds: a fund in work or closed is for everybody; agreeing, opening, reporting and closing
//! are for staff.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, Fen, FundId, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::model::{Agreement, AlertKind, Founder, FundKind, FundState, MinimumRule, NamedFund, NewFund};
use super::queries::{self, FundView};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(get_fund))
        .staff(Permission::BooksRead, routes!(list_funds))
        .staff(Permission::BooksRead, routes!(list_alerts))
        .staff(Permission::ProjectManage, routes!(agree_fund))
        .staff(Permission::BooksPost, routes!(open_fund))
        .staff(Permission::ProjectManage, routes!(report_fund))
        .staff(Permission::ProjectManage, routes!(ask_close_fund))
        .staff(Permission::BooksPost, routes!(close_fund))
        .merge(super::amendments::routes())
}

pub(super) fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

pub(super) fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

/// A fund with its agreement.
#[derive(Serialize, ToSchema)]
struct FundOut {
    /// Public id.
    id: String,
    /// The project's public id.
    project: String,
    /// `named` or `community`.
    kind: FundKind,
    /// `person` or `unit`.
    founder: Founder,
    /// Full name.
    name: String,
    /// What it is for.
    purpose: String,
    /// How its money is used.
    spending: String,
    /// The agreement's number.
    agreement_no: String,
    /// When it was signed.
    #[schema(value_type = String, format = Date)]
    signed_on: BusinessDay,
    /// The host's fee on gifts, in parts of ten thousand.
    fee_bp: i64,
    /// What is never spent.
    #[schema(value_type = i64)]
    principal_fen: Fen,
    /// What it should hold.
    #[schema(value_type = i64)]
    minimum_fen: Fen,
    /// `refuse` or `alert`.
    minimum_rule: MinimumRule,
    /// Month and day by which it reports, `MM-DD`.
    report_by: String,
    /// After how many months without movement somebody looks.
    dormant_months: i64,
    /// Where its rest goes, in the agreement's words.
    rest: String,
    /// `draft`, `open`, `closing` or `closed`.
    state: String,
}

fn fund_out(s: &Services, fund: &NamedFund) -> FundOut {
    let a = &fund.agreement;
    FundOut {
        id: public(&*s.keys, fund.fund),
        project: public(&*s.keys, fund.project),
        kind: a.kind,
        founder: a.founder,
        name: a.name.clone(),
        purpose: a.purpose.clone(),
        spending: a.spending.clone(),
        agreement_no: a.number.clone(),
        signed_on: a.signed_on,
        fee_bp: a.fee_bp,
        principal_fen: a.principal,
        minimum_fen: a.minimum,
        minimum_rule: a.minimum_rule,
        report_by: format!("{:02}-{:02}", a.report.0, a.report.1),
        dormant_months: a.dormant_months,
        rest: a.rest_words.clone(),
        state: fund.state.as_str().to_owned(),
    }
}

/// A month's fee.
#[derive(Serialize, ToSchema)]
struct FeeOut {
    /// `YYYYMM`.
    month: i64,
    /// All gifts since the signing, less what was given back.
    #[schema(value_type = i64)]
    base_fen: Fen,
    /// What was taken.
    #[schema(value_type = i64)]
    fee_fen: Fen,
}

/// A fund with what it holds.
#[derive(Serialize, ToSchema)]
struct FundViewOut {
    /// The fund.
    fund: FundOut,
    /// What it holds.
    #[schema(value_type = i64)]
    balance_fen: Fen,
    /// Its fees, newest first.
    fees: Vec<FeeOut>,
    /// Years that were reported.
    reported: Vec<i64>,
    /// As of.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
}

fn view_out(s: &Services, view: &FundView) -> FundViewOut {
    FundViewOut {
        fund: fund_out(s, &view.fund),
        balance_fen: view.position.money,
        fees: view
            .fees
            .iter()
            .map(|fee| FeeOut {
                month: fee.month,
                base_fen: fee.base,
                fee_fen: fee.fee,
            })
            .collect(),
        reported: view.reports.iter().map(|report| report.year).collect(),
        as_of: s.now(),
    }
}

/// The fund that a project feeds: agreement, balance, fees. Never a draft.
#[utoipa::path(get, path = "/api/v1/projects/{project}/fund", tag = "funds",
    params(("project" = String, Path, description = "the project's code")), responses((status = 200, body = FundViewOut)))]
async fn get_fund(State(s): State<Services>, Path(project): Path<String>) -> Result<Json<FundViewOut>, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let project = crate::projects::queries::project_by_code(&mut at, &project)
        .await
        .map_err(of_db)?;
    let project = project.ok_or_else(Problem::not_found)?;
    let fund = queries::of_project(&mut at, project.id).await.map_err(of_db)?;
    let fund = fund.filter(|fund| fund.state != FundState::Draft);
    let fund = fund.ok_or_else(Problem::not_found)?;
    let view = queries::view(&mut at, fund, s.now().business_day()).await?;
    Ok(Json(view_out(&s, &view)))
}

/// `?limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct FundsQuery {
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Funds of my units, drafts among them.
#[utoipa::path(get, path = "/api/v1/named-funds", tag = "funds",
    params(("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<FundOut>)))]
async fn list_funds(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<FundsQuery>,
) -> Result<Json<Listing<FundOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<FundId>(&s, &text)).transpose()?;
    let scope = actor.scope_for(Permission::BooksRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::funds(&mut at, (&scope, &s.tree), (after, limit as i64 + 1)).await;
    let items = found.map_err(of_db)?;
    let items = items.iter().map(|fund| fund_out(&s, fund));
    Ok(Json(Listing::cut(items.collect(), limit, |fund: &FundOut| {
        fund.id.clone()
    })))
}

/// Something that somebody must look at.
#[derive(Serialize, ToSchema)]
struct AlertOut {
    /// The fund's public id.
    fund: String,
    /// `below_minimum`, `dormant`, `report_due`, `fee_waiting` or `money_after_close`.
    kind: AlertKind,
    /// Since when.
    #[schema(value_type = String, format = Date)]
    since: BusinessDay,
}

/// What somebody must look at in the funds of my units, oldest first.
#[utoipa::path(get, path = "/api/v1/named-funds/alerts", tag = "funds",
    responses((status = 200, body = [AlertOut])))]
async fn list_alerts(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<AlertOut>>, Problem> {
    let scope = actor.scope_for(Permission::BooksRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::alerts(&mut at, (&scope, &s.tree)).await.map_err(of_db)?;
    let out = found.into_iter().map(|alert| AlertOut {
        fund: public(&*s.keys, alert.fund),
        kind: alert.kind,
        since: alert.opened_on,
    });
    Ok(Json(out.collect()))
}

/// An agreement to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FundIn {
    /// The code of the project that feeds it.
    project: String,
    /// `named` or `community`.
    kind: FundKind,
    /// `person` (or a family) or `unit`: a named fund opens once it holds what local rules want of such a founder.
    #[serde(default = "by_a_unit")]
    founder: Founder,
    /// Full name: the host's, then its own.
    name: String,
    /// What it is for.
    purpose: String,
    /// The same in English.
    #[serde(default)]
    purpose_en: String,
    /// How its money is used: who asks, who decides.
    spending: String,
    /// The same in English.
    #[serde(default)]
    spending_en: String,
    /// The agreement's number.
    agreement_no: String,
    /// When it was signed.
    #[schema(value_type = String, format = Date)]
    signed_on: BusinessDay,
    /// The host's fee on gifts, in parts of ten thousand.
    fee_bp: i64,
    /// What is never spent.
    #[serde(default)]
    #[schema(value_type = i64)]
    principal_fen: Fen,
    /// What it should hold.
    #[schema(value_type = i64)]
    minimum_fen: Fen,
    /// `refuse` or `alert`.
    minimum_rule: MinimumRule,
    /// The month of its report, 1 to 12.
    report_month: i64,
    /// The day of its report, 1 to 28.
    report_day: i64,
    /// After how many months without movement somebody looks.
    dormant_months: i64,
    /// The code of the project whose fund gets the rest.
    rest_to: String,
    /// What the agreement says of the rest.
    rest: String,
}

/// The stricter of both where nothing is said.
const fn by_a_unit() -> Founder {
    Founder::Unit
}

/// Writes an agreement down, as a draft. The same again changes nothing.
#[utoipa::path(post, path = "/api/v1/named-funds", tag = "funds", request_body = FundIn,
    responses((status = 201, body = FundOut), (status = 409, description = "the project is not fit, or has another agreement")))]
async fn agree_fund(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<FundIn>,
) -> Result<(StatusCode, Json<FundOut>), Problem> {
    let trimmed = |text: String| text.trim().to_owned();
    let new = NewFund {
        project: body.project,
        agreement: Agreement {
            kind: body.kind,
            founder: body.founder,
            name: trimmed(body.name),
            purpose: trimmed(body.purpose),
            purpose_en: trimmed(body.purpose_en),
            spending: trimmed(body.spending),
            spending_en: trimmed(body.spending_en),
            number: trimmed(body.agreement_no),
            signed_on: body.signed_on,
            fee_bp: body.fee_bp,
            principal: body.principal_fen,
            minimum: body.minimum_fen,
            minimum_rule: body.minimum_rule,
            report: (body.report_month, body.report_day),
            dormant_months: body.dormant_months,
            rest_words: trimmed(body.rest),
        },
        rest_to: body.rest_to,
    };
    let fund = actions::agree(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(fund_out(&s, &fund))))
}

/// Opens a fund; another person than who wrote the agreement down.
#[utoipa::path(post, path = "/api/v1/named-funds/{fund}/open", tag = "funds", params(("fund" = String, Path)),
    responses((status = 200, body = FundOut), (status = 403, description = "the same person"),
        (status = 409, description = "what it must begin with has not come")))]
async fn open_fund(
    State(s): State<Services>,
    actor: Actor,
    Path(fund): Path<String>,
) -> Result<Json<FundOut>, Problem> {
    let fund = actions::open(&s, &actor, id_of(&s, &fund)?).await?;
    Ok(Json(fund_out(&s, &fund)))
}

/// A yearly report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportIn {
    /// About which year.
    year: i64,
    /// What it says.
    words: String,
    /// The same in English.
    #[serde(default)]
    words_en: String,
}

/// Publishes a fund's report of a year. The same again changes nothing.
#[utoipa::path(post, path = "/api/v1/named-funds/{fund}/reports", tag = "funds", params(("fund" = String, Path)),
    request_body = ReportIn, responses((status = 204), (status = 409, description = "the year has another report")))]
async fn report_fund(
    State(s): State<Services>,
    actor: Actor,
    Path(fund): Path<String>,
    Json(body): Json<ReportIn>,
) -> Result<StatusCode, Problem> {
    let said = (body.year, body.words.as_str(), body.words_en.as_str());
    actions::report(&s, &actor, id_of(&s, &fund)?, said).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a fund is to be closed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseIn {
    /// Why.
    reason: String,
}

/// Asks that a fund be closed: its project takes no gifts from now on.
#[utoipa::path(post, path = "/api/v1/named-funds/{fund}/ask-close", tag = "funds", params(("fund" = String, Path)),
    request_body = CloseIn, responses((status = 200, body = FundOut)))]
async fn ask_close_fund(
    State(s): State<Services>,
    actor: Actor,
    Path(fund): Path<String>,
    Json(body): Json<CloseIn>,
) -> Result<Json<FundOut>, Problem> {
    let fund = actions::ask_close(&s, &actor, id_of(&s, &fund)?, &body.reason).await?;
    Ok(Json(fund_out(&s, &fund)))
}

/// Closes a fund; another person than who asked. Its rest goes where the agreement says.
#[utoipa::path(post, path = "/api/v1/named-funds/{fund}/close", tag = "funds", params(("fund" = String, Path)),
    responses((status = 200, body = FundOut), (status = 403, description = "the same person"),
        (status = 409, description = "it holds what is not its restricted money")))]
async fn close_fund(
    State(s): State<Services>,
    actor: Actor,
    Path(fund): Path<String>,
) -> Result<Json<FundOut>, Problem> {
    let fund = actions::close(&s, &actor, id_of(&s, &fund)?).await?;
    Ok(Json(fund_out(&s, &fund)))
}
