//! Staff JSON: what somebody else changed in my account.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use kernel::id::{from_public, public};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, Problem};

use super::model::{Change, What};
use super::{actions, queries};
use crate::identity::{Actor, GuardedRoutes as _};
use crate::{Services, problems};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .signed_in(routes!(list_changes))
        .signed_in(routes!(see_change))
}

/// What somebody else changed in how I sign in.
#[derive(Serialize, ToSchema)]
pub struct AccountChangeOut {
    /// Public id.
    pub change: String,
    /// What was changed.
    pub what: What,
    /// The provider it is about.
    pub provider: String,
    /// What its button says.
    pub label: String,
    /// Who changed it: a public id.
    pub by: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Instant,
}

/// What somebody else changed in how I sign in and I have not marked seen, the oldest first.
#[utoipa::path(get, path = "/api/v1/account/changes", tag = "signin",
    responses((status = 200, body = Listing<AccountChangeOut>)))]
async fn list_changes(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<AccountChangeOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let changes = queries::unseen(&mut at, actor.id).await;
    let changes = changes.map_err(|e| problems::of_db(&e))?;
    drop(at);
    let out = |change: Change| AccountChangeOut {
        change: public(&*s.keys, change.id),
        what: change.what,
        provider: change.provider,
        label: change.label,
        by: public(&*s.keys, change.by),
        at: change.at,
    };
    Ok(Json(Listing {
        items: changes.into_iter().map(out).collect(),
        next: None,
    }))
}

/// Marks a change of my account seen. Twice is as good as once.
#[utoipa::path(post, path = "/api/v1/account/changes/{change}/seen", tag = "signin",
    params(("change" = String, Path)), responses((status = 204), (status = 404)))]
async fn see_change(
    State(s): State<Services>,
    actor: Actor,
    Path(change): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = from_public(&*s.keys, &change).map_err(|_| Problem::not_found())?;
    actions::see(&s, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
