//! What a phone takes along when it leaves the line: short names, since it is kept on the phone.

use axum::extract::{Path, State};
use kernel::id::public;
use kernel::{BusinessDay, Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Json, Problem};

use super::super::queries;
use crate::boxes::BoxKind;
use crate::boxes::model::label;
use crate::dispatch::model::DispatchState;
use crate::http::{id_of, of_db};

/// A place.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsAlongPlace)]
struct PlaceOut {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
}

/// An item of the catalogue, for goods that nobody announced.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsAlongItem)]
struct ItemOut {
    /// Its public id.
    id: String,
    /// Its name.
    name: String,
    /// Standard and grade.
    grade: String,
    /// The units it may be counted in, its own first.
    units: Vec<String>,
}

/// A lot. What is in store is not said: who counts must not know it.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsAlongLot)]
struct LotOut {
    /// Its public id.
    id: String,
    /// What it is.
    item: String,
    /// Standard and grade.
    grade: String,
    /// The unit it is counted in.
    unit_word: String,
    /// Its last day.
    #[schema(value_type = Option<String>, format = Date)]
    expires_on: Option<BusinessDay>,
    /// Pieces announced and not yet there.
    announced: i64,
    /// Pieces at the door.
    arrived: i64,
    /// Pieces looked at and not yet in store.
    inspected: i64,
}

/// A code.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsAlongCode)]
struct CodeOut {
    /// Its public id, as the QR code says it.
    id: String,
    /// `box`, `pallet`, `truck`.
    kind: BoxKind,
    /// The number on the label.
    label: String,
    /// Public id of the lot in it.
    lot: Option<String>,
    /// How many of its unit.
    quantity: Option<i64>,
}

/// A line of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsAlongLine)]
struct LineOut {
    /// Public id of the order.
    dispatch: String,
    /// The order's number.
    number: String,
    /// For whom.
    receiver: String,
    /// Where the order is.
    state: DispatchState,
    /// The line.
    n: i64,
    /// Public id of the lot.
    lot: String,
    /// What it is.
    item: String,
    /// The unit it is counted in.
    unit_word: String,
    /// How many.
    quantity: i64,
}

/// What a phone takes along.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsAlong)]
pub(super) struct AlongOut {
    /// As of when.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// Places.
    places: Vec<PlaceOut>,
    /// The catalogue, for goods that nobody announced.
    items: Vec<ItemOut>,
    /// Lots with something on hand.
    lots: Vec<LotOut>,
    /// The newest codes.
    codes: Vec<CodeOut>,
    /// Lines of orders under way, and of those received in the last week.
    lines: Vec<LineOut>,
}

/// What a phone takes along when it leaves the line: places, the catalogue, lots, codes of boxes, orders.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/along", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = AlongOut)))]
pub(super) async fn along(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<AlongOut>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GoodsRecord, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let now = s.now();
    let taken = queries::along(&mut at, unit, now).await.map_err(of_db)?;
    drop(at);
    let places = taken.places.into_iter().map(|one| PlaceOut {
        id: public(&*s.keys, one.id),
        name: one.name,
    });
    let items = taken.items.into_iter().map(|one| ItemOut {
        id: public(&*s.keys, one.id),
        name: one.name,
        grade: one.grade,
        units: one.units,
    });
    let lots = taken.lots.into_iter().map(|one| LotOut {
        id: public(&*s.keys, one.id),
        item: one.item,
        grade: one.grade,
        unit_word: one.unit_word,
        expires_on: one.expires_on,
        announced: one.awaited[0],
        arrived: one.awaited[1],
        inspected: one.awaited[2],
    });
    let codes = taken.codes.into_iter().map(|one| CodeOut {
        id: public(&*s.keys, one.id),
        kind: one.kind,
        label: label(one.kind, one.number),
        lot: one.filled.map(|(lot, _)| public(&*s.keys, lot)),
        quantity: one.filled.map(|(_, quantity)| quantity),
    });
    let lines = taken.lines.into_iter().map(|one| LineOut {
        dispatch: public(&*s.keys, one.dispatch),
        number: one.number,
        receiver: one.receiver,
        state: one.state,
        n: one.n,
        lot: public(&*s.keys, one.lot),
        item: one.item,
        unit_word: one.unit_word,
        quantity: one.quantity,
    });
    Ok(Json(AlongOut {
        as_of: now,
        places: places.collect(),
        items: items.collect(),
        lots: lots.collect(),
        codes: codes.collect(),
        lines: lines.collect(),
    }))
}
