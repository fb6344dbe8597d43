//! JSON of vehicles and journeys.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, NewVehicle};
use super::model::{Load, Trip, TripState, Vehicle};
use super::queries;
use crate::TripId;
use crate::dispatch::model::DispatchState;
use crate::error::in_scope;
use crate::http::{id_of, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_vehicles))
        .staff(Permission::GoodsManage, routes!(add_vehicle))
        .staff(Permission::GoodsRead, routes!(list_trips))
        .staff(Permission::GoodsRecord, routes!(open_trip))
        .staff(Permission::GoodsRead, routes!(show_trip))
        .staff(Permission::GoodsRecord, routes!(put_on))
        .staff(Permission::GoodsRecord, routes!(take_off))
        .staff(Permission::GoodsRecord, routes!(leave))
}

/// A vehicle.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsVehicleOut)]
struct VehicleOut {
    /// Its public id.
    id: String,
    /// Its name or plate.
    name: String,
    /// Who runs it.
    carrier: String,
    /// Grams it may carry.
    grams_max: i64,
    /// Cubic centimetres it holds.
    cubic_cm_max: i64,
}

fn vehicle_out(s: &Services, vehicle: Vehicle) -> VehicleOut {
    VehicleOut {
        id: public(&*s.keys, vehicle.id),
        name: vehicle.name,
        carrier: vehicle.carrier,
        grams_max: vehicle.carries.grams,
        cubic_cm_max: vehicle.carries.cubic_cm,
    }
}

/// The vehicles of a unit.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/vehicles", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [VehicleOut])))]
async fn list_vehicles(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<VehicleOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::vehicles(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| vehicle_out(&s, row)).collect()))
}

/// A vehicle to be added.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsAddVehicle)]
struct AddVehicle {
    /// Its name or plate.
    name: String,
    /// Who runs it.
    #[serde(default)]
    carrier: String,
    /// Grams it may carry.
    grams_max: i64,
    /// Cubic centimetres it holds.
    cubic_cm_max: i64,
}

/// Adds a vehicle with what it may carry.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/vehicles", tag = "goods", params(("unit" = String, Path)),
    request_body = AddVehicle, responses((status = 201, body = VehicleOut), (status = 409, description = "name taken")))]
async fn add_vehicle(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AddVehicle>,
) -> Result<(StatusCode, Json<VehicleOut>), Problem> {
    let new = NewVehicle {
        unit: id_of::<UnitId>(&s, &unit)?,
        name: &body.name,
        carrier: &body.carrier,
        carries: Load {
            grams: body.grams_max,
            cubic_cm: body.cubic_cm_max,
        },
    };
    let vehicle = actions::add_vehicle(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(vehicle_out(&s, vehicle))))
}

/// A journey.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsTripOut)]
struct TripOut {
    /// Its public id.
    id: String,
    /// The vehicle's name.
    vehicle: String,
    /// Who runs it.
    carrier: String,
    /// Grams it may carry.
    grams_max: i64,
    /// Cubic centimetres it holds.
    cubic_cm_max: i64,
    /// `loading`, `left`.
    state: TripState,
    /// When loading began.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Instant,
    /// When it left.
    #[schema(value_type = Option<String>, format = DateTime)]
    left_at: Option<Instant>,
}

fn trip_out(s: &Services, trip: Trip) -> TripOut {
    TripOut {
        id: public(&*s.keys, trip.id),
        vehicle: trip.vehicle_name,
        carrier: trip.carrier,
        grams_max: trip.carries.grams,
        cubic_cm_max: trip.carries.cubic_cm,
        state: trip.state,
        opened_at: trip.opened_at,
        left_at: trip.left_at,
    }
}

/// The journeys of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/trips", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [TripOut])))]
async fn list_trips(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<TripOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::trips(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| trip_out(&s, row)).collect()))
}

/// A journey to be begun.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsOpenTrip)]
struct OpenTrip {
    /// What makes it the same journey when it is sent again.
    key: String,
}

/// Begins to load a vehicle. The same key again is the same journey.
#[utoipa::path(post, path = "/api/v1/goods/vehicles/{vehicle}/trips", tag = "goods", params(("vehicle" = String, Path)),
    request_body = OpenTrip, responses((status = 201, body = TripOut)))]
async fn open_trip(
    State(s): State<Services>,
    actor: Actor,
    Path(vehicle): Path<String>,
    Json(body): Json<OpenTrip>,
) -> Result<(StatusCode, Json<TripOut>), Problem> {
    let trip = actions::open(&s, &actor, id_of(&s, &vehicle)?, &body.key).await?;
    Ok((StatusCode::CREATED, Json(trip_out(&s, trip))))
}

/// An order on a vehicle.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsTripOrder)]
struct TripOrder {
    /// The order's public id.
    dispatch: String,
    /// Its number on papers.
    number: String,
    /// The receiver's name.
    receiver: String,
    /// Where the order is.
    state: DispatchState,
    /// Grams it weighs.
    grams: i64,
    /// Cubic centimetres it takes.
    cubic_cm: i64,
}

/// A journey with the orders on it.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsWholeTrip)]
struct WholeTrip {
    /// The journey.
    trip: TripOut,
    /// The orders, by number.
    orders: Vec<TripOrder>,
    /// Grams together.
    grams: i64,
    /// Cubic centimetres together.
    cubic_cm: i64,
}

async fn whole(s: &Services, actor: &Actor, id: TripId) -> Result<WholeTrip, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::trip(&mut at, id).await.map_err(of_db)?;
    let (trip, on) = found.ok_or_else(Problem::not_found)?;
    in_scope(actor, Permission::GoodsRead, (trip.unit, "journey"))?;
    let together = on.iter().fold(Load::default(), |sum, one| sum.plus(one.load));
    let orders = on.into_iter().map(|one| TripOrder {
        dispatch: public(&*s.keys, one.dispatch),
        number: one.number,
        receiver: one.party_name,
        state: one.state,
        grams: one.load.grams,
        cubic_cm: one.load.cubic_cm,
    });
    let orders = orders.collect();
    Ok(WholeTrip {
        trip: trip_out(s, trip),
        orders,
        grams: together.grams,
        cubic_cm: together.cubic_cm,
    })
}

/// A journey with the orders on it.
#[utoipa::path(get, path = "/api/v1/goods/trips/{trip}", tag = "goods", params(("trip" = String, Path)),
    responses((status = 200, body = WholeTrip)))]
async fn show_trip(
    State(s): State<Services>,
    actor: Actor,
    Path(trip): Path<String>,
) -> Result<Json<WholeTrip>, Problem> {
    Ok(Json(whole(&s, &actor, id_of(&s, &trip)?).await?))
}

/// An order for a vehicle.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsPutOn)]
struct PutOn {
    /// The order's public id.
    dispatch: String,
}

/// What is on a vehicle.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsLoadOut)]
struct LoadOut {
    /// Grams together.
    grams: i64,
    /// Cubic centimetres together.
    cubic_cm: i64,
}

/// Puts an order on a vehicle, if it carries that too; one that is on it already changes nothing.
#[utoipa::path(post, path = "/api/v1/goods/trips/{trip}/orders", tag = "goods", params(("trip" = String, Path)),
    request_body = PutOn, responses((status = 200, body = LoadOut),
        (status = 409, description = "too heavy, too large, not weighed, on another vehicle, on the road")))]
async fn put_on(
    State(s): State<Services>,
    actor: Actor,
    Path(trip): Path<String>,
    Json(body): Json<PutOn>,
) -> Result<Json<LoadOut>, Problem> {
    let dispatch = id_of(&s, &body.dispatch)?;
    let load = actions::put_on(&s, &actor, id_of(&s, &trip)?, dispatch).await?;
    Ok(Json(LoadOut {
        grams: load.grams,
        cubic_cm: load.cubic_cm,
    }))
}

/// Takes an order off a vehicle that has not left.
#[utoipa::path(delete, path = "/api/v1/goods/trips/{trip}/orders/{dispatch}", tag = "goods",
    params(("trip" = String, Path), ("dispatch" = String, Path)), responses((status = 204)))]
async fn take_off(
    State(s): State<Services>,
    actor: Actor,
    Path((trip, dispatch)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    actions::take_off(&s, &actor, id_of(&s, &trip)?, id_of(&s, &dispatch)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The number of a manifest.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsManifestOut)]
struct ManifestOut {
    /// As it stands on the paper.
    number: String,
}

/// The vehicle leaves: all its orders are on the road and its manifest has its number.
#[utoipa::path(post, path = "/api/v1/goods/trips/{trip}/leave", tag = "goods", params(("trip" = String, Path)),
    responses((status = 200, body = ManifestOut), (status = 409, description = "empty, an order is not issued, expired")))]
async fn leave(
    State(s): State<Services>,
    actor: Actor,
    Path(trip): Path<String>,
) -> Result<Json<ManifestOut>, Problem> {
    let number = actions::leave(&s, &actor, id_of(&s, &trip)?).await?;
    Ok(Json(ManifestOut { number }))
}
