//! Vehicles and journeys as they are shown.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::{Load, Trip, Vehicle};
use super::store::{self, ORDERS_MAX, TRIP, VEHICLE, read_trip, read_vehicle};
use crate::dispatch::model::{DispatchState, paper};
use crate::{DispatchId, TripId};

/// Vehicles of one answer.
const VEHICLES_MAX: i64 = 500;
/// Journeys of one answer.
const TRIPS_MAX: i64 = 200;

/// The vehicles of a unit, by name.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn vehicles(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Vehicle>, DbError> {
    let sql = format!("{VEHICLE} WHERE unit_id = ?1 ORDER BY name LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), VEHICLES_MAX]).await?;
    rows.iter().map(read_vehicle).collect()
}

/// The journeys of a unit, the newest first.
pub async fn trips(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Trip>, DbError> {
    let sql = format!("{TRIP} WHERE t.unit_id = ?1 ORDER BY t.id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), TRIPS_MAX]).await?;
    rows.iter().map(read_trip).collect()
}

/// An order on a vehicle, with its words.
#[derive(Debug, Clone)]
pub struct ShownLoad {
    /// The order.
    pub dispatch: DispatchId,
    /// Its number on papers.
    pub number: String,
    /// The receiver's name.
    pub party_name: String,
    /// Where the order is.
    pub state: DispatchState,
    /// What it weighs and takes.
    pub load: Load,
}

/// A journey with the orders on it, by number.
pub async fn trip(at: &mut impl Reads, id: TripId) -> Result<Option<(Trip, Vec<ShownLoad>)>, DbError> {
    let Some(trip) = store::trip(at, id).await? else {
        return Ok(None);
    };
    let rows = at
        .query(
            "SELECT o.dispatch_id, d.year, d.number, d.state, p.name, o.grams, o.cubic_cm FROM goods_trip_order o
             JOIN goods_dispatch d ON d.id = o.dispatch_id JOIN goods_party p ON p.id = d.party_id
             WHERE o.trip_id = ?1 ORDER BY d.year, d.number LIMIT ?2",
            params![(id,), ORDERS_MAX],
        )
        .await?;
    let shown = rows.iter().map(|row| {
        Ok(ShownLoad {
            dispatch: row.id("dispatch_id")?,
            number: paper((row.int("year")?, row.int("number")?)),
            party_name: row.text("name")?,
            state: row.word("state")?,
            load: Load {
                grams: row.int("grams")?,
                cubic_cm: row.int("cubic_cm")?,
            },
        })
    });
    let shown: Result<Vec<_>, DbError> = shown.collect();
    Ok(Some((trip, shown?)))
}
