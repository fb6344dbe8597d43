//! Vehicles, and loading them up to the manifest. Each change is one transaction with one fact.

use std::collections::BTreeSet;

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Load, Loaded, Trip, TripState, Vehicle};
use super::{rules, store};
use crate::dispatch::actions::{Carry, step_in};
use crate::dispatch::model::DispatchState;
use crate::dispatch::store as dispatches;
use crate::error::{ReliefError, in_scope, invalid};
use crate::stock::rules::check_text;
use crate::stock::{Move, store as stock};
use crate::told::{Told, finish, moves};
use crate::vouchers::{PaperKind, store as vouchers};
use crate::{DispatchId, TripId, VehicleId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.vehicle_added",
    "goods.trip_opened",
    "goods.trip_loaded",
    "goods.trip_unloaded",
    "goods.trip_left",
];

/// A vehicle to be added.
#[derive(Debug, Clone)]
pub struct NewVehicle<'a> {
    /// Whose list.
    pub unit: kernel::UnitId,
    /// Its name or plate.
    pub name: &'a str,
    /// Who runs it.
    pub carrier: &'a str,
    /// What it may carry.
    pub carries: Load,
}

/// Adds a vehicle.
///
/// # Errors
/// [`ReliefError::Taken`], [`ReliefError::Invalid`].
pub async fn add_vehicle(services: &Services, by: &Actor, new: NewVehicle<'_>) -> Result<Vehicle, ReliefError> {
    by.require(Permission::GoodsManage, new.unit)?;
    check_text("name", new.name, 1)?;
    check_text("carrier", new.carrier, 0)?;
    rules::check_load(new.carries)?;
    let now = services.now();
    let vehicle = Vehicle {
        id: VehicleId::new(now, &*services.rng),
        unit: new.unit,
        name: new.name.trim().to_owned(),
        carrier: new.carrier.trim().to_owned(),
        carries: new.carries,
    };
    let mut tx = services.db.begin().await?;
    let written = store::insert_vehicle(&mut tx, &vehicle, now).await;
    written.map_err(|error| match error {
        DbError::Duplicate(_) => ReliefError::Taken("vehicle"),
        other => other.into(),
    })?;
    let told = Told {
        unit: new.unit,
        kind: "goods.vehicle_added",
        subject: vehicle.id,
        body: json!({ "grams_max": new.carries.grams, "cubic_cm_max": new.carries.cubic_cm }),
    };
    finish(tx, services, by, told).await?;
    Ok(vehicle)
}

/// Begins to load a vehicle. The same key again is the same journey.
///
/// # Errors
/// [`ReliefError::NotFound`], [`ReliefError::Taken`] when the key named another vehicle's journey.
pub async fn open(services: &Services, by: &Actor, id: VehicleId, key: &str) -> Result<Trip, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    check_text("key", key, 1)?;
    match open_once(services, by, id, key).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => open_once(services, by, id, key).await,
        settled => settled,
    }
}

async fn open_once(services: &Services, by: &Actor, id: VehicleId, key: &str) -> Result<Trip, ReliefError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let vehicle = store::vehicle(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("vehicle"))?;
    in_scope(by, Permission::GoodsRecord, (vehicle.unit, "vehicle"))?;
    if let Some(known) = store::by_key(&mut tx, vehicle.unit, key).await? {
        return if known.vehicle == id {
            Ok(known)
        } else {
            Err(ReliefError::Taken("journey"))
        };
    }
    let trip = TripId::new(now, &*services.rng);
    store::insert_trip(&mut tx, (trip, key), &vehicle, now).await?;
    let made = store::trip(&mut tx, trip).await?;
    let told = Told {
        unit: vehicle.unit,
        kind: "goods.trip_opened",
        subject: trip,
        body: json!({ "vehicle": hex(&id.bytes()) }),
    };
    finish(tx, services, by, told).await?;
    made.ok_or(ReliefError::NotFound("journey"))
}

/// A journey that is being loaded, locked.
async fn loading(tx: &mut Tx, by: &Actor, id: TripId) -> Result<Trip, ReliefError> {
    let trip = store::lock(tx, id).await?.ok_or(ReliefError::NotFound("journey"))?;
    in_scope(by, Permission::GoodsRecord, (trip.unit, "journey"))?;
    if trip.state == TripState::Loading {
        Ok(trip)
    } else {
        Err(ReliefError::State {
            state: trip.state.as_str(),
            wanted: "loading",
        })
    }
}

/// Puts an order on a vehicle; one that is on it already changes nothing. Gives what is on it then.
///
/// # Errors
/// [`ReliefError::Overweight`], [`ReliefError::Oversize`], [`ReliefError::Unweighed`], [`ReliefError::State`],
/// [`ReliefError::Taken`] when it is on another vehicle.
pub async fn put_on(services: &Services, by: &Actor, id: TripId, dispatch: DispatchId) -> Result<Load, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let trip = loading(&mut tx, by, id).await?;
    let order = dispatches::lock(&mut tx, dispatch)
        .await?
        .ok_or(ReliefError::NotFound("dispatch order"))?;
    in_scope(by, Permission::GoodsRecord, (order.unit, "dispatch order"))?;
    let on = store::loaded(&mut tx, id).await?;
    let there = on.iter().fold(Load::default(), |sum, one| sum.plus(one.load));
    match store::trip_of(&mut tx, dispatch).await? {
        Some(other) if other == id => return Ok(there),
        Some(_) => return Err(ReliefError::Taken("journey")),
        None => {}
    }
    if !matches!(order.state, DispatchState::Ordered | DispatchState::Issued) {
        return Err(ReliefError::State {
            state: order.state.as_str(),
            wanted: "issued",
        });
    }
    if on.len() as i64 >= store::ORDERS_MAX {
        return Err(invalid("dispatch", "at most 500 orders travel on one vehicle"));
    }
    let load = store::weigh(&mut tx, dispatch).await?;
    let together = there.plus(load);
    rules::check_fits(together, trip.carries)?;
    store::put_on(&mut tx, id, Loaded { dispatch, load }, now).await?;
    let told = Told {
        unit: trip.unit,
        kind: "goods.trip_loaded",
        subject: id,
        body: json!({ "dispatch": hex(&dispatch.bytes()), "grams": load.grams, "cubic_cm": load.cubic_cm }),
    };
    finish(tx, services, by, told).await?;
    Ok(together)
}

/// Takes an order off a vehicle that has not left; one that is not on it changes nothing.
///
/// # Errors
/// [`ReliefError::State`] once it left.
pub async fn take_off(services: &Services, by: &Actor, id: TripId, dispatch: DispatchId) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let mut tx = services.db.begin().await?;
    let trip = loading(&mut tx, by, id).await?;
    if !store::take_off(&mut tx, id, dispatch).await? {
        return Ok(());
    }
    let told = Told {
        unit: trip.unit,
        kind: "goods.trip_unloaded",
        subject: id,
        body: json!({ "dispatch": hex(&dispatch.bytes()) }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// The vehicle leaves: all its orders are on the road, and the manifest has its number.
///
/// # Errors
/// [`ReliefError::State`] when an order is not issued yet or nothing is on it, [`ReliefError::Expired`].
pub async fn leave(services: &Services, by: &Actor, id: TripId) -> Result<String, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let trip = loading(&mut tx, by, id).await?;
    let on = store::loaded(&mut tx, id).await?;
    if on.is_empty() {
        return Err(ReliefError::State {
            state: "empty",
            wanted: "loaded",
        });
    }
    let mut orders = Vec::with_capacity(on.len());
    let mut lots = BTreeSet::new();
    for one in &on {
        let order = dispatches::lock(&mut tx, one.dispatch).await?;
        orders.push(order.ok_or(ReliefError::NotFound("dispatch order"))?);
        let lines = dispatches::lines(&mut tx, one.dispatch).await?;
        lots.extend(lines.iter().map(|line| line.lot));
    }
    // All lots of all orders before the first moves: locks are taken in the order of the lots.
    for lot in lots {
        stock::lock_lot(&mut tx, lot).await?;
    }
    let mut gone: Vec<Move> = Vec::new();
    for order in &orders {
        let (moved, _) = step_in(&mut tx, services, by, (order, &Carry::Load)).await?;
        gone.extend(moved);
    }
    let kind = PaperKind::Manifest;
    let number = vouchers::take_number(&mut tx, trip.unit, kind, now).await?;
    vouchers::register(&mut tx, (trip.unit, kind), number, (id.bytes(), 0), now).await?;
    store::set_left(&mut tx, id, now).await?;
    let number = kind.number(number);
    let together = on.iter().fold(Load::default(), |sum, one| sum.plus(one.load));
    let told = Told {
        unit: trip.unit,
        kind: "goods.trip_left",
        subject: id,
        body: json!({
            "number": number, "dispatches": orders.len(), "grams": together.grams, "cubic_cm": together.cubic_cm,
            "moves": moves(&gone),
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(number)
}
