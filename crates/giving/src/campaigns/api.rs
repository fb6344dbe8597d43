//! JSON of campaigns: what is filed is public to read; drafts and every change are for staff.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use db::Reads;
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, CampaignId, Fen, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::model::{
    Campaign, CampaignState, Filing, FilingStep, FilingStepKind, NewCampaign, Page, Plan, PlatformLink, Standing,
    Warning,
};
use super::queries::{self, CampaignView};
use super::{actions, rules};

/// Who needs to see campaigns, drafts too: also those who read what came in for them.
const LISTING: &[Permission] = &[Permission::CampaignManage, Permission::GiftRead];

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(get_campaign))
        .staff_any(LISTING, routes!(list_campaigns))
        .staff(Permission::CampaignManage, routes!(create_campaign))
        .staff_any(LISTING, routes!(staff_campaign))
        .staff(Permission::CampaignManage, routes!(edit_draft))
        .staff(Permission::CampaignFile, routes!(file_campaign))
        .staff(Permission::CampaignFile, routes!(return_filing))
        .staff(Permission::CampaignFile, routes!(change_plan))
        .staff(Permission::CampaignManage, routes!(list_on_platform))
        .staff(Permission::CampaignFile, routes!(open_campaign))
        .staff(Permission::CampaignFile, routes!(open_in_emergency))
        .staff(Permission::CampaignManage, routes!(raise_campaign_target))
        .staff(Permission::CampaignManage, routes!(end_campaign))
        .staff(Permission::CampaignManage, routes!(settle_campaign))
}

/// A filing with the civil affairs department, in and out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FilingIo {
    /// 备案编号
    pub number: String,
    /// The day it was filed.
    #[schema(value_type = String)]
    pub filed_on: BusinessDay,
    /// With whom.
    pub authority: String,
}

/// A filing that the authority gave back, in and out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FilingReturn)]
pub struct ReturnIo {
    /// The day it came back.
    #[schema(value_type = String)]
    pub returned_on: BusinessDay,
    /// What the authority found wanting: at least 4 characters, for staff.
    pub reason: String,
}

/// A step of a plan's filing.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilingStepOut {
    /// Filed or returned.
    pub kind: FilingStepKind,
    /// 备案编号 under which it was filed.
    pub number: String,
    /// With whom.
    pub authority: String,
    /// The day of the filing, or on which it came back.
    #[schema(value_type = String)]
    pub day: BusinessDay,
    /// What the authority found wanting; empty of a filing.
    pub reason: String,
    /// The version of the plan that lay there.
    pub plan_version: i64,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignOut {
    /// Public id.
    pub id: String,
    /// The public id of the unit that raises.
    pub unit: String,
    /// draft, filed, returned, open, full, ended or settled.
    pub state: &'static str,
    /// The plan in force.
    pub plan: Plan,
    /// The number of its version.
    pub plan_version: i64,
    /// A few lines for the page.
    pub summary: String,
    /// Whether it raises on the internet.
    pub online: bool,
    /// What it wants to raise now, in fen.
    #[schema(value_type = i64)]
    pub target_fen: Fen,
    /// The filing, while there is one that stands.
    pub filing: Option<FilingIo>,
    /// Since when the authority's return of the filing holds, and why.
    pub returned: Option<ReturnIo>,
    /// The emergency it answers, while it is not filed.
    pub emergency_event: Option<String>,
}

/// One line of a target's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetOut {
    /// The target from then on, in fen.
    #[schema(value_type = i64)]
    pub target_fen: Fen,
    /// Why it was raised; empty for the first.
    pub reason: String,
    /// When.
    #[schema(value_type = String)]
    pub changed_at: Instant,
}

impl From<crate::projects::TargetChange> for TargetOut {
    fn from(change: crate::projects::TargetChange) -> Self {
        Self {
            target_fen: change.target,
            reason: change.reason,
            changed_at: change.changed_at,
        }
    }
}

/// One version of a plan, with the reason of its change.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanVersionOut {
    /// Its number, from 1.
    pub version: i64,
    /// The plan as it was.
    pub plan: Plan,
    /// Why it was changed; empty for the first.
    pub reason: String,
    /// The day of the change.
    #[schema(value_type = String)]
    pub changed_on: BusinessDay,
    /// Whether it was recorded later than the law allows.
    pub late: bool,
}

/// A theme.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThemeOut {
    /// Public id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A campaign with all that its page shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignDetailOut {
    /// The campaign.
    #[serde(flatten)]
    pub campaign: CampaignOut,
    /// The name of the unit that raises.
    pub unit_name: String,
    /// How the public reaches it.
    pub contact: String,
    /// The number of its certificate for public fundraising.
    pub certificate_number: Option<String>,
    /// Its themes, in their order.
    pub themes: Vec<ThemeOut>,
    /// Its projects.
    pub projects: Vec<crate::projects::api::ProjectOut>,
    /// Its pages on designated platforms.
    pub platform_links: Vec<PlatformLink>,
    /// Partners without the right to raise in public that are named on it (公募对接), by their full names.
    pub partners: Vec<String>,
    /// The history of its target, oldest first.
    pub targets: Vec<TargetOut>,
    /// The versions of its plan, oldest first.
    pub plan_versions: Vec<PlanVersionOut>,
    /// What was filed and returned, oldest first; empty for the public.
    pub filings: Vec<FilingStepOut>,
    /// What is lawful but wants someone's eye.
    pub warnings: Vec<Warning>,
    /// What the law wants shown and is empty.
    pub not_shown: Vec<&'static str>,
}

/// A new campaign.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateCampaign {
    /// The public id of the unit that raises.
    pub unit: String,
    /// Its plan; texts may be empty until the filing.
    pub plan: Plan,
    /// A few lines for the page.
    #[serde(default)]
    pub summary: String,
    /// Whether it raises on the internet.
    pub online: bool,
    /// The names of its themes.
    #[serde(default)]
    pub themes: Vec<String>,
}

/// A draft written anew.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EditDraft {
    /// The plan.
    pub plan: Plan,
    /// The page's title, which must be the plan's when it is filed.
    pub page_title: String,
    /// A few lines for the page.
    pub summary: String,
}

/// A correction of a filed plan.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangePlan {
    /// The plan from now on.
    pub plan: Plan,
    /// Why: shown in public.
    pub reason: String,
    /// The day on which the facts changed.
    #[schema(value_type = String)]
    pub changed_on: BusinessDay,
}

/// A campaign opened on the ground of an emergency.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Emergency {
    /// The event it answers.
    pub event: String,
}

/// An urgent raise of a target.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RaiseTarget {
    /// The new target in fen, above the present one.
    #[schema(value_type = i64)]
    pub target_fen: Fen,
    /// Why: shown in public.
    pub reason: String,
}

fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn campaign_out(s: &Services, campaign: Campaign) -> CampaignOut {
    let event = match &campaign.state {
        CampaignState::Open {
            standing: Standing::Emergency { event },
            ..
        }
        | CampaignState::Full {
            standing: Standing::Emergency { event },
            ..
        }
        | CampaignState::Ended {
            standing: Standing::Emergency { event },
            ..
        } => Some(event.clone()),
        _ => None,
    };
    CampaignOut {
        id: public(&*s.keys, campaign.id),
        unit: public(&*s.keys, campaign.unit),
        state: campaign.state.as_str(),
        filing: campaign.state.filing().cloned().map(|f| FilingIo {
            number: f.number,
            filed_on: f.filed_on,
            authority: f.authority,
        }),
        returned: campaign.state.returned().map(|back| ReturnIo {
            returned_on: back.on,
            reason: back.reason.clone(),
        }),
        emergency_event: event,
        plan: campaign.plan,
        plan_version: campaign.plan_version,
        summary: campaign.page.summary,
        online: campaign.online,
        target_fen: campaign.target,
    }
}

fn filing_step(step: FilingStep) -> FilingStepOut {
    FilingStepOut {
        kind: step.kind,
        number: step.number,
        authority: step.authority,
        day: step.day,
        reason: step.reason,
        plan_version: step.plan_version,
    }
}

async fn detail_out(s: &Services, at: &mut impl Reads, view: CampaignView) -> Result<CampaignDetailOut, Problem> {
    let today = s.now().business_day();
    let limits = actions::limits_on(at, today).await?;
    let warnings = rules::warnings(&view.campaign, &view.links, &view.certificates, limits, today);
    let version = |v: super::model::PlanVersion| PlanVersionOut {
        version: v.version,
        plan: v.plan,
        reason: v.reason,
        changed_on: v.changed_on,
        late: v.late,
    };
    let partners = crate::docking::queries::named_on(at, view.campaign.id).await;
    let partners = partners.map_err(|e| problems::of_db(&e))?;
    Ok(CampaignDetailOut {
        not_shown: view.not_shown(),
        warnings,
        campaign: campaign_out(s, view.campaign),
        unit_name: view.unit.name,
        contact: view.unit.contact,
        certificate_number: view.certificate.map(|c| c.number),
        themes: view
            .themes
            .into_iter()
            .map(|t| ThemeOut {
                id: public(&*s.keys, t.id),
                name: t.name,
            })
            .collect(),
        projects: view
            .projects
            .into_iter()
            .map(|p| crate::projects::api::project_out(s, p))
            .collect(),
        partners,
        platform_links: view.links,
        targets: view.targets.into_iter().map(TargetOut::from).collect(),
        plan_versions: view.versions.into_iter().map(version).collect(),
        filings: view.filings.into_iter().map(filing_step).collect(),
    })
}

/// One campaign as the public sees it: never a draft.
#[utoipa::path(get, path = "/api/v1/campaigns/{campaign}", tag = "campaigns", params(("campaign" = String, Path)),
    responses((status = 200, body = CampaignDetailOut)))]
async fn get_campaign(
    State(s): State<Services>,
    Path(campaign): Path<String>,
) -> Result<Json<CampaignDetailOut>, Problem> {
    let id = id_of(&s, &campaign)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let view = queries::public_view(&mut at, id)
        .await
        .map_err(|e| problems::of_db(&e))?;
    Ok(Json(
        detail_out(&s, &mut at, view.ok_or_else(Problem::not_found)?).await?,
    ))
}

/// One campaign as staff see it, drafts too.
#[utoipa::path(get, path = "/api/v1/staff/campaigns/{campaign}", tag = "campaigns",
    params(("campaign" = String, Path)), responses((status = 200, body = CampaignDetailOut)))]
async fn staff_campaign(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
) -> Result<Json<CampaignDetailOut>, Problem> {
    let id = id_of(&s, &campaign)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let view = queries::campaign_view(&mut at, id)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let scope = actor.scope_for_any(LISTING);
    let seen = view.filter(|v| scope.contains(v.campaign.unit, &s.tree));
    Ok(Json(
        detail_out(&s, &mut at, seen.ok_or_else(Problem::not_found)?).await?,
    ))
}

/// The campaigns of my units, drafts too.
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "campaigns",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<CampaignOut>)))]
async fn list_campaigns(
    State(s): State<Services>,
    actor: Actor,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<CampaignOut>>, Problem> {
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<CampaignId>(&s, &text)).transpose()?;
    let scope = actor.scope_for_any(LISTING);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::campaigns(&mut at, &scope, &s.tree, after, limit as i64 + 1).await;
    let items = found
        .map_err(|e| problems::of_db(&e))?
        .into_iter()
        .map(|c| campaign_out(&s, c))
        .collect();
    Ok(Json(Listing::cut(items, limit, |campaign: &CampaignOut| {
        campaign.id.clone()
    })))
}

/// Makes a campaign as a draft.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns", request_body = CreateCampaign,
    responses((status = 201, body = CampaignOut)))]
async fn create_campaign(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<CreateCampaign>,
) -> Result<(StatusCode, Json<CampaignOut>), Problem> {
    let new = NewCampaign {
        unit: from_public(&*s.keys, &body.unit).map_err(|e| Problem::invalid("unit", e))?,
        plan: body.plan,
        summary: body.summary,
        online: body.online,
        themes: body.themes,
    };
    let (campaign, _) = actions::create(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(campaign_out(&s, campaign))))
}

/// Writes a draft anew.
#[utoipa::path(put, path = "/api/v1/campaigns/{campaign}/draft", tag = "campaigns",
    params(("campaign" = String, Path)), request_body = EditDraft, responses((status = 200, body = CampaignOut)))]
async fn edit_draft(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<EditDraft>,
) -> Result<Json<CampaignOut>, Problem> {
    let page = Page {
        title: body.page_title,
        summary: body.summary,
    };
    let campaign = actions::edit_draft(&s, &actor, id_of(&s, &campaign)?, body.plan, page).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// Records the filing; the words are locked from now on.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/filing", tag = "campaigns",
    params(("campaign" = String, Path)), request_body = FilingIo, responses((status = 200, body = CampaignOut)))]
async fn file_campaign(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<FilingIo>,
) -> Result<Json<CampaignOut>, Problem> {
    let filing = Filing {
        number: body.number,
        filed_on: body.filed_on,
        authority: body.authority,
    };
    let campaign = actions::file(&s, &actor, id_of(&s, &campaign)?, filing).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// Records that the authority gave the filing back; the plan is corrected and filed again.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/filing/return", tag = "campaigns",
    params(("campaign" = String, Path)), request_body = ReturnIo, responses((status = 200, body = CampaignOut)))]
async fn return_filing(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<ReturnIo>,
) -> Result<Json<CampaignOut>, Problem> {
    let id = id_of(&s, &campaign)?;
    let campaign = actions::give_back(&s, &actor, id, &body.reason, body.returned_on).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// Corrects a filed plan, with its reason.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/changes", tag = "campaigns",
    params(("campaign" = String, Path)), request_body = ChangePlan, responses((status = 200, body = CampaignOut)))]
async fn change_plan(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<ChangePlan>,
) -> Result<Json<CampaignOut>, Problem> {
    let id = id_of(&s, &campaign)?;
    let campaign = actions::change_plan(&s, &actor, id, body.plan, &body.reason, body.changed_on).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// Records the campaign's page on a designated platform.
#[utoipa::path(put, path = "/api/v1/campaigns/{campaign}/platform-links", tag = "campaigns",
    params(("campaign" = String, Path)), request_body = PlatformLink, responses((status = 204)))]
async fn list_on_platform(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<PlatformLink>,
) -> Result<StatusCode, Problem> {
    actions::list_on_platform(&s, &actor, id_of(&s, &campaign)?, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a filed campaign on one of its days.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/open", tag = "campaigns",
    params(("campaign" = String, Path)), responses((status = 200, body = CampaignOut)))]
async fn open_campaign(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
) -> Result<Json<CampaignOut>, Problem> {
    let campaign = actions::open(&s, &actor, id_of(&s, &campaign)?).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// Opens an unfiled campaign on the ground of a major emergency; it is filed within ten days.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/open-in-emergency", tag = "campaigns",
    params(("campaign" = String, Path)), request_body = Emergency, responses((status = 200, body = CampaignOut)))]
async fn open_in_emergency(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<Emergency>,
) -> Result<Json<CampaignOut>, Problem> {
    let campaign = actions::open_in_emergency(&s, &actor, id_of(&s, &campaign)?, &body.event).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// An urgent raise of the target.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/target", tag = "campaigns",
    params(("campaign" = String, Path)), request_body = RaiseTarget, responses((status = 200, body = CampaignOut)))]
async fn raise_campaign_target(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
    Json(body): Json<RaiseTarget>,
) -> Result<Json<CampaignOut>, Problem> {
    let id = id_of(&s, &campaign)?;
    let campaign = actions::raise_target(&s, &actor, id, body.target_fen, &body.reason).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// Ends a campaign and its projects.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/end", tag = "campaigns",
    params(("campaign" = String, Path)), responses((status = 200, body = CampaignOut)))]
async fn end_campaign(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
) -> Result<Json<CampaignOut>, Problem> {
    let campaign = actions::end(&s, &actor, id_of(&s, &campaign)?).await?;
    Ok(Json(campaign_out(&s, campaign)))
}

/// Settles an ended campaign.
#[utoipa::path(post, path = "/api/v1/campaigns/{campaign}/settle", tag = "campaigns",
    params(("campaign" = String, Path)), responses((status = 200, body = CampaignOut)))]
async fn settle_campaign(
    State(s): State<Services>,
    actor: Actor,
    Path(campaign): Path<String>,
) -> Result<Json<CampaignOut>, Problem> {
    let campaign = actions::settle(&s, &actor, id_of(&s, &campaign)?).await?;
    Ok(Json(campaign_out(&s, campaign)))
}
