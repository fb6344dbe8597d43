//! JSON of partners and dockings, for staff; the names on a campaign stand in the campaign itself.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, CampaignId, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::approval::subject;
use super::error::DockingError;
use super::model::{Agreement, Assessment, Docking, DockingId, DockingState, NewPartner, Partner, PartnerId};
use super::{approval, queries, rules};
use crate::campaigns;
use crate::projects::api::{AskAdmission, AskedOut, asking};
use governance::approvals::CaseState;
use governance::approvals::queries::latest;

/// Who sees partners: those who look after campaigns, and those who read gifts.
const READING: &[Permission] = &[Permission::CampaignManage, Permission::GiftRead];

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff_any(READING, routes!(list_partners))
        .staff(Permission::CampaignManage, routes!(enter_partner))
        .staff_any(READING, routes!(list_dockings))
        .staff(Permission::CampaignManage, routes!(begin_docking))
        .staff(Permission::CampaignManage, routes!(put_assessment))
        .staff(Permission::CampaignManage, routes!(put_agreement))
        .staff(Permission::ApprovalRequest, routes!(ask_docking))
        .staff(Permission::CampaignManage, routes!(name_partner))
        .staff(Permission::CampaignManage, routes!(end_docking))
}

/// A partner.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerOut {
    /// Public id.
    pub id: String,
    /// The public id of the society that works with it.
    pub unit: String,
    /// Its full registered name.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
}

/// A partner to be entered.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EnterPartner {
    /// The public id of the society that works with it.
    pub unit: String,
    /// Its full registered name, as the plan names it.
    pub name: String,
    /// 统一社会信用代码: 18 characters.
    pub credit_code: String,
}

/// A partner to be brought onto a campaign.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BeginDocking {
    /// The public id of the campaign.
    pub campaign: String,
    /// The public id of the partner.
    pub partner: String,
}

/// How the society assessed a partner.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AssessmentIo {
    /// When.
    #[schema(value_type = String, format = Date)]
    pub assessed_on: BusinessDay,
    /// What it found; published after the campaign.
    pub conclusion: String,
    /// SHA-256 of the record, in hexadecimal: of a file handed in at `/api/v1/approvals/files`, or kept elsewhere.
    pub sha256: String,
}

/// The written agreement with a partner.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AgreementIo {
    /// Its number.
    pub number: String,
    /// When it was signed.
    #[schema(value_type = String, format = Date)]
    pub signed_on: BusinessDay,
    /// SHA-256 of the signed paper, in hexadecimal.
    pub sha256: String,
}

/// Why a docking ends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EndDocking {
    /// Why.
    pub reason: String,
}

/// A partner on its way onto a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub struct DockingOut {
    /// Public id.
    pub id: String,
    /// The public id of the campaign.
    pub campaign: String,
    /// The public id of the partner.
    pub partner: String,
    /// The partner's name.
    pub partner_name: String,
    /// prepared, approved, named or ended.
    pub state: &'static str,
    /// The gates that are shut: assessment, agreement, plan_naming.
    pub missing: Vec<&'static str>,
    /// The assessment, once it is there.
    pub assessment: Option<AssessmentIo>,
    /// The agreement, once it is there.
    pub agreement: Option<AgreementIo>,
    /// The last case about it: public id.
    pub case: Option<String>,
    /// Where that stands.
    pub case_state: Option<CaseState>,
    /// Since when it is named.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub named_at: Option<Instant>,
    /// Why it ended.
    pub end_reason: Option<String>,
}

/// `?campaign=`.
#[derive(Debug, Deserialize)]
struct DockingsQuery {
    campaign: String,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn field<I: Id>(s: &Services, name: &str, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid(name, error))
}

fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

fn partner_out(s: &Services, partner: Partner) -> PartnerOut {
    PartnerOut {
        id: public(&*s.keys, partner.id),
        unit: public(&*s.keys, partner.unit),
        name: partner.name,
        credit_code: partner.credit_code,
    }
}

/// A docking with its gates and its last case, as they stand now.
async fn shown(s: &Services, at: &mut db::Snapshot, docking: Docking) -> Result<DockingOut, Problem> {
    let campaign = campaigns::queries::campaign(at, docking.campaign)
        .await
        .map_err(of_db)?;
    let campaign = campaign.ok_or_else(Problem::not_found)?;
    let case = latest(at, docking.unit, approval::KIND, subject(docking.id)).await;
    let case = case.map_err(of_db)?;
    let (named_at, end_reason) = match &docking.state {
        DockingState::Named { at } => (Some(*at), None),
        DockingState::Ended { reason, .. } => (None, Some(reason.clone())),
        DockingState::Prepared | DockingState::Approved => (None, None),
    };
    Ok(DockingOut {
        id: public(&*s.keys, docking.id),
        campaign: public(&*s.keys, docking.campaign),
        partner: public(&*s.keys, docking.partner),
        missing: rules::missing(&docking, &campaign),
        state: docking.state.word().as_str(),
        partner_name: docking.partner_name,
        assessment: docking.assessment.map(|one| AssessmentIo {
            assessed_on: one.on,
            conclusion: one.conclusion,
            sha256: one.sha256,
        }),
        agreement: docking.agreement.map(|one| AgreementIo {
            number: one.number,
            signed_on: one.signed_on,
            sha256: one.sha256,
        }),
        case: case.as_ref().map(|case| public(&*s.keys, case.id)),
        case_state: case.map(|case| case.state),
        named_at,
        end_reason,
    })
}

async fn answer(s: &Services, docking: Result<Docking, DockingError>) -> Result<Json<DockingOut>, Problem> {
    let docking = docking?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    Ok(Json(shown(s, &mut at, docking).await?))
}

/// Partners of my units, in the order in which they were entered.
#[utoipa::path(get, path = "/api/v1/partners", tag = "docking",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PartnerOut>)))]
async fn list_partners(
    State(s): State<Services>,
    actor: Actor,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<PartnerOut>>, Problem> {
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<PartnerId>(&s, &text)).transpose()?;
    let scope = actor.scope_for_any(READING);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::partners(&mut at, (&scope, &s.tree), after, limit as i64 + 1).await;
    let items = found.map_err(of_db)?;
    let items = items.into_iter().map(|one| partner_out(&s, one)).collect();
    Ok(Json(Listing::cut(items, limit, |one: &PartnerOut| one.id.clone())))
}

/// Enters a body without the right to raise in public. The same body again is the same partner.
#[utoipa::path(post, path = "/api/v1/partners", tag = "docking", request_body = EnterPartner,
    responses((status = 201, body = PartnerOut)))]
async fn enter_partner(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<EnterPartner>,
) -> Result<(StatusCode, Json<PartnerOut>), Problem> {
    let new = NewPartner {
        unit: field(&s, "unit", &body.unit)?,
        name: body.name,
        credit_code: body.credit_code,
    };
    let partner = actions::enter(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(partner_out(&s, partner))))
}

/// The partners of a campaign: where each is on its way, and which gates are shut.
#[utoipa::path(get, path = "/api/v1/dockings", tag = "docking",
    params(("campaign" = String, Query, description = "public id")),
    responses((status = 200, body = Listing<DockingOut>)))]
async fn list_dockings(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<DockingsQuery>,
) -> Result<Json<Listing<DockingOut>>, Problem> {
    let id: CampaignId = field(&s, "campaign", &query.campaign)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let campaign = campaigns::queries::campaign(&mut at, id).await.map_err(of_db)?;
    let scope = actor.scope_for_any(READING);
    if !campaign.is_some_and(|campaign| scope.contains(campaign.unit, &s.tree)) {
        return Err(Problem::not_found());
    }
    let mut items = Vec::new();
    for docking in queries::of_campaign(&mut at, id).await.map_err(of_db)? {
        items.push(shown(&s, &mut at, docking).await?);
    }
    Ok(Json(Listing { items, next: None }))
}

/// Begins to bring a partner onto a campaign; the same again is the first.
#[utoipa::path(post, path = "/api/v1/dockings", tag = "docking", request_body = BeginDocking,
    responses((status = 201, body = DockingOut)))]
async fn begin_docking(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<BeginDocking>,
) -> Result<(StatusCode, Json<DockingOut>), Problem> {
    let (campaign, partner) = (id_of(&s, &body.campaign)?, id_of(&s, &body.partner)?);
    let docking = actions::begin(&s, &actor, campaign, partner).await;
    Ok((StatusCode::CREATED, answer(&s, docking).await?))
}

/// Puts the assessment of the partner, in place of the one before.
#[utoipa::path(put, path = "/api/v1/dockings/{docking}/assessment", tag = "docking",
    params(("docking" = String, Path)), request_body = AssessmentIo, responses((status = 200, body = DockingOut)))]
async fn put_assessment(
    State(s): State<Services>,
    actor: Actor,
    Path(docking): Path<String>,
    Json(body): Json<AssessmentIo>,
) -> Result<Json<DockingOut>, Problem> {
    let assessment = Assessment {
        on: body.assessed_on,
        conclusion: body.conclusion,
        sha256: body.sha256,
    };
    answer(&s, actions::assess(&s, &actor, id_of(&s, &docking)?, assessment).await).await
}

/// Puts the agreement with the partner, in place of the one before.
#[utoipa::path(put, path = "/api/v1/dockings/{docking}/agreement", tag = "docking",
    params(("docking" = String, Path)), request_body = AgreementIo, responses((status = 200, body = DockingOut)))]
async fn put_agreement(
    State(s): State<Services>,
    actor: Actor,
    Path(docking): Path<String>,
    Json(body): Json<AgreementIo>,
) -> Result<Json<DockingOut>, Problem> {
    let agreement = Agreement {
        number: body.number,
        signed_on: body.signed_on,
        sha256: body.sha256,
    };
    answer(&s, actions::agree(&s, &actor, id_of(&s, &docking)?, agreement).await).await
}

/// Puts a docking before those who decide, once assessment, agreement and the name in the filed plan are there; approved,
/// the partner may be named.
#[utoipa::path(post, path = "/api/v1/dockings/{docking}/ask", tag = "docking", params(("docking" = String, Path)),
    request_body = AskAdmission, responses((status = 201, body = AskedOut)))]
async fn ask_docking(
    State(s): State<Services>,
    actor: Actor,
    Path(docking): Path<String>,
    Json(body): Json<AskAdmission>,
) -> Result<(StatusCode, Json<AskedOut>), Problem> {
    let id: DockingId = id_of(&s, &docking)?;
    let case = actions::ask(&s, &actor, id, asking(&s, body)?).await?;
    let case = public(&*s.keys, case);
    Ok((StatusCode::CREATED, Json(AskedOut { case })))
}

/// Names an approved partner on the campaign.
#[utoipa::path(post, path = "/api/v1/dockings/{docking}/name", tag = "docking", params(("docking" = String, Path)),
    responses((status = 200, body = DockingOut)))]
async fn name_partner(
    State(s): State<Services>,
    actor: Actor,
    Path(docking): Path<String>,
) -> Result<Json<DockingOut>, Problem> {
    answer(&s, actions::name(&s, &actor, id_of(&s, &docking)?).await).await
}

/// Ends a docking: the partner is not named any more.
#[utoipa::path(post, path = "/api/v1/dockings/{docking}/end", tag = "docking", params(("docking" = String, Path)),
    request_body = EndDocking, responses((status = 200, body = DockingOut)))]
async fn end_docking(
    State(s): State<Services>,
    actor: Actor,
    Path(docking): Path<String>,
    Json(body): Json<EndDocking>,
) -> Result<Json<DockingOut>, Problem> {
    answer(&s, actions::end(&s, &actor, id_of(&s, &docking)?, &body.reason).await).await
}
