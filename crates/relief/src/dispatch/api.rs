//! JSON of dispatch orders.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Instant};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, Carry, HandOut};
use super::model::{Dispatch, DispatchState, Proof, Way};
use super::queries::{self, ShownSignature};
use crate::DispatchId;
use crate::error::{ReliefError, in_scope, invalid};
use crate::http::{id_of, maybe, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_orders))
        .staff(Permission::GoodsRead, routes!(show_order))
        .staff(Permission::GoodsRecord, routes!(set_way))
        .staff(Permission::GoodsRecord, routes!(carry))
        .staff(Permission::GoodsRecord, routes!(hand_out))
        .staff(Permission::GoodsManage, routes!(list_signatures))
        .staff(Permission::GoodsRecord, routes!(give_back))
        .staff(Permission::GoodsRead, routes!(cleared))
}

/// A dispatch order.
#[derive(Serialize, ToSchema)]
struct DispatchOut {
    /// Its public id.
    id: String,
    /// Its number on papers.
    number: String,
    /// For whom.
    receiver: String,
    /// How it travels.
    way: Way,
    /// Where it is.
    state: DispatchState,
    /// When it was ordered.
    #[schema(value_type = String, format = DateTime)]
    ordered_at: Instant,
    /// When it left.
    #[schema(value_type = Option<String>, format = DateTime)]
    left_at: Option<Instant>,
    /// When it was received.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Instant>,
}

fn order_out(s: &Services, order: Dispatch) -> DispatchOut {
    DispatchOut {
        id: public(&*s.keys, order.id),
        number: order.paper(),
        receiver: order.party_name,
        way: order.way,
        state: order.state,
        ordered_at: order.ordered_at,
        left_at: order.left_at,
        received_at: order.received_at,
    }
}

/// The dispatch orders of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/dispatches", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [DispatchOut])))]
async fn list_orders(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<DispatchOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::orders(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| order_out(&s, row)).collect()))
}

/// A line of a dispatch order.
#[derive(Serialize, ToSchema)]
struct DispatchLineOut {
    /// 1, 2, 3 …
    n: i64,
    /// The lot's public id.
    lot: String,
    /// What it is.
    item: String,
    /// Standard and grade.
    grade: String,
    /// How many.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// Pieces handed out with a signature.
    distributed: i64,
}

/// A dispatch order with its lines.
#[derive(Serialize, ToSchema)]
struct WholeOrder {
    /// The order.
    order: DispatchOut,
    /// Its lines.
    lines: Vec<DispatchLineOut>,
}

/// A dispatch order with its lines.
#[utoipa::path(get, path = "/api/v1/goods/dispatches/{dispatch}", tag = "goods", params(("dispatch" = String, Path)),
    responses((status = 200, body = WholeOrder)))]
async fn show_order(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
) -> Result<Json<WholeOrder>, Problem> {
    let id: DispatchId = id_of(&s, &dispatch)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::order(&mut at, id).await.map_err(of_db)?;
    let (order, lines) = found.ok_or_else(Problem::not_found)?;
    in_scope(&actor, Permission::GoodsRead, (order.unit, "dispatch order"))?;
    let lines = lines.into_iter().map(|line| DispatchLineOut {
        n: line.line.n,
        lot: public(&*s.keys, line.line.lot),
        item: line.item_name,
        grade: line.grade,
        quantity: line.line.quantity,
        unit_word: line.unit_word,
        distributed: line.distributed,
    });
    let lines = lines.collect();
    Ok(Json(WholeOrder {
        order: order_out(&s, order),
        lines,
    }))
}

/// How an order travels.
#[derive(Deserialize, ToSchema)]
struct SetWay {
    /// `point_to_point`, `postal`, `fetched`.
    way: Way,
}

/// Says how an order travels.
#[utoipa::path(put, path = "/api/v1/goods/dispatches/{dispatch}/way", tag = "goods",
    params(("dispatch" = String, Path)), request_body = SetWay, responses((status = 204)))]
async fn set_way(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
    Json(body): Json<SetWay>,
) -> Result<StatusCode, Problem> {
    actions::set_way(&s, &actor, id_of(&s, &dispatch)?, body.way).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A step of a whole order.
#[derive(Deserialize, ToSchema)]
struct CarryOut {
    /// `issue`, `load`, `receive`, `call_off`.
    step: String,
    /// What came, by line number, where it is not everything.
    #[serde(default)]
    came: BTreeMap<i64, i64>,
    /// Why, where that must be said.
    #[serde(default)]
    reason: String,
}

/// Where an order is now.
#[derive(Serialize, ToSchema)]
struct DispatchNow {
    /// Its state.
    state: DispatchState,
}

/// Carries a step of an order out; what is past its day is neither issued nor loaded.
#[utoipa::path(post, path = "/api/v1/goods/dispatches/{dispatch}/steps", tag = "goods",
    params(("dispatch" = String, Path)), request_body = CarryOut,
    responses((status = 200, body = DispatchNow), (status = 409, description = "not in that state, expired")))]
async fn carry(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
    Json(body): Json<CarryOut>,
) -> Result<Json<DispatchNow>, Problem> {
    let reason = body.reason;
    let step = match body.step.as_str() {
        "issue" => Carry::Issue,
        "load" => Carry::Load,
        "receive" => Carry::Receive {
            came: body.came,
            reason,
        },
        "call_off" => Carry::CallOff { reason },
        _ => return Err(invalid("step", "issue, load, receive or call_off").into()),
    };
    let state = actions::carry(&s, &actor, id_of(&s, &dispatch)?, step).await?;
    Ok(Json(DispatchNow { state }))
}

/// Goods handed to people.
#[derive(Deserialize, ToSchema)]
struct HandOutBody {
    /// What makes it the same record when it is sent again.
    key: String,
    /// The lot's public id.
    lot: String,
    /// How many.
    quantity: i64,
    /// Who signed; kept sealed. Empty where the recipient is on the order's list.
    #[serde(default)]
    signer: String,
    /// `signature` or `code`.
    proof: Proof,
    /// Public id of who of the order's list takes them.
    #[serde(default)]
    recipient: Option<String>,
    /// The code on the recipient's slip, where that is the proof.
    #[serde(default)]
    code: String,
    /// The signature as it was drawn, kept sealed: strokes parted by `;`, points by a space, `x,y` in whole numbers up to
    /// 600 and 240, at most 2,400 bytes. Empty: the name alone.
    #[serde(default)]
    drawn: String,
}

/// Writes down that goods were handed out, with the recipient's signature.
#[utoipa::path(post, path = "/api/v1/goods/dispatches/{dispatch}/signatures", tag = "goods",
    params(("dispatch" = String, Path)), request_body = HandOutBody, responses((status = 204)))]
async fn hand_out(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
    Json(body): Json<HandOutBody>,
) -> Result<StatusCode, Problem> {
    let out = HandOut {
        lot: id_of(&s, &body.lot)?,
        quantity: body.quantity,
        signer: &body.signer,
        drawn: &body.drawn,
        proof: body.proof,
        recipient: maybe(&s, body.recipient.as_ref())?,
        code: &body.code,
        key: &body.key,
    };
    actions::hand_out(&s, &actor, id_of(&s, &dispatch)?, out).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who signed for goods of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsSignatureOut)]
struct SignatureOut {
    /// What it is.
    item: String,
    /// Standard and grade.
    grade: String,
    /// How many.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// `signature` or `code`.
    proof: Proof,
    /// Who signed, in full.
    signer: String,
    /// The signature as it was drawn: strokes parted by `;`, points by a space, `x,y` in whole numbers up to 600 and 240;
    /// none: the name alone.
    drawn: Option<String>,
    /// When it was written down.
    #[schema(value_type = String, format = DateTime)]
    signed_at: Instant,
}

fn signature_out(s: &Services, shown: ShownSignature) -> Result<SignatureOut, ReliefError> {
    let open = |sealed: &[u8], place| {
        let plain = s.keys.open(sealed, place)?;
        Ok::<_, ReliefError>(String::from_utf8_lossy(&plain).into_owned())
    };
    Ok(SignatureOut {
        item: shown.item_name,
        grade: shown.grade,
        quantity: shown.quantity,
        unit_word: shown.unit_word,
        proof: shown.proof,
        signer: open(&shown.signer_sealed, actions::SIGNER_PLACE)?,
        drawn: shown
            .drawn_sealed
            .map(|sealed| open(&sealed, actions::DRAWN_PLACE))
            .transpose()?,
        signed_at: shown.signed_at,
    })
}

/// Who signed for the goods of an order, the newest first, with what was drawn: for who keeps the store alone, since
/// everybody else sees masked names.
#[utoipa::path(get, path = "/api/v1/goods/dispatches/{dispatch}/signatures", tag = "goods",
    params(("dispatch" = String, Path)), responses((status = 200, body = [SignatureOut])))]
async fn list_signatures(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
) -> Result<Json<Vec<SignatureOut>>, Problem> {
    let id: DispatchId = id_of(&s, &dispatch)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let found = queries::order(&mut at, id).await.map_err(of_db)?;
    let (order, _) = found.ok_or_else(Problem::not_found)?;
    in_scope(&actor, Permission::GoodsManage, (order.unit, "dispatch order"))?;
    let rows = queries::signatures(&mut at, id).await.map_err(of_db)?;
    let out: Result<Vec<_>, ReliefError> = rows.into_iter().map(|row| signature_out(&s, row)).collect();
    Ok(Json(out?))
}

/// Goods that come back.
#[derive(Deserialize, ToSchema)]
struct GiveGoodsBack {
    /// What makes it the same record when it is sent again.
    key: String,
    /// The lot's public id.
    lot: String,
    /// Public id of the place they come to.
    place: String,
    /// How many.
    quantity: i64,
    /// Why.
    reason: String,
}

/// Writes down that goods of a received order come back.
#[utoipa::path(post, path = "/api/v1/goods/dispatches/{dispatch}/returns", tag = "goods",
    params(("dispatch" = String, Path)), request_body = GiveGoodsBack, responses((status = 204)))]
async fn give_back(
    State(s): State<Services>,
    actor: Actor,
    Path(dispatch): Path<String>,
    Json(body): Json<GiveGoodsBack>,
) -> Result<StatusCode, Problem> {
    let what = (id_of(&s, &body.lot)?, id_of(&s, &body.place)?, body.quantity);
    let words = (body.key.as_str(), body.reason.as_str());
    actions::give_back(&s, &actor, id_of(&s, &dispatch)?, what, words).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pieces of one unit that arrived on a day and left on it.
#[derive(Serialize, ToSchema)]
struct ClearedUnit {
    /// The unit.
    unit_word: String,
    /// Pieces that arrived.
    arrived: i64,
    /// Pieces of the same lots that left.
    left: i64,
}

/// How much of a day's goods left the same day.
#[derive(Serialize, ToSchema)]
struct ClearedOut {
    /// The day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// Lots that arrived.
    lots: i64,
    /// Their mean share that left, in parts of ten thousand.
    share: i64,
    /// By unit; units are never added to each other.
    by_unit: Vec<ClearedUnit>,
}

/// The day-clearing figure (日进日清).
#[utoipa::path(get, path = "/api/v1/goods/{unit}/cleared/{day}", tag = "goods",
    params(("unit" = String, Path), ("day" = String, Path)), responses((status = 200, body = ClearedOut)))]
async fn cleared(
    State(s): State<Services>,
    actor: Actor,
    Path((unit, day)): Path<(String, String)>,
) -> Result<Json<ClearedOut>, Problem> {
    let day = BusinessDay::parse(&day).map_err(|_| Problem::not_found())?;
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let found = queries::day_cleared(&mut at, unit, day).await.map_err(of_db)?;
    let by_unit = found.by_unit.into_iter().map(|(unit_word, arrived, left)| ClearedUnit {
        unit_word,
        arrived,
        left,
    });
    Ok(Json(ClearedOut {
        day,
        lots: found.lots,
        share: found.share,
        by_unit: by_unit.collect(),
    }))
}
