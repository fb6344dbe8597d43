//! Places and receivers.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::UnitId;
use kernel::id::public;
use platform::Services;
use platform::identity::{Actor, Permission};
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

/// An item as it is chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsItemChoice)]
pub(crate) struct ItemChoice {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
    /// Standard and grade.
    grade: String,
    /// The unit its pieces are counted in.
    base_unit: String,
    /// Other units.
    units: Vec<String>,
}

/// An item of the catalogue as it is chosen.
pub(crate) fn item_choice(s: &Services, item: crate::catalogue::model::Item) -> ItemChoice {
    ItemChoice {
        id: public(&*s.keys, item.id),
        name: item.name,
        grade: item.grade,
        base_unit: item.base_unit,
        units: item.units.into_keys().collect(),
    }
}

/// A place as it is chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPlaceChoice)]
pub(super) struct PlaceChoice {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
}

/// What who records can choose from.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsChoicesOut)]
pub(super) struct ChoicesOut {
    /// Items of the catalogue.
    items: Vec<ItemChoice>,
    /// Places.
    places: Vec<PlaceChoice>,
}

/// Items and places for who records without seeing the store: names alone, for the donation line and the scanner.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/choices", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = ChoicesOut)))]
pub(super) async fn list_choices(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<ChoicesOut>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GoodsRecord, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let items = crate::catalogue::queries::items(&mut at, unit).await.map_err(of_db)?;
    let places = queries::places(&mut at, unit).await.map_err(of_db)?;
    let place = |place: queries::Named<crate::PlaceId>| PlaceChoice {
        id: public(&*s.keys, place.id),
        name: place.name,
    };
    Ok(Json(ChoicesOut {
        items: items.into_iter().map(|item| item_choice(&s, item)).collect(),
        places: places.into_iter().map(place).collect(),
    }))
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
