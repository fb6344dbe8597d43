//! JSON of a unit's place: moved, closed, and why.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{ActorId, BusinessDay, Instant};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::{UnitOut, id_of, unit_field, unit_out};
use crate::network::actions;
use crate::network::holdings::Holdings;
use crate::network::model::{Closing, Happened};
use crate::network::queries;

/// The routes of a unit's place, with those who know what it has open.
pub(super) fn routes(holdings: &Arc<dyn Holdings>) -> OpenApiRouter<Services> {
    let (schemas, paths, router) = routes!(close_unit);
    let closing = (schemas, paths, router.layer(Extension(Arc::clone(holdings))));
    OpenApiRouter::new()
        .staff(Permission::UnitManage, routes!(move_unit))
        .staff(Permission::UnitManage, closing)
        .staff(Permission::UnitManage, routes!(list_unit_changes))
}

/// Where a unit goes.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MoveUnit {
    /// The public id of the unit above from now on.
    pub parent: String,
    /// Why: 4 to 500 characters, for staff.
    pub reason: String,
}

/// The end of a unit.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CloseUnit {
    /// The first day on which it no longer works, one that has come; today when nothing is said.
    #[schema(value_type = Option<String>)]
    pub day: Option<BusinessDay>,
    /// Why: 4 to 500 characters, for staff.
    pub reason: String,
}

/// A move of a unit, or its closing.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitChangeOut {
    /// moved or closed.
    pub kind: &'static str,
    /// The day from which it holds.
    #[schema(value_type = String)]
    pub day: BusinessDay,
    /// Why.
    pub reason: String,
    /// The public id of the unit above until then, of a move.
    pub from: Option<String>,
    /// The public id of the unit above from then on, of a move.
    pub to: Option<String>,
    /// The user name of who did it; none of one outside the list of users.
    pub by: Option<String>,
    /// When it was recorded.
    #[schema(value_type = String)]
    pub at: Instant,
}

/// Puts a unit below another, with the reason.
#[utoipa::path(post, path = "/api/v1/units/{unit}/move", tag = "network", params(("unit" = String, Path)),
    request_body = MoveUnit, responses((status = 200, body = UnitOut)))]
async fn move_unit(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<MoveUnit>,
) -> Result<Json<UnitOut>, Problem> {
    let below = unit_field(&s, "parent", &body.parent)?;
    let unit = actions::move_unit(&s, &actor, id_of(&s, &unit)?, below, &body.reason).await?;
    Ok(Json(unit_out(&s, unit)))
}

/// Closes a unit and its accounts; refused while it has something open.
#[utoipa::path(post, path = "/api/v1/units/{unit}/close", tag = "network", params(("unit" = String, Path)),
    request_body = CloseUnit,
    responses((status = 204), (status = 409, description = "what is open still, in words")))]
async fn close_unit(
    State(s): State<Services>,
    Extension(holdings): Extension<Arc<dyn Holdings>>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<CloseUnit>,
) -> Result<StatusCode, Problem> {
    let closing = Closing {
        day: body.day.unwrap_or_else(|| s.now().business_day()),
        reason: body.reason,
    };
    actions::close_unit(&s, &actor, id_of(&s, &unit)?, closing, &*holdings).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Moves and the closing of a unit with their reasons, oldest first.
#[utoipa::path(get, path = "/api/v1/units/{unit}/changes", tag = "network", params(("unit" = String, Path)),
    responses((status = 200, body = Vec<UnitChangeOut>)))]
async fn list_unit_changes(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<UnitChangeOut>>, Problem> {
    let id = id_of(&s, &unit)?;
    actor.require(Permission::UnitManage, id)?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let changes = queries::changes(&mut at, id).await.map_err(|e| problems::of_db(&e))?;
    let people: Vec<ActorId> = changes.iter().map(|one| one.by).collect();
    let names = platform::identity::queries::names(&mut at, &people).await;
    let names = names.map_err(|e| problems::of_db(&e))?;
    let items = changes.into_iter().map(|one| {
        let (kind, from, to) = match one.what {
            Happened::Moved { from, to } => ("moved", from, Some(to)),
            Happened::Closed => ("closed", None, None),
        };
        UnitChangeOut {
            kind,
            day: one.day,
            reason: one.reason,
            from: from.map(|unit| public(&*s.keys, unit)),
            to: to.map(|unit| public(&*s.keys, unit)),
            by: names.get(&one.by).cloned(),
            at: one.at,
        }
    });
    Ok(Json(items.collect()))
}
