//! JSON of direct deliveries.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, SignedList};
use super::model::{NewStraight, StraightState};
use super::queries;
use crate::http::{id_of, maybe, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_straight))
        .staff(Permission::GoodsRecord, routes!(count_first))
        .staff(Permission::GoodsRecord, routes!(count_second))
        .staff(Permission::GoodsApprove, routes!(book))
}

/// A direct delivery.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsStraightOut)]
struct StraightOut {
    /// Its public id.
    id: String,
    /// The item's name.
    item: String,
    /// Standard and grade.
    grade: String,
    /// How many.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// The receiver's name.
    receiver: String,
    /// Where it is.
    state: StraightState,
    /// Public id of who counted first.
    first_by: String,
    /// When it was counted first.
    #[schema(value_type = String, format = DateTime)]
    first_at: Instant,
    /// The number of the signed list; empty before it is back.
    list_number: String,
    /// Public id of the order that its papers stand on.
    dispatch: Option<String>,
    /// When both ways were booked.
    #[schema(value_type = Option<String>, format = DateTime)]
    booked_at: Option<Instant>,
    /// Whether the request that it answers was withdrawn after the first count: it is booked without it.
    request_withdrawn: bool,
}

/// Direct deliveries of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/straight", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [StraightOut])))]
async fn list_straight(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<StraightOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::straight(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| StraightOut {
        id: public(&*s.keys, row.one.id),
        item: row.item_name,
        grade: row.grade,
        quantity: row.one.quantity,
        unit_word: row.unit_word,
        receiver: row.party_name,
        state: row.one.state,
        first_by: public(&*s.keys, row.one.first_by),
        first_at: row.first_at,
        list_number: row.list_number,
        dispatch: row.one.dispatch.map(|id| public(&*s.keys, id)),
        booked_at: row.booked_at,
        request_withdrawn: row.is_request_gone,
    });
    Ok(Json(out.collect()))
}

/// Goods that go straight to a receiver, as the first counted them.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsCountStraight)]
struct CountStraight {
    /// What makes it the same delivery when it is sent again.
    key: String,
    /// Public id of the place where they were expected.
    place: String,
    /// Public id of the receiver.
    receiver: String,
    /// Public id of the request it answers.
    #[serde(default)]
    request: Option<String>,
    /// What was counted, of the lot's unit.
    quantity: i64,
}

/// The direct delivery that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsStraightMade)]
struct StraightMade {
    /// Its public id.
    id: String,
}

/// The first count of announced goods that go straight to a receiver.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/straight", tag = "goods", params(("lot" = String, Path)),
    request_body = CountStraight, responses((status = 201, body = StraightMade)))]
async fn count_first(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<CountStraight>,
) -> Result<(StatusCode, Json<StraightMade>), Problem> {
    let new = NewStraight {
        lot: id_of(&s, &lot)?,
        place: id_of(&s, &body.place)?,
        party: id_of(&s, &body.receiver)?,
        request: maybe(&s, body.request.as_ref())?,
        quantity: body.quantity,
        key: body.key,
    };
    let id = actions::count_first(&s, &actor, &new).await?;
    let id = public(&*s.keys, id);
    Ok((StatusCode::CREATED, Json(StraightMade { id })))
}

/// A second count.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsCountAgain)]
struct CountAgain {
    /// What was counted, of the lot's unit.
    quantity: i64,
}

/// The second count, by another person, who must find the same.
#[utoipa::path(post, path = "/api/v1/goods/straight/{straight}/count", tag = "goods",
    params(("straight" = String, Path)), request_body = CountAgain,
    responses((status = 204), (status = 409, description = "the same person, counted before")))]
async fn count_second(
    State(s): State<Services>,
    actor: Actor,
    Path(straight): Path<String>,
    Json(body): Json<CountAgain>,
) -> Result<StatusCode, Problem> {
    actions::count_second(&s, &actor, id_of(&s, &straight)?, body.quantity).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The signed list that came back.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsBookStraight)]
struct BookStraight {
    /// The number of the recipient's list.
    list: String,
    /// Who signed it; kept sealed.
    signer: String,
}

/// Both ways as they were booked.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsStraightBooked)]
struct StraightBooked {
    /// The number of the dispatch order.
    number: String,
    /// Whether the request that it answered was withdrawn after the counts: booked as handed over, without the request.
    request_withdrawn: bool,
}

/// Books the way in and the way out on one day, with their papers, once the signed list is back.
#[utoipa::path(post, path = "/api/v1/goods/straight/{straight}/booking", tag = "goods",
    params(("straight" = String, Path)), request_body = BookStraight,
    responses((status = 200, body = StraightBooked), (status = 409, description = "not counted twice, who counted, expired")))]
async fn book(
    State(s): State<Services>,
    actor: Actor,
    Path(straight): Path<String>,
    Json(body): Json<BookStraight>,
) -> Result<Json<StraightBooked>, Problem> {
    let list = SignedList {
        number: &body.list,
        signer: &body.signer,
    };
    let booked = actions::book(&s, &actor, id_of(&s, &straight)?, list).await?;
    Ok(Json(StraightBooked {
        number: booked.number,
        request_withdrawn: booked.is_request_gone,
    }))
}
