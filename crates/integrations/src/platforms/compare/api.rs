//! JSON of comparisons, for staff.

use axum::Extension;
use axum::extract::{Path, State};
use axum::routing::MethodRouter;
use kernel::id::public;
use kernel::{BusinessDay, Instant};
use platform::Services;
use platform::identity::{Actor, GuardedRoutes as _, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::model::{Comparison, DifferenceState, Differing, What};
use super::queries;
use crate::platforms::Platforms;
use crate::platforms::model::PlatformCode;
use crate::platforms::register::api::{id_of, of_db, platform_of};

/// Comparisons in one answer: a month of a city with some platforms.
const COMPARISONS_MAX: i64 = 200;

/// The routes of this slice.
pub fn routes(platforms: &Platforms) -> OpenApiRouter<Services> {
    let at = |routes: UtoipaMethodRouter<Platforms>| {
        let (schemas, paths, router): (_, _, MethodRouter<Platforms>) = routes;
        (schemas, paths, router.with_state(platforms.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::GiftImport, at(routes!(post_comparison)))
        .staff(Permission::ReportRead, at(routes!(list_comparisons)))
        .staff(Permission::ReportRead, at(routes!(list_differences)))
        .staff(Permission::GiftImport, at(routes!(explain_difference)))
}

/// A day's comparison.
#[derive(Debug, Serialize, ToSchema)]
struct ComparisonOut {
    /// The unit's public id.
    unit: String,
    /// The platform.
    platform: PlatformCode,
    /// The day.
    #[schema(value_type = String)]
    day: BusinessDay,
    /// Pages asked about.
    pages: i64,
    /// Projects behind them.
    projects: i64,
    /// Differences seen.
    differing: i64,
    /// The platform's number of the request, for its support.
    trace: String,
    /// When.
    #[schema(value_type = String)]
    compared_at: Instant,
}

fn out(s: &Services, made: Comparison) -> ComparisonOut {
    ComparisonOut {
        unit: public(&*s.keys, made.unit),
        platform: made.platform,
        day: made.day,
        pages: made.pages,
        projects: made.projects,
        differing: made.differing,
        trace: made.trace,
        compared_at: made.compared_at,
    }
}

/// Asks the platform and compares now, as the comparison of today.
#[utoipa::path(post, path = "/api/v1/platforms/{platform}/units/{unit}/comparison", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path)),
    responses((status = 200, body = ComparisonOut), (status = 503, description = "the platform gives no answer now")))]
async fn post_comparison(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit)): Path<(String, String)>,
) -> Result<Json<ComparisonOut>, Problem> {
    let s = &platforms.giving.services;
    let key = (id_of(s, &unit)?, platform_of(&platform)?);
    let made = actions::compare(&platforms, &actor, key, s.now().business_day()).await?;
    Ok(Json(out(s, made)))
}

/// The latest comparisons.
#[utoipa::path(get, path = "/api/v1/platform-comparisons", tag = "platforms",
    responses((status = 200, body = Listing<ComparisonOut>)))]
async fn list_comparisons(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Listing<ComparisonOut>>, Problem> {
    let s = &platforms.giving.services;
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::comparisons(&mut at, (&scope, &s.tree), COMPARISONS_MAX).await;
    let items = found.map_err(of_db)?.into_iter().map(|made| out(s, made)).collect();
    Ok(Json(Listing::cut(items, usize::MAX, |out: &ComparisonOut| {
        out.unit.clone()
    })))
}

/// Something that differs.
#[derive(Debug, Serialize, ToSchema)]
struct PlatformDifferenceOut {
    /// Public id.
    difference: String,
    /// The unit's public id.
    unit: String,
    /// The platform.
    platform: PlatformCode,
    /// The project's code.
    project: String,
    /// The page's number.
    page: String,
    /// What differs.
    what: What,
    /// In Chinese.
    what_zh: &'static str,
    /// In English.
    what_en: &'static str,
    /// Here: a count, or a sum in fen.
    ours: i64,
    /// There.
    theirs: i64,
    /// Since which day.
    #[schema(value_type = String)]
    first_day: BusinessDay,
    /// Until which day it was seen.
    #[schema(value_type = String)]
    last_day: BusinessDay,
    /// Where it stands.
    state: DifferenceState,
    /// In Chinese.
    state_zh: &'static str,
    /// In English.
    state_en: &'static str,
    /// What a person wrote.
    note: String,
}

fn difference_out(platforms: &Platforms, found: Differing) -> PlatformDifferenceOut {
    let keys = &*platforms.giving.services.keys;
    let project = platforms.giving.intake.directory().project(found.project);
    PlatformDifferenceOut {
        difference: public(keys, found.id),
        unit: public(keys, found.unit),
        platform: found.platform,
        project: project.map(|project| project.code.clone()).unwrap_or_default(),
        page: found.project_no,
        what: found.what,
        what_zh: found.what.zh(),
        what_en: found.what.en(),
        ours: found.ours,
        theirs: found.theirs,
        first_day: found.first_day,
        last_day: found.last_day,
        state: found.state,
        state_zh: found.state.zh(),
        state_en: found.state.en(),
        note: found.note,
    }
}

/// `?state=&limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct DifferencesQuery {
    state: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Differences in a state; without one those that are open, the oldest first.
#[utoipa::path(get, path = "/api/v1/platform-differences", tag = "platforms",
    params(("state" = Option<String>, Query, description = "open, explained or gone"), ("limit" = Option<u16>, Query),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PlatformDifferenceOut>)))]
async fn list_differences(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<DifferencesQuery>,
) -> Result<Json<Listing<PlatformDifferenceOut>>, Problem> {
    let s = &platforms.giving.services;
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of(s, &text)).transpose()?;
    let state = query.state.as_deref().unwrap_or(DifferenceState::Open.as_str());
    let state: DifferenceState = state.parse().map_err(|error| Problem::invalid("state", error))?;
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::differences(&mut at, state, (&scope, &s.tree), after, limit as i64 + 1).await;
    let found = found.map_err(of_db)?;
    let items = found.into_iter().map(|each| difference_out(&platforms, each)).collect();
    Ok(Json(Listing::cut(items, limit, |out: &PlatformDifferenceOut| {
        out.difference.clone()
    })))
}

/// Why it differs.
#[derive(Debug, Deserialize, ToSchema)]
struct Explanation {
    /// One line.
    note: String,
}

/// Explains a difference; other values open it again.
#[utoipa::path(post, path = "/api/v1/platform-differences/{difference}/explanation", tag = "platforms",
    params(("difference" = String, Path)), request_body = Explanation,
    responses((status = 200, body = PlatformDifferenceOut)))]
async fn explain_difference(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path(difference): Path<String>,
    Json(body): Json<Explanation>,
) -> Result<Json<PlatformDifferenceOut>, Problem> {
    let s = &platforms.giving.services;
    let explained = actions::explain(s, &actor, id_of(s, &difference)?, &body.note).await?;
    Ok(Json(difference_out(&platforms, explained)))
}
