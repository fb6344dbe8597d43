//! Places and receivers.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use platform::Services;
use platform::identity::Actor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Problem};

use super::super::{actions, queries};
use crate::http::{id_of, of_db, reading};

/// A place or a receiver.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedOut {
    /// Its public id.
    id: String,
    /// A place's code, or a receiver's region.
    code: String,
    /// Its name.
    name: String,
}

/// A place or a receiver to be added.
#[derive(Deserialize, ToSchema)]
pub(super) struct AddNamed {
    /// A place's code, or a receiver's region.
    code: String,
    /// Its name.
    name: String,
}

/// The id of what was made.
#[derive(Serialize, ToSchema)]
pub(super) struct GoodsMade {
    /// Its public id.
    id: String,
}

/// The places of a unit.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/places", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [NamedOut])))]
pub(super) async fn list_places(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<NamedOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let places = queries::places(&mut at, unit).await.map_err(of_db)?;
    let out = places.into_iter().map(|place| NamedOut {
        id: public(&*s.keys, place.id),
        code: place.code,
        name: place.name,
    });
    Ok(Json(out.collect()))
}

/// Adds a store, a truck, a hall.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/places", tag = "goods", params(("unit" = String, Path)),
    request_body = AddNamed, responses((status = 201, body = GoodsMade)))]
pub(super) async fn add_place(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AddNamed>,
) -> Result<(StatusCode, Json<GoodsMade>), Problem> {
    let id = actions::add_place(&s, &actor, id_of(&s, &unit)?, (&body.code, &body.name)).await?;
    let id = public(&*s.keys, id);
    Ok((StatusCode::CREATED, Json(GoodsMade { id })))
}

/// The receivers of a unit.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/receivers", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [NamedOut])))]
pub(super) async fn list_parties(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<NamedOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let parties = queries::parties(&mut at, unit).await.map_err(of_db)?;
    let out = parties.into_iter().map(|party| NamedOut {
        id: public(&*s.keys, party.id),
        code: party.code,
        name: party.name,
    });
    Ok(Json(out.collect()))
}

/// Adds a receiver: a hospital, a district, a department; its code is its region's.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/receivers", tag = "goods", params(("unit" = String, Path)),
    request_body = AddNamed, responses((status = 201, body = GoodsMade)))]
pub(super) async fn add_party(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AddNamed>,
) -> Result<(StatusCode, Json<GoodsMade>), Problem> {
    let id = actions::add_party(&s, &actor, id_of(&s, &unit)?, (&body.name, &body.code)).await?;
    let id = public(&*s.keys, id);
    Ok((StatusCode::CREATED, Json(GoodsMade { id })))
}

/// In which region a place lies.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsPlaceRegion)]
pub(super) struct PlaceRegion {
    /// Six or nine digits.
    region: String,
}

/// Says in which region a place lies, for matching by distance.
#[utoipa::path(put, path = "/api/v1/goods/places/{place}/region", tag = "goods", params(("place" = String, Path)),
    request_body = PlaceRegion, responses((status = 204)))]
pub(super) async fn set_region(
    State(s): State<Services>,
    actor: Actor,
    Path(place): Path<String>,
    Json(body): Json<PlaceRegion>,
) -> Result<StatusCode, Problem> {
    actions::set_region(&s, &actor, id_of(&s, &place)?, &body.region).await?;
    Ok(StatusCode::NO_CONTENT)
}
