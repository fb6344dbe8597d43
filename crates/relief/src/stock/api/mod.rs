//! JSON of the stock.

mod counts;
mod parcels;
mod places;
mod values;

pub(crate) use places::{ItemChoice, item_choice};

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, Fen, Instant, UnitId};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, Outcome, Recorded};
use super::model::{Lot, LotState, NewLot, Source, Step, ValueBasis};
use super::queries;
use super::rules::Wait;
use crate::error::{in_scope, invalid};
use crate::http::{id_of, maybe, of_db, reading};
use crate::{LotId, PartyId, PlaceId};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(places::list_places))
        .staff(Permission::GoodsManage, routes!(places::add_place))
        .staff(Permission::GoodsManage, routes!(places::set_region))
        .staff(Permission::GoodsRecord, routes!(places::list_choices))
        .staff(Permission::GoodsRead, routes!(places::list_parties))
        .staff(Permission::GoodsRequest, routes!(places::add_party))
        .staff(Permission::GoodsRecord, routes!(announce))
        .staff(Permission::GoodsRecord, routes!(expect_on))
        .staff(Permission::GoodsRecord, routes!(record))
        .staff(Permission::GoodsRecord, routes!(make_kits))
        .staff(Permission::GoodsRead, routes!(stock))
        .staff(Permission::GoodsRead, routes!(moves))
        .staff(Permission::GoodsRead, routes!(waiting))
        .staff(Permission::GoodsRecord, routes!(counts::count))
        .staff(Permission::GoodsApprove, routes!(counts::differences))
        .staff(Permission::GoodsApprove, routes!(counts::settle_count))
        .staff(Permission::GoodsRecord, routes!(parcels::hand_over))
        .staff(Permission::GoodsRead, routes!(values::unvalued))
        .staff(Permission::GoodsApprove, routes!(values::confirm_value))
}

/// A lot to be announced.
#[derive(Deserialize, ToSchema)]
struct Announce {
    /// What makes it the same lot when it is sent again: a box code, a device's own number.
    key: String,
    /// The item's public id.
    item: String,
    /// The unit it is counted in; one of the item's.
    unit_word: String,
    /// How many.
    quantity: i64,
    /// Units that travel together; 1 by default.
    #[serde(default)]
    per_box: Option<i64>,
    /// Specification.
    #[serde(default)]
    spec: String,
    /// Batch.
    #[serde(default)]
    batch: String,
    /// Where it comes from.
    source: Source,
    /// The donor's name; kept sealed, shown masked.
    #[serde(default)]
    donor: String,
    /// Public id of the receiver the donor meant.
    #[serde(default)]
    designated_for: Option<String>,
    /// Its last day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    expires_on: Option<BusinessDay>,
    /// Whether a certificate of quality came with it.
    #[serde(default)]
    has_certificate: bool,
    /// The day it is expected.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    expected_on: Option<BusinessDay>,
    /// Public id of the place where it is expected.
    place: String,
    /// Its value together, where there is evidence.
    #[serde(default)]
    value_fen: Option<i64>,
    /// What the value rests on.
    #[serde(default)]
    value_basis: Option<ValueBasis>,
    /// The number of the invoice, the agreement, the customs form, or a page's address; required for `voucher`.
    #[serde(default)]
    value_evidence: String,
}

/// A lot.
#[derive(Serialize, ToSchema)]
struct LotOut {
    /// Its public id.
    id: String,
    /// The item's public id.
    item: String,
    /// The unit it is counted in.
    unit_word: String,
    /// Base units in one of these.
    per_base: i64,
    /// Units that travel together.
    per_box: i64,
    /// Specification.
    spec: String,
    /// Where it comes from.
    source: Source,
    /// The donor, masked where it is a person.
    donor: String,
    /// Public id of the receiver the donor meant.
    designated_for: Option<String>,
    /// Its last day.
    #[schema(value_type = Option<String>, format = Date)]
    expires_on: Option<BusinessDay>,
    /// The day it is expected.
    #[schema(value_type = Option<String>, format = Date)]
    expected_on: Option<BusinessDay>,
    /// When it arrived first.
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Instant>,
    /// Its value together; none where there is no evidence.
    value_fen: Option<i64>,
}

fn lot_out(s: &Services, lot: Lot) -> LotOut {
    LotOut {
        id: public(&*s.keys, lot.id),
        item: public(&*s.keys, lot.item),
        unit_word: lot.unit_word,
        per_base: lot.per_base,
        per_box: lot.per_box,
        spec: lot.spec,
        source: lot.source,
        donor: lot.donor_shown,
        designated_for: lot.designated_for.map(|party| public(&*s.keys, party)),
        expires_on: lot.expires_on,
        expected_on: lot.expected_on,
        arrived_at: lot.arrived_at,
        value_fen: lot.value.map(Fen::get),
    }
}

/// Announces goods. The same key again is the same lot.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/lots", tag = "goods", params(("unit" = String, Path)),
    request_body = Announce, responses((status = 201, body = LotOut), (status = 409, description = "unit unknown, key taken")))]
async fn announce(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<Announce>,
) -> Result<(StatusCode, Json<LotOut>), Problem> {
    let new = NewLot {
        unit: id_of(&s, &unit)?,
        key: body.key,
        item: id_of(&s, &body.item)?,
        unit_word: crate::tables::rules::folded(&body.unit_word),
        quantity: body.quantity,
        per_box: body.per_box.unwrap_or(1),
        spec: body.spec,
        batch: body.batch,
        source: body.source,
        donor: body.donor,
        designated_for: maybe::<PartyId>(&s, body.designated_for.as_ref())?,
        expires_on: body.expires_on,
        has_certificate: body.has_certificate,
        expected_on: body.expected_on,
        place: id_of(&s, &body.place)?,
        value: body.value_fen.map(Fen::new),
        basis: body.value_basis.unwrap_or(ValueBasis::None),
        evidence: body.value_evidence,
    };
    let lot = actions::announce(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(lot_out(&s, lot))))
}

/// Another day on which goods are expected.
#[derive(Deserialize, ToSchema)]
struct ExpectOn {
    /// The day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
}

/// Changes the day on which announced goods are expected.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/expected", tag = "goods", params(("lot" = String, Path)),
    request_body = ExpectOn, responses((status = 204)))]
async fn expect_on(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<ExpectOn>,
) -> Result<StatusCode, Problem> {
    actions::expect_on(&s, &actor, id_of(&s, &lot)?, body.day).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A step of a lot as a phone records it.
#[derive(Deserialize, ToSchema)]
struct RecordStep {
    /// What makes it the same record when it is sent again.
    key: String,
    /// `arrive`, `inspect`, `stock`, `relocate`, `withdraw`, `give_back`, `restock`, `scrap`, `sell`.
    step: String,
    /// Public id of the place.
    place: String,
    /// Public id of the other place, to relocate.
    #[serde(default)]
    to_place: Option<String>,
    /// How many of the lot's unit.
    quantity: i64,
    /// Why, where that must be said.
    #[serde(default)]
    reason: String,
    /// The device's own clock.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    device_at: Option<Instant>,
}

/// Whether the record was new.
#[derive(Serialize, ToSchema)]
struct RecordOut {
    /// `written` or `known`.
    outcome: &'static str,
}

/// Records a step of a lot; the same key again changes nothing.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/moves", tag = "goods", params(("lot" = String, Path)),
    request_body = RecordStep, responses((status = 200, body = RecordOut), (status = 409, description = "not enough there, too little shelf life")))]
async fn record(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<RecordStep>,
) -> Result<Json<RecordOut>, Problem> {
    let place: PlaceId = id_of(&s, &body.place)?;
    let step = match body.step.as_str() {
        "arrive" => Step::Arrive(place),
        "inspect" => Step::Inspect(place),
        "stock" => Step::Stock(place),
        "relocate" => Step::Relocate {
            from: place,
            to: maybe(&s, body.to_place.as_ref())?.ok_or(invalid("to_place", "the other place is expected"))?,
        },
        "withdraw" => Step::Withdraw(place),
        "give_back" => Step::GiveBack(place),
        "restock" => Step::Restock(place),
        "scrap" => Step::Scrap(place),
        "sell" => Step::Sell(place),
        _ => return Err(invalid("step", "one of the documented steps is expected").into()),
    };
    let wanted = Recorded {
        lot: id_of(&s, &lot)?,
        step,
        quantity: body.quantity,
        key: body.key,
        reason: body.reason,
        device_at: body.device_at,
    };
    let outcome = match actions::record(&s, &actor, &wanted).await? {
        Outcome::Written => "written",
        Outcome::Known => "known",
    };
    Ok(Json(RecordOut { outcome }))
}

/// Kits to be made.
#[derive(Deserialize, ToSchema)]
struct MakeKits {
    /// What makes it the same order when it is sent again.
    key: String,
    /// Public id of the kit's item.
    kit: String,
    /// Public id of the place.
    place: String,
    /// How many kits.
    quantity: i64,
}

/// Makes kits from what is in store, first what expires first.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/kits", tag = "goods", params(("unit" = String, Path)),
    request_body = MakeKits, responses((status = 201, body = LotOut)))]
async fn make_kits(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<MakeKits>,
) -> Result<(StatusCode, Json<LotOut>), Problem> {
    let what = (id_of::<UnitId>(&s, &unit)?, id_of(&s, &body.kit)?);
    let here = (id_of(&s, &body.place)?, body.quantity);
    let lot = actions::make_kits(&s, &actor, what, here, &body.key).await?;
    Ok((StatusCode::CREATED, Json(lot_out(&s, lot))))
}

/// What is on hand in one spot.
#[derive(Serialize, ToSchema)]
struct OnHandOut {
    /// The item's name.
    item_name: String,
    /// Standard and grade.
    grade: String,
    /// The lot.
    lot: LotOut,
    /// The state.
    state: LotState,
    /// The place's name; none on the way.
    place: Option<String>,
    /// How many of the lot's unit.
    quantity: i64,
    /// The last day on which goods that arrived are looked at; none for others.
    #[schema(value_type = Option<String>, format = Date)]
    inspect_by: Option<BusinessDay>,
    /// How pressing that is: `warn` on that day, `alarm` after it; none for others.
    inspection: Option<Wait>,
}

/// Everything on hand: item by item, what expires first before.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/stock", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [OnHandOut])))]
async fn stock(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<OnHandOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::on_hand(&mut at, unit).await.map_err(of_db)?;
    let awaited = queries::to_inspect(&mut at, unit, s.now()).await?;
    let clocks: BTreeMap<_, _> = awaited
        .into_iter()
        .filter_map(|one| Some(((one.lot, one.place.bytes()), (one.due_on?, one.wait))))
        .collect();
    let out = rows.into_iter().map(|row| {
        let clock = clocks.get(&(row.lot.id, row.holder));
        let clock = clock.filter(|_| row.state == LotState::Arrived);
        OnHandOut {
            item_name: row.item_name,
            grade: row.grade,
            inspect_by: clock.map(|(due_on, _)| *due_on),
            inspection: clock.map(|(_, wait)| *wait),
            lot: lot_out(&s, row.lot),
            state: row.state,
            place: row.place_name,
            quantity: row.quantity,
        }
    });
    Ok(Json(out.collect()))
}

/// One movement of a lot.
#[derive(Serialize, ToSchema)]
struct MoveOut {
    /// The lot's running number.
    n: i64,
    /// From which state; none from outside.
    from: Option<String>,
    /// To which state; none to outside.
    to: Option<String>,
    /// How many.
    quantity: i64,
    /// The paper it stands on.
    paper: String,
    /// Why.
    reason: String,
    /// When it was written down here.
    #[schema(value_type = String, format = DateTime)]
    moved_at: Instant,
    /// When the device says that it happened.
    #[schema(value_type = Option<String>, format = DateTime)]
    device_at: Option<Instant>,
}

/// The movements of a lot, in order.
#[utoipa::path(get, path = "/api/v1/goods/lots/{lot}/moves", tag = "goods", params(("lot" = String, Path)),
    responses((status = 200, body = [MoveOut])))]
async fn moves(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
) -> Result<Json<Vec<MoveOut>>, Problem> {
    let lot: LotId = id_of(&s, &lot)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let unit = queries::lot_unit(&mut at, lot).await.map_err(of_db)?;
    let unit = unit.ok_or_else(Problem::not_found)?;
    in_scope(&actor, Permission::GoodsRead, (unit, "lot"))?;
    let rows = queries::moves(&mut at, lot).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| MoveOut {
        n: row.n,
        from: row.from,
        to: row.to,
        quantity: row.quantity,
        paper: row.paper,
        reason: row.reason,
        moved_at: row.moved_at,
        device_at: row.device_at,
    });
    Ok(Json(out.collect()))
}

/// A lot that waits for its allocation.
#[derive(Serialize, ToSchema)]
struct WaitingOut {
    /// The lot's public id.
    lot: String,
    /// The item's name.
    item_name: String,
    /// How many wait.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    arrived_at: Instant,
    /// `fine`, `warn` after two hours, `alarm` after a day.
    wait: Wait,
}

/// The clock from arrival to allocation.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/waiting", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [WaitingOut])))]
async fn waiting(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<WaitingOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::waiting(&mut at, unit, s.now()).await?;
    let out = rows.into_iter().map(|row| WaitingOut {
        lot: public(&*s.keys, row.lot),
        item_name: row.item_name,
        quantity: row.quantity,
        unit_word: row.unit_word,
        arrived_at: row.arrived_at,
        wait: row.wait,
    });
    Ok(Json(out.collect()))
}
