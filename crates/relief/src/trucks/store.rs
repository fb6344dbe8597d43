//! The tables `goods_vehicle`, `goods_trip`, `goods_trip_order`, and what an order weighs.

use std::collections::BTreeMap;

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::{Load, Loaded, Pack, Trip, TripState, Vehicle};
use super::rules;
use crate::catalogue::store as catalogue;
use crate::error::ReliefError;
use crate::{DispatchId, ItemId, TripId, VehicleId};

/// Orders on one vehicle.
pub(super) const ORDERS_MAX: i64 = 500;
/// Lines of one order.
const LINES_MAX: i64 = 10_000;

pub(super) const VEHICLE: &str = "SELECT id, unit_id, name, carrier, grams_max, cubic_cm_max FROM goods_vehicle";

pub(super) fn read_vehicle(row: &Row) -> Result<Vehicle, DbError> {
    Ok(Vehicle {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        name: row.text("name")?,
        carrier: row.text("carrier")?,
        carries: read_load(row, ("grams_max", "cubic_cm_max"))?,
    })
}

fn read_load(row: &Row, (grams, cubic_cm): (&str, &str)) -> Result<Load, DbError> {
    Ok(Load {
        grams: row.int(grams)?,
        cubic_cm: row.int(cubic_cm)?,
    })
}

pub(super) async fn vehicle(at: &mut impl Reads, id: VehicleId) -> Result<Option<Vehicle>, DbError> {
    let row = at
        .query_one(&format!("{VEHICLE} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_vehicle).transpose()
}

pub(super) async fn insert_vehicle(tx: &mut Tx, new: &Vehicle, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_vehicle (id, unit_id, name, carrier, grams_max, cubic_cm_max, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            (new.id,),
            (new.unit,),
            &new.name,
            &new.carrier,
            new.carries.grams,
            new.carries.cubic_cm,
            now
        ],
    )
    .await
    .map(drop)
}

pub(super) const TRIP: &str =
    "SELECT t.id, t.unit_id, t.vehicle_id, v.name, v.carrier, t.grams_max, t.cubic_cm_max, t.state, t.opened_at, t.left_at
     FROM goods_trip t JOIN goods_vehicle v ON v.id = t.vehicle_id";

/// A journey's row as a value: the one place.
pub(super) fn read_trip(row: &Row) -> Result<Trip, DbError> {
    Ok(Trip {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        vehicle: row.id("vehicle_id")?,
        vehicle_name: row.text("name")?,
        carrier: row.text("carrier")?,
        carries: read_load(row, ("grams_max", "cubic_cm_max"))?,
        state: row.word("state")?,
        opened_at: row.instant("opened_at")?,
        left_at: row.opt_instant("left_at")?,
    })
}

pub(crate) async fn trip(at: &mut impl Reads, id: TripId) -> Result<Option<Trip>, DbError> {
    let row = at.query_one(&format!("{TRIP} WHERE t.id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_trip).transpose()
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Trip>, DbError> {
    let sql = format!("{TRIP} WHERE t.unit_id = ?1 AND t.trip_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read_trip).transpose()
}

/// A journey, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: TripId) -> Result<Option<Trip>, DbError> {
    tx.execute("UPDATE goods_trip SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    trip(tx, id).await
}

pub(super) async fn insert_trip(
    tx: &mut Tx,
    (id, key): (TripId, &str),
    vehicle: &Vehicle,
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_trip (id, unit_id, trip_key, vehicle_id, grams_max, cubic_cm_max, state, opened_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (id,),
            (vehicle.unit,),
            key,
            (vehicle.id,),
            vehicle.carries.grams,
            vehicle.carries.cubic_cm,
            TripState::Loading.as_str(),
            now
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn set_left(tx: &mut Tx, id: TripId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE goods_trip SET state = ?2, left_at = ?3 WHERE id = ?1";
    tx.execute(sql, params![(id,), TripState::Left.as_str(), now])
        .await
        .map(drop)
}

/// What is on a vehicle, in the order of the orders' ids, as locks are taken.
pub(crate) async fn loaded(at: &mut impl Reads, id: TripId) -> Result<Vec<Loaded>, DbError> {
    let sql =
        "SELECT dispatch_id, grams, cubic_cm FROM goods_trip_order WHERE trip_id = ?1 ORDER BY dispatch_id LIMIT ?2";
    let rows = at.query(sql, params![(id,), ORDERS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(Loaded {
                dispatch: row.id("dispatch_id")?,
                load: read_load(row, ("grams", "cubic_cm"))?,
            })
        })
        .collect()
}

/// The journey an order is on.
pub(crate) async fn trip_of(at: &mut impl Reads, dispatch: DispatchId) -> Result<Option<TripId>, DbError> {
    let sql = "SELECT trip_id FROM goods_trip_order WHERE dispatch_id = ?1";
    let row = at.query_one(sql, params![(dispatch,)]).await?;
    row.map(|row| row.id("trip_id")).transpose()
}

pub(super) async fn put_on(tx: &mut Tx, trip: TripId, one: Loaded, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_trip_order (dispatch_id, trip_id, grams, cubic_cm, added_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(one.dispatch,), (trip,), one.load.grams, one.load.cubic_cm, now],
    )
    .await
    .map(drop)
}

/// Takes an order off its vehicle; says whether it was on it.
pub(crate) async fn take_off(tx: &mut Tx, trip: TripId, dispatch: DispatchId) -> Result<bool, DbError> {
    let sql = "DELETE FROM goods_trip_order WHERE trip_id = ?1 AND dispatch_id = ?2";
    Ok(tx.execute(sql, params![(trip,), (dispatch,)]).await? > 0)
}

/// What an order weighs and takes, line by line.
///
/// # Errors
/// [`ReliefError::Unweighed`] for an item that nobody has weighed.
pub(super) async fn weigh(at: &mut impl Reads, dispatch: DispatchId) -> Result<Load, ReliefError> {
    let rows = at
        .query(
            "SELECT d.quantity, l.unit_word, l.per_base, l.item_id, i.name FROM goods_dispatch_line d
             JOIN goods_lot l ON l.id = d.lot_id JOIN goods_item i ON i.id = l.item_id
             WHERE d.dispatch_id = ?1 ORDER BY d.n LIMIT ?2",
            params![(dispatch,), LINES_MAX],
        )
        .await?;
    let mut packs: BTreeMap<ItemId, Vec<Pack>> = BTreeMap::new();
    let mut together = Load::default();
    for row in &rows {
        let item: ItemId = row.id("item_id")?;
        if let std::collections::btree_map::Entry::Vacant(slot) = packs.entry(item) {
            slot.insert(catalogue::packs(at, item).await?);
        }
        let of = packs.get(&item).map_or(&[][..], Vec::as_slice);
        let unit_word = row.text("unit_word")?;
        let load = rules::weigh((row.int("quantity")?, &unit_word, row.int("per_base")?), of);
        together = together.plus(load.ok_or(ReliefError::Unweighed(row.text("name")?))?);
    }
    Ok(together)
}
