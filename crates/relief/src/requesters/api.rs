//! JSON of accounts that ask for one receiver, and of what they asked for.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::UnitId;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::{actions, queries};
use crate::http::{id_of, maybe, of_db};
use crate::lists::api::{GoodsRequestOut, request_out};
use crate::stock::api::{ItemChoice, item_choice};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsManage, routes!(list_requesters, bind))
        .staff(Permission::GoodsRequest, routes!(own_requests))
}

/// A receiver by name.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsReceiverName)]
struct ReceiverName {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
}

fn receiver_name(s: &Services, receiver: queries::Receiver) -> ReceiverName {
    ReceiverName {
        id: public(&*s.keys, receiver.id),
        name: receiver.name,
    }
}

/// An account that asks for goods or money.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsRequesterOut)]
struct RequesterOut {
    /// The account's public id.
    account: String,
    /// Its name in lists.
    name: String,
    /// For whom it asks; none: it can hand nothing in yet.
    receiver: Option<ReceiverName>,
}

/// The accounts of the role `requester` in a unit, each with the receiver it asks for.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/requesters", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [RequesterOut])))]
async fn list_requesters(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<RequesterOut>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GoodsManage, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let today = s.now().business_day();
    let rows = queries::requesters(&mut at, (unit, &s.tree), today)
        .await
        .map_err(of_db)?;
    let out = rows.into_iter().map(|row| RequesterOut {
        account: public(&*s.keys, row.account),
        name: row.name,
        receiver: row.receiver.map(|receiver| receiver_name(&s, receiver)),
    });
    Ok(Json(out.collect()))
}

/// For whom an account asks.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsBindRequester)]
struct BindRequester {
    /// The account's public id.
    account: String,
    /// Public id of the receiver; none: it asks for nobody any more.
    #[serde(default)]
    receiver: Option<String>,
}

/// Says for which receiver an account asks.
#[utoipa::path(put, path = "/api/v1/goods/{unit}/requesters", tag = "goods", params(("unit" = String, Path)),
    request_body = BindRequester, responses((status = 204)))]
async fn bind(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<BindRequester>,
) -> Result<StatusCode, Problem> {
    let whose = (id_of(&s, &unit)?, id_of(&s, &body.account)?);
    let receiver = maybe(&s, body.receiver.as_ref())?;
    actions::bind(&s, &actor, whose, receiver).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an account that asks for one receiver sees.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsOwnRequests)]
struct OwnRequests {
    /// For whom it asks; none: nobody has said yet.
    receiver: Option<ReceiverName>,
    /// What can be asked for, by name alone.
    items: Vec<ItemChoice>,
    /// What the receiver asked for, the newest first, with what was taken back.
    requests: Vec<GoodsRequestOut>,
}

/// What one's own receiver asked for, and what it can ask for.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/own/requests", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = OwnRequests)))]
async fn own_requests(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<OwnRequests>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GoodsRequest, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let own = queries::receiver_of(&mut at, unit, actor.id).await.map_err(of_db)?;
    let Some(own) = own else {
        return Ok(Json(OwnRequests {
            receiver: None,
            items: Vec::new(),
            requests: Vec::new(),
        }));
    };
    let items = crate::catalogue::queries::items(&mut at, unit).await.map_err(of_db)?;
    let rows = crate::lists::queries::requests_of(&mut at, unit, own.id)
        .await
        .map_err(of_db)?;
    Ok(Json(OwnRequests {
        receiver: Some(receiver_name(&s, own)),
        items: items.into_iter().map(|item| item_choice(&s, item)).collect(),
        requests: rows.into_iter().map(|row| request_out(&s, row)).collect(),
    }))
}
