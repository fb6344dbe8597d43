//! JSON of what is told to platforms, for staff.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::MethodRouter;
use kernel::id::public;
use kernel::{Fen, Instant};
use platform::Services;
use platform::identity::{Actor, GuardedRoutes as _, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions;
use super::model::{NewPush, Push, PushState};
use super::queries;
use crate::platforms::Platforms;
use crate::platforms::client::Execution;
use crate::platforms::model::PlatformCode;
use crate::platforms::register::api::{id_of, of_db, platform_of};

/// The routes of this slice.
pub fn routes(platforms: &Platforms) -> OpenApiRouter<Services> {
    let at = |routes: UtoipaMethodRouter<Platforms>| {
        let (schemas, paths, router): (_, _, MethodRouter<Platforms>) = routes;
        (schemas, paths, router.with_state(platforms.clone()))
    };
    OpenApiRouter::new()
        .staff(Permission::PlatformManage, at(routes!(post_push)))
        .staff(Permission::ReportRead, at(routes!(list_pushes)))
        .staff(Permission::PlatformManage, at(routes!(resolve_push)))
}

/// What was told, or is to be.
#[derive(Debug, Serialize, ToSchema)]
struct PushOut {
    /// Public id.
    push: String,
    /// The unit's public id.
    unit: String,
    /// The platform.
    platform: PlatformCode,
    /// The page's number.
    page: String,
    /// The caller's key.
    key: String,
    /// What was spent, in fen; the platform is told yuan.
    #[schema(value_type = Option<i64>)]
    money_fen: Option<Fen>,
    /// Where it stands.
    state: PushState,
    /// In Chinese.
    state_zh: &'static str,
    /// In English.
    state_en: &'static str,
    /// The platform's number of it.
    proc_id: Option<String>,
    /// The platform's number of the request, for its support.
    trace: Option<String>,
    /// The platform's code, when it refused.
    code: Option<i64>,
    /// Its words, or why no answer came.
    said: Option<String>,
    /// When it was asked for.
    #[schema(value_type = String)]
    asked_at: Instant,
    /// When the platform had it.
    #[schema(value_type = Option<String>)]
    told_at: Option<Instant>,
}

fn out(s: &Services, push: Push) -> PushOut {
    PushOut {
        push: public(&*s.keys, push.id),
        unit: public(&*s.keys, push.unit),
        platform: push.platform,
        page: push.project_no,
        key: push.request_key,
        money_fen: push.content.money_fen,
        state: push.state,
        state_zh: push.state.zh(),
        state_en: push.state.en(),
        proc_id: push.proc_id,
        trace: push.trace,
        code: push.code,
        said: push.said,
        asked_at: push.asked_at,
        told_at: push.told_at,
    }
}

/// What is to be told.
#[derive(Debug, Deserialize, ToSchema)]
struct PostPush {
    /// The caller's key: the same key with the same content is answered with the first.
    key: String,
    /// Sums in fen; the platform is told yuan as text.
    #[schema(value_type = Object)]
    content: Execution,
}

/// Stores progress or execution of a page and puts it in line to be told.
#[utoipa::path(post, path = "/api/v1/platforms/{platform}/units/{unit}/pages/{page}/pushes", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path), ("page" = String, Path)), request_body = PostPush,
    responses((status = 202, body = PushOut)))]
async fn post_push(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit, page)): Path<(String, String, String)>,
    Json(body): Json<PostPush>,
) -> Result<(StatusCode, Json<PushOut>), Problem> {
    let s = &platforms.giving.services;
    let new = NewPush {
        unit: id_of(s, &unit)?,
        platform: platform_of(&platform)?,
        project_no: page,
        request_key: body.key,
        content: body.content,
    };
    let push = actions::ask(&platforms, &actor, new).await?;
    Ok((StatusCode::ACCEPTED, Json(out(s, push))))
}

/// What was told, the newest first.
#[utoipa::path(get, path = "/api/v1/platform-pushes", tag = "platforms",
    params(("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PushOut>)))]
async fn list_pushes(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<PushOut>>, Problem> {
    let s = &platforms.giving.services;
    let limit = page.limit()?;
    let before: Option<String> = page.after()?;
    let before = before.map(|text| id_of(s, &text)).transpose()?;
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::list(&mut at, (&scope, &s.tree), before, limit as i64 + 1).await;
    let items = found.map_err(of_db)?.into_iter().map(|push| out(s, push)).collect();
    Ok(Json(Listing::cut(items, limit, |out: &PushOut| out.push.clone())))
}

/// What was found on the platform.
#[derive(Debug, Deserialize, ToSchema)]
struct PushFound {
    /// The platform's number of it; absent or null: nothing stands there, and it is sent again.
    proc_id: Option<String>,
}

/// Settles what stayed unclear, after a look at the platform.
#[utoipa::path(post, path = "/api/v1/platform-pushes/{push}/resolution", tag = "platforms",
    params(("push" = String, Path)), request_body = PushFound, responses((status = 200, body = PushOut)))]
async fn resolve_push(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path(push): Path<String>,
    Json(body): Json<PushFound>,
) -> Result<Json<PushOut>, Problem> {
    let s = &platforms.giving.services;
    let settled = actions::resolve(&platforms, &actor, id_of(s, &push)?, body.proc_id.as_deref()).await?;
    Ok(Json(out(s, settled)))
}
