//! Urgent raises of a page's capacity.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Fen, Instant};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, Problem, Query};

use super::super::actions;
use super::super::model::{NewRaise, Raise, RaiseState};
use super::super::queries;
use super::{id_of, of_db, platform_of};
use crate::platforms::Platforms;
use crate::platforms::model::PlatformCode;

/// Raises in one answer.
const RAISES_MAX: i64 = 500;

/// A raise of a page's capacity.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlatformRaiseOut {
    /// Public id.
    raise: String,
    /// The unit.
    unit: String,
    /// The platform.
    platform: PlatformCode,
    /// The page's number.
    page: String,
    /// From how much, in fen.
    #[schema(value_type = Option<i64>)]
    from_fen: Option<Fen>,
    /// To how much.
    #[schema(value_type = i64)]
    to_fen: Fen,
    /// Why.
    reason: String,
    /// When it was asked for.
    #[schema(value_type = String)]
    asked_at: Instant,
    /// Until when an answer is needed.
    #[schema(value_type = String)]
    needed_by: Instant,
    /// Where it stands.
    state: RaiseState,
    /// In Chinese.
    state_zh: &'static str,
    /// In English.
    state_en: &'static str,
    /// Whether the answer is overdue.
    overdue: bool,
    /// What was granted.
    #[schema(value_type = Option<i64>)]
    granted_fen: Option<Fen>,
    /// When it was answered.
    #[schema(value_type = Option<String>)]
    answered_at: Option<Instant>,
    /// What the platform said.
    note: String,
}

fn raise_out(s: &Services, raise: Raise) -> PlatformRaiseOut {
    PlatformRaiseOut {
        raise: public(&*s.keys, raise.id),
        unit: public(&*s.keys, raise.unit),
        platform: raise.platform,
        page: raise.project_no,
        from_fen: raise.from,
        to_fen: raise.to,
        reason: raise.reason,
        asked_at: raise.asked_at,
        needed_by: raise.needed_by,
        state: raise.state,
        state_zh: raise.state.zh(),
        state_en: raise.state.en(),
        overdue: raise.state == RaiseState::Waiting && raise.needed_by < s.now(),
        granted_fen: raise.granted,
        answered_at: raise.answered_at,
        note: raise.note,
    }
}

/// A raise to be asked for.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PlatformPostRaise {
    /// To how much, in fen.
    #[schema(value_type = i64)]
    to_fen: Fen,
    /// Why, and why now.
    reason: String,
    /// Until when an answer is needed.
    #[schema(value_type = String)]
    needed_by: Instant,
}

/// Records that a raise of a page's capacity was asked for.
#[utoipa::path(post, path = "/api/v1/platforms/{platform}/units/{unit}/pages/{page}/raises", tag = "platforms",
    params(("platform" = String, Path), ("unit" = String, Path), ("page" = String, Path)), request_body = PlatformPostRaise,
    responses((status = 201, body = PlatformRaiseOut), (status = 409, description = "one waits already")))]
pub(super) async fn post_raise(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path((platform, unit, number)): Path<(String, String, String)>,
    Json(body): Json<PlatformPostRaise>,
) -> Result<(StatusCode, Json<PlatformRaiseOut>), Problem> {
    let s = &platforms.giving.services;
    let new = NewRaise {
        to: body.to_fen,
        reason: body.reason,
        needed_by: body.needed_by,
    };
    let key = (id_of(s, &unit)?, platform_of(&platform)?);
    let raise = actions::ask_raise(s, &actor, key, &number, new).await?;
    Ok((StatusCode::CREATED, Json(raise_out(s, raise))))
}

/// `?state=`.
#[derive(Debug, Deserialize)]
pub(super) struct RaisesQuery {
    state: Option<String>,
}

/// Raises, what is needed first first; `?state=waiting` those that wait.
#[utoipa::path(get, path = "/api/v1/platform-raises", tag = "platforms",
    params(("state" = Option<String>, Query, description = "waiting, granted or refused")),
    responses((status = 200, body = Listing<PlatformRaiseOut>)))]
pub(super) async fn list_raises(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<RaisesQuery>,
) -> Result<Json<Listing<PlatformRaiseOut>>, Problem> {
    let s = &platforms.giving.services;
    let state = query
        .state
        .map(|word| word.parse::<RaiseState>())
        .transpose()
        .map_err(|error| Problem::invalid("state", error))?;
    let scope = actor.scope_for(Permission::ReportRead);
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::raises(&mut at, state, (&scope, &s.tree), RAISES_MAX)
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|raise| raise_out(s, raise)).collect();
    Ok(Json(Listing::cut(items, usize::MAX, |out: &PlatformRaiseOut| {
        out.raise.clone()
    })))
}

/// What the platform answered.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PlatformPostAnswer {
    /// What it granted, in fen; absent or null: it refused.
    #[schema(value_type = Option<i64>)]
    granted_fen: Option<Fen>,
    /// Its words.
    #[serde(default)]
    note: String,
}

/// Records the platform's answer; what it granted is the page's capacity from then on.
#[utoipa::path(post, path = "/api/v1/platform-raises/{raise}/answer", tag = "platforms",
    params(("raise" = String, Path)), request_body = PlatformPostAnswer, responses((status = 200, body = PlatformRaiseOut)))]
pub(super) async fn answer_raise(
    State(platforms): State<Platforms>,
    Extension(actor): Extension<Actor>,
    Path(raise): Path<String>,
    Json(body): Json<PlatformPostAnswer>,
) -> Result<Json<PlatformRaiseOut>, Problem> {
    let s = &platforms.giving.services;
    let answered = actions::answer_raise(s, &actor, id_of(s, &raise)?, (body.granted_fen, &body.note)).await?;
    Ok(Json(raise_out(s, answered)))
}
