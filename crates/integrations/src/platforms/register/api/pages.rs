//! Pages of projects on a platform.

use axum::Extension;
use axum::extract::{Path, State};
use kernel::id::public;
use kernel::{BusinessDay, Fen, UnitId};
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::super::actions;
use super::super::model::{Page, PageState};
use super::super::queries;
use super::{id_of, of_db, platform_of};
use crate::platforms::Platforms;

/// A project's page on a platform.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlatformPageOut {
    /// The unit whose account it is.
    unit: String,
    /// The page's number on the platform.
    page: String,
    /// The project's code.
    project: String,
    /// Where it stands.
    state: PageState,
    /// In Chinese.
    state_zh: &'static str,
    /// In English.
    state_en: &'static str,
    /// What it may raise, in fen.
    #[schema(value_type = Option<i64>)]
    capacity_fen: Option<Fen>,
    /// The filing number that it shows.
    filing_no: String,
    /// Its address.
    url: String,
    /// Since when it is listed.
    #[schema(value_type = Option<String>)]
    listed_on: Option<BusinessDay>,
}

fn page_out(platforms: &Platforms, page: Page) -> PlatformPageOut {
    let project = platforms.giving.intake.directory().project(page.project);
    PlatformPageOut {
        unit: public(&*platforms.giving.services.keys, page.unit),
        page: page.project_no,
        project: project.map(|project| project.code.clone()).unwrap_or_default(),
        state: page.state,
        state_zh: page.state.zh(),
        state_en: page.state.en(),
        capacity_fen: page.capacity,
        filing_no: page.filing_no,
        url: page.url,
        listed_on: page.listed_on,
    }
}

/// The pages of all units on a platform.
#[utoipa::path(get, path = "/api/v1/platforms/{platform}/pages", tag = "platforms",
    params(("platform" = String, Path), ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PlatformPageOut>)))]
pub(super) async fn list_pages(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path(platform): Path<String>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<PlatformPageOut>>, Problem> {
    let s = &platforms.giving.services;
    let limit = page.limit()?;
    let after: Option<(String, String)> = page.after()?;
    let after = after
        .map(|(unit, number)| id_of::<UnitId>(s, &unit).map(|unit| (unit, number)))
        .transpose()?;
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let platform = platform_of(&platform)?;
    let found = queries::pages(&mut at, platform, (&scope, &s.tree), after, limit as i64 + 1)
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|page| page_out(&platforms, page)).collect();
    Ok(Json(Listing::cut(items, limit, |out: &PlatformPageOut| {
        (out.unit.clone(), out.page.clone())
    })))
}

/// A page to be entered.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PlatformPutPage {
    /// The project's code.
    project: String,
    /// Where it stands.
    state: PageState,
    /// What it may raise, in fen.
    #[schema(value_type = Option<i64>)]
    capacity_fen: Option<Fen>,
    /// The filing number that it shows.
    #[serde(default)]
    filing_no: String,
    /// Its address.
    #[serde(default)]
    url: String,
    /// Since when it is listed.
    #[schema(value_type = Option<String>)]
    listed_on: Option<BusinessDay>,
}

/// Enters a page of a project, or what changed of it.
#[utoipa::path(put, path = "/api/v1/platforms/{platform}/units/{unit}/pages/{page}", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path),
        ("page" = String, Path, description = "the page's number on the platform")),
    request_body = PlatformPutPage, responses((status = 200, body = PlatformPageOut)))]
pub(super) async fn put_page(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit, number)): Path<(String, String, String)>,
    Json(body): Json<PlatformPutPage>,
) -> Result<Json<PlatformPageOut>, Problem> {
    let s = &platforms.giving.services;
    let project = platforms.giving.intake.directory().project_by_code(&body.project);
    let project = project.ok_or_else(|| Problem::invalid("project", "no project has this code"))?;
    let page = Page {
        unit: id_of(s, &unit)?,
        platform: platform_of(&platform)?,
        project_no: number,
        project: project.id,
        state: body.state,
        capacity: body.capacity_fen,
        filing_no: body.filing_no,
        url: body.url,
        listed_on: body.listed_on,
    };
    let page = actions::set_page(s, &actor, page).await?;
    Ok(Json(page_out(&platforms, page)))
}
