//! JSON of the register, for staff.

mod pages;
mod raises;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::MethodRouter;
use kernel::id::{Id, from_public, public};
use kernel::{BusinessDay, RegionCode};
use platform::Services;
use platform::identity::{Actor, GuardedRoutes as _, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::model::{Paper, PaperKind, Standing, StandingIn, Step};
use super::queries::{self, UnitView};
use super::rules;
use crate::platforms::Platforms;
use crate::platforms::model::PlatformCode;
use crate::platforms::tags;

/// The routes of this slice.
pub fn routes(platforms: &Platforms) -> OpenApiRouter<Services> {
    let at = |routes: UtoipaMethodRouter<Platforms>| {
        let (schemas, paths, router): (_, _, MethodRouter<Platforms>) = routes;
        (schemas, paths, router.with_state(platforms.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::ReportRead, at(routes!(list_units)))
        .staff(Permission::PlatformManage, at(routes!(put_standing)))
        .staff(Permission::PlatformManage, at(routes!(put_step)))
        .staff(Permission::PlatformManage, at(routes!(put_paper)))
        .staff(Permission::ReportRead, at(routes!(list_ending)))
        .staff(Permission::ReportRead, at(routes!(pages::list_pages)))
        .staff(Permission::PlatformManage, at(routes!(pages::put_page)))
        .staff(Permission::PlatformManage, at(routes!(raises::post_raise)))
        .staff(Permission::ReportRead, at(routes!(raises::list_raises)))
        .staff(Permission::PlatformManage, at(routes!(raises::answer_raise)))
}

/// The id behind a public one of an address; what is none is nothing here.
pub(in crate::platforms) fn id_of<I: Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// The platform of an address.
pub(in crate::platforms) fn platform_of(text: &str) -> Result<PlatformCode, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

pub(in crate::platforms) fn of_db(error: db::DbError) -> Problem {
    platform::problems::of_db(&error)
}

/// A step to join.
#[derive(Debug, Serialize, ToSchema)]
struct PlatformStepOut {
    /// Its word.
    step: Step,
    /// In Chinese.
    zh: &'static str,
    /// In English.
    en: &'static str,
    /// When it was done.
    #[schema(value_type = Option<String>)]
    done_on: Option<BusinessDay>,
}

/// A paper with its end.
#[derive(Debug, Serialize, ToSchema)]
struct PlatformPaperOut {
    /// The unit's public id.
    unit: String,
    /// The platform.
    platform: PlatformCode,
    /// What it is.
    kind: PaperKind,
    /// In Chinese.
    zh: &'static str,
    /// In English.
    en: &'static str,
    /// Its number.
    number: String,
    /// The first day.
    #[schema(value_type = String)]
    valid_from: BusinessDay,
    /// The last day.
    #[schema(value_type = String)]
    valid_to: BusinessDay,
    /// Days left, today among them; 0 and below: it is over.
    days_left: i64,
    /// Whether another has taken its place.
    replaced: bool,
}

fn paper_out(s: &Services, paper: Paper) -> PlatformPaperOut {
    PlatformPaperOut {
        unit: public(&*s.keys, paper.unit),
        platform: paper.platform,
        kind: paper.kind,
        zh: paper.kind.zh(),
        en: paper.kind.en(),
        number: paper.number,
        valid_from: paper.valid_from,
        valid_to: paper.valid_to,
        days_left: rules::days_left(paper.valid_to, s.now().business_day()),
        replaced: paper.replaced,
    }
}

/// How a unit stands with a platform.
#[derive(Debug, Serialize, ToSchema)]
struct PlatformUnitOut {
    /// The unit's public id.
    unit: String,
    /// Its short name.
    name: String,
    /// Its region, which is its channel tag too.
    #[schema(value_type = String)]
    region: RegionCode,
    /// Its channel tag (渠道标识).
    tag: String,
    /// `not_joined`, `preparing`, `joined`, `suspended` or `left`.
    standing: &'static str,
    /// In Chinese.
    standing_zh: &'static str,
    /// In English.
    standing_en: &'static str,
    /// Since when.
    #[schema(value_type = Option<String>)]
    since: Option<BusinessDay>,
    /// The organisation's number there.
    org_no: String,
    /// Its name there.
    org_name: String,
    /// Who grants the match.
    match_giver: String,
    /// The steps to join.
    steps: Vec<PlatformStepOut>,
    /// The step to take next.
    next_step: Option<Step>,
    /// Its papers, the first to end first.
    papers: Vec<PlatformPaperOut>,
    /// Its pages.
    pages: i64,
    /// Of these, raising money.
    raising: i64,
    /// Raises that wait.
    raises_waiting: i64,
}

fn unit_out(s: &Services, view: UnitView) -> PlatformUnitOut {
    let (standing, zh, en) = view
        .account
        .as_ref()
        .map_or(("not_joined", "未入驻", "not joined"), |account| {
            (account.standing.as_str(), account.standing.zh(), account.standing.en())
        });
    let since = view.account.as_ref().map(|account| account.since);
    let (org_no, org_name, match_giver) = match view.account {
        Some(account) => (account.org_no, account.org_name, account.match_giver),
        None => Default::default(),
    };
    PlatformUnitOut {
        unit: public(&*s.keys, view.unit.id),
        name: view.unit.short_name,
        region: view.unit.region,
        tag: tags::tag_of(view.unit.region),
        standing,
        standing_zh: zh,
        standing_en: en,
        since,
        org_no,
        org_name,
        match_giver,
        next_step: rules::next_step(&view.steps),
        steps: view
            .steps
            .iter()
            .map(|each| PlatformStepOut {
                step: each.step,
                zh: each.step.zh(),
                en: each.step.en(),
                done_on: each.done_on,
            })
            .collect(),
        papers: view.papers.into_iter().map(|paper| paper_out(s, paper)).collect(),
        pages: view.pages,
        raising: view.raising,
        raises_waiting: view.waiting,
    }
}

/// All units with how they stand with a platform; those that have not joined show as such, with the steps to join.
#[utoipa::path(get, path = "/api/v1/platforms/{platform}/units", tag = "platforms",
    params(("platform" = String, Path, description = "tencent-gongyi, alipay-gongyi or yeepay-gongyi"),
        ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PlatformUnitOut>)))]
async fn list_units(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path(platform): Path<String>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<PlatformUnitOut>>, Problem> {
    let s = &platforms.giving.services;
    let platform = platform_of(&platform)?;
    let limit = page.limit()?;
    let after: Option<(String, String)> = page.after()?;
    let after = match after {
        None => None,
        Some((region, unit)) => Some((
            region.parse().map_err(|error| Problem::invalid("cursor", error))?,
            id_of(s, &unit)?,
        )),
    };
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::standing(&mut at, platform, (&scope, &s.tree), after, limit as i64 + 1)
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|view| unit_out(s, view)).collect();
    Ok(Json(Listing::cut(items, limit, |out: &PlatformUnitOut| {
        (out.region.to_string(), out.unit.clone())
    })))
}

/// How a unit stands with a platform, to be entered.
#[derive(Debug, Deserialize, ToSchema)]
struct PlatformPutStanding {
    /// How it stands.
    standing: Standing,
    /// Since when; today when nothing is said.
    #[schema(value_type = Option<String>)]
    since: Option<BusinessDay>,
    /// The organisation's number there; needed once it has joined.
    #[serde(default)]
    org_no: String,
    /// Its name there.
    #[serde(default)]
    org_name: String,
    /// Who grants the match: a body's public name.
    #[serde(default)]
    match_giver: String,
    /// Whether the totals that the platform tells hold its match too.
    #[serde(default)]
    totals_with_match: bool,
}

/// Enters how a unit stands with a platform. Joining opens the accounts of its gifts and of the match.
#[utoipa::path(put, path = "/api/v1/platforms/{platform}/units/{unit}", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path)), request_body = PlatformPutStanding,
    responses((status = 204)))]
async fn put_standing(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit)): Path<(String, String)>,
    Json(body): Json<PlatformPutStanding>,
) -> Result<StatusCode, Problem> {
    let s = &platforms.giving.services;
    let new = StandingIn {
        unit: id_of(s, &unit)?,
        platform: platform_of(&platform)?,
        standing: body.standing,
        since: body.since.unwrap_or_else(|| s.now().business_day()),
        org_no: body.org_no,
        org_name: body.org_name,
        match_giver: body.match_giver,
        totals_with_match: body.totals_with_match,
    };
    actions::set_standing(s, &actor, new).await?;
    platforms.giving.intake.directory().reload(s).await.map_err(of_db)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A step, done or open again.
#[derive(Debug, Deserialize, ToSchema)]
struct PlatformPutStep {
    /// When it was done; absent or null: it is open again.
    #[schema(value_type = Option<String>)]
    done_on: Option<BusinessDay>,
}

/// Notes a step to join as done, or as open again.
#[utoipa::path(put, path = "/api/v1/platforms/{platform}/units/{unit}/steps/{step}", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path), ("step" = String, Path)), request_body = PlatformPutStep,
    responses((status = 204)))]
async fn put_step(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit, step)): Path<(String, String, String)>,
    Json(body): Json<PlatformPutStep>,
) -> Result<StatusCode, Problem> {
    let s = &platforms.giving.services;
    let step: Step = step.parse().map_err(|_| Problem::not_found())?;
    let key = (id_of(s, &unit)?, platform_of(&platform)?);
    actions::note_step(s, &actor, key, (step, body.done_on)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A paper to be entered.
#[derive(Debug, Deserialize, ToSchema)]
struct PlatformPutPaper {
    /// What it is.
    kind: PaperKind,
    /// Its number.
    number: String,
    /// The first day.
    #[schema(value_type = String)]
    valid_from: BusinessDay,
    /// The last day.
    #[schema(value_type = String)]
    valid_to: BusinessDay,
    /// Whether another has taken its place: nobody is told of its end any more.
    #[serde(default)]
    replaced: bool,
}

/// Enters a certificate or filing number with its end, or corrects the one of the same number.
#[utoipa::path(put, path = "/api/v1/platforms/{platform}/units/{unit}/papers", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path)), request_body = PlatformPutPaper,
    responses((status = 200, body = PlatformPaperOut)))]
async fn put_paper(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit)): Path<(String, String)>,
    Json(body): Json<PlatformPutPaper>,
) -> Result<Json<PlatformPaperOut>, Problem> {
    let s = &platforms.giving.services;
    let paper = Paper {
        unit: id_of(s, &unit)?,
        platform: platform_of(&platform)?,
        kind: body.kind,
        number: body.number,
        valid_from: body.valid_from,
        valid_to: body.valid_to,
        replaced: body.replaced,
        told_days: None,
    };
    let paper = actions::set_paper(s, &actor, paper).await?;
    Ok(Json(paper_out(s, paper)))
}

/// Papers that end within 60 days or have ended, the first to end first.
#[utoipa::path(get, path = "/api/v1/platform-papers/ending", tag = "platforms",
    responses((status = 200, body = Listing<PlatformPaperOut>)))]
async fn list_ending(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Listing<PlatformPaperOut>>, Problem> {
    let s = &platforms.giving.services;
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::ending(&mut at, (&scope, &s.tree), s.now().business_day())
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|ending| paper_out(s, ending.paper)).collect();
    Ok(Json(Listing::cut(items, usize::MAX, |out: &PlatformPaperOut| {
        out.number.clone()
    })))
}
