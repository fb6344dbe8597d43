//! JSON of the window's video.

use axum::extract::{Path, State};
use kernel::UnitId;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::{Shown, Video};
use super::{actions, queries};
use crate::http::{id_of, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(show_window))
        .staff(Permission::GoodsManage, routes!(set_window))
}

/// The video beside a unit's public window.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsWindowOut)]
struct WindowOut {
    /// Its address; none: there is none.
    video: Option<String>,
    /// The one host that the page may load it from.
    host: Option<String>,
    /// Whether the page plays it itself rather than framing another's player.
    is_played: bool,
}

fn out(video: Option<Video>) -> WindowOut {
    WindowOut {
        is_played: video.as_ref().is_some_and(|video| video.shown == Shown::Played),
        host: video.as_ref().map(|video| video.host.clone()),
        video: video.map(|video| video.address),
    }
}

/// The video beside a unit's public window.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/window", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = WindowOut)))]
async fn show_window(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<WindowOut>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let video = queries::video(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(out(video)))
}

/// The video to be shown.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsSetWindow)]
struct SetWindow {
    /// An https address; none or empty: no video.
    #[serde(default)]
    video: Option<String>,
}

/// Sets the video beside a unit's public window, or takes it away.
#[utoipa::path(put, path = "/api/v1/goods/{unit}/window", tag = "goods", params(("unit" = String, Path)),
    request_body = SetWindow, responses((status = 200, body = WindowOut)))]
async fn set_window(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<SetWindow>,
) -> Result<Json<WindowOut>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    let address = body.video.as_deref().filter(|text| !text.trim().is_empty());
    let video = actions::set(&s, &actor, unit, address).await?;
    Ok(Json(out(video)))
}
