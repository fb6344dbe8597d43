//! JSON of a fund's versions: an amendment is written down by one and put in force by another.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Fen, FundId, Instant};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Problem};

use super::actions::{self, Amendment, Verdict};
use super::api::{id_of, of_db};
use super::model::{Agreement, MinimumRule, NamedFund, Version};
use super::queries;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::BooksRead, routes!(list_versions))
        .staff(Permission::ProjectManage, routes!(amend_fund))
        .staff(Permission::BooksPost, routes!(agree_amendment))
        .staff(Permission::BooksPost, routes!(refuse_amendment))
}

/// A version of an agreement.
#[derive(Serialize, ToSchema)]
struct VersionOut {
    /// 1, 2, 3 …
    version: i64,
    /// `proposed`, `in_force`, `past` or `refused`.
    state: &'static str,
    /// The day from which it holds or held.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<BusinessDay>,
    /// Full name.
    name: String,
    /// What it is for.
    purpose: String,
    /// The same in English, or empty.
    purpose_en: String,
    /// How its money is used.
    spending: String,
    /// The same in English, or empty.
    spending_en: String,
    /// The number of its paper.
    agreement_no: String,
    /// When that was signed.
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
    /// The month of its report.
    report_month: i64,
    /// The day of its report.
    report_day: i64,
    /// After how many months without movement somebody looks.
    dormant_months: i64,
    /// Where its rest goes, in the agreement's words.
    rest: String,
    /// Who wrote it down: public id.
    made_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// Who decided about it: public id.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Instant>,
}

fn version_out(s: &Services, version: Version) -> VersionOut {
    let decided = version.state.decided().copied();
    let a = version.agreement;
    VersionOut {
        version: version.number,
        state: version.state.as_str(),
        from: version.state.since(),
        name: a.name,
        purpose: a.purpose,
        purpose_en: a.purpose_en,
        spending: a.spending,
        spending_en: a.spending_en,
        agreement_no: a.number,
        signed_on: a.signed_on,
        fee_bp: a.fee_bp,
        principal_fen: a.principal,
        minimum_fen: a.minimum,
        minimum_rule: a.minimum_rule,
        report_month: a.report.0,
        report_day: a.report.1,
        dormant_months: a.dormant_months,
        rest: a.rest_words,
        made_by: public(&*s.keys, version.made_by),
        made_at: version.made_at,
        decided_by: decided.map(|decided| public(&*s.keys, decided.by)),
        decided_at: decided.map(|decided| decided.at),
    }
}

/// The fund as one of these may see it.
async fn seen(s: &Services, actor: &Actor, (text, permission): (&str, Permission)) -> Result<NamedFund, Problem> {
    let id: FundId = id_of(s, text)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let fund = queries::fund(&mut at, id).await.map_err(of_db)?;
    let fund = fund.filter(|fund| actor.require(permission, fund.unit).is_ok());
    fund.ok_or_else(Problem::not_found)
}

/// The versions of a fund's agreement, newest first: what holds, what held, what waits. None of a draft.
#[utoipa::path(get, path = "/api/v1/named-funds/{fund}/versions", tag = "funds", params(("fund" = String, Path)),
    responses((status = 200, body = [VersionOut])))]
async fn list_versions(
    State(s): State<Services>,
    actor: Actor,
    Path(fund): Path<String>,
) -> Result<Json<Vec<VersionOut>>, Problem> {
    let fund = seen(&s, &actor, (&fund, Permission::BooksRead)).await?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let versions = queries::versions(&mut at, &fund).await.map_err(of_db)?;
    Ok(Json(versions.into_iter().map(|one| version_out(&s, one)).collect()))
}

/// An agreement as amended, whole; what kind of fund it is and who founded it stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AmendIn {
    /// Full name.
    name: String,
    /// What it is for.
    purpose: String,
    /// The same in English.
    #[serde(default)]
    purpose_en: String,
    /// How its money is used.
    spending: String,
    /// The same in English.
    #[serde(default)]
    spending_en: String,
    /// The amendment's own number.
    agreement_no: String,
    /// When it was signed.
    #[schema(value_type = String, format = Date)]
    signed_on: BusinessDay,
    /// The host's fee on gifts that come from the day on which it holds, in parts of ten thousand.
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

/// Writes an amendment down; it holds once another person agrees. The same again changes nothing.
#[utoipa::path(post, path = "/api/v1/named-funds/{fund}/amendments", tag = "funds", params(("fund" = String, Path)),
    request_body = AmendIn, responses((status = 201, body = VersionOut),
        (status = 409, description = "another one waits, or the fund is not at work")))]
async fn amend_fund(
    State(s): State<Services>,
    actor: Actor,
    Path(fund): Path<String>,
    Json(body): Json<AmendIn>,
) -> Result<(StatusCode, Json<VersionOut>), Problem> {
    let fund = seen(&s, &actor, (&fund, Permission::ProjectManage)).await?;
    let trimmed = |text: String| text.trim().to_owned();
    let new = Amendment {
        agreement: Agreement {
            kind: fund.agreement.kind,
            founder: fund.agreement.founder,
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
    let version = actions::propose_amendment(&s, &actor, fund.fund, new).await?;
    Ok((StatusCode::CREATED, Json(version_out(&s, version))))
}

fn number_of(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// Puts an amendment in force from today; another person than who wrote it down.
#[utoipa::path(post, path = "/api/v1/named-funds/{fund}/amendments/{version}/agree", tag = "funds",
    params(("fund" = String, Path), ("version" = i64, Path)),
    responses((status = 200, body = VersionOut), (status = 403, description = "the same person")))]
async fn agree_amendment(
    State(s): State<Services>,
    actor: Actor,
    Path((fund, version)): Path<(String, String)>,
) -> Result<Json<VersionOut>, Problem> {
    let decision = (number_of(&version)?, Verdict::Agree);
    let version = actions::decide_amendment(&s, &actor, id_of(&s, &fund)?, decision).await?;
    Ok(Json(version_out(&s, version)))
}

/// Refuses an amendment; what was agreed before stays.
#[utoipa::path(post, path = "/api/v1/named-funds/{fund}/amendments/{version}/refuse", tag = "funds",
    params(("fund" = String, Path), ("version" = i64, Path)), responses((status = 200, body = VersionOut)))]
async fn refuse_amendment(
    State(s): State<Services>,
    actor: Actor,
    Path((fund, version)): Path<(String, String)>,
) -> Result<Json<VersionOut>, Problem> {
    let decision = (number_of(&version)?, Verdict::Refuse);
    let version = actions::decide_amendment(&s, &actor, id_of(&s, &fund)?, decision).await?;
    Ok(Json(version_out(&s, version)))
}
