//! JSON of the two lists and of plans.

mod plans;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{Id as _, public};
use kernel::{BusinessDay, Fen, Instant};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, Said};
use super::model::{ListLine, NewRequest, Priority, Request, RequestState, Wanted};
use super::{queries, rules};
use crate::error::invalid;
use crate::http::{id_of, of_db, reading};
use crate::{LotId, RequestId};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_one))
        .staff(Permission::GoodsRecord, routes!(draw_list))
        .staff(Permission::GoodsRead, routes!(list_two))
        .staff(Permission::GoodsRequest, routes!(ask))
        .staff(Permission::GoodsRequest, routes!(confirm))
        .staff(Permission::GoodsRequest, routes!(withdraw))
        .staff(Permission::GoodsRequest, routes!(repeat))
        .staff(Permission::GoodsRead, routes!(plans::list_matches))
        .staff(Permission::GoodsRead, routes!(plans::list_plans))
        .staff(Permission::GoodsPropose, routes!(plans::propose))
        .staff(Permission::GoodsRead, routes!(plans::show_plan))
        .staff(Permission::GoodsPropose, routes!(plans::change))
        .staff(Permission::GoodsApprove, routes!(plans::decide))
        .staff(Permission::GoodsPropose, routes!(plans::ask_plan))
}

/// A version of list one.
#[derive(Serialize, ToSchema)]
struct GoodsListOut {
    /// The day it is for.
    #[schema(value_type = String, format = Date)]
    for_day: BusinessDay,
    /// 1, 2, 3 …; 0 where none was drawn.
    version: i64,
    /// When it was drawn.
    #[schema(value_type = Option<String>, format = DateTime)]
    drawn_at: Option<Instant>,
    /// Whether its day has ended, so that it stays as it is.
    frozen: bool,
    /// Its lines.
    lines: Vec<ListLine>,
}

/// The lots' public ids instead of their own.
fn public_lots(s: &Services, lines: Vec<ListLine>) -> Vec<ListLine> {
    let of = |line: &ListLine| {
        let bytes = data_of_hex(&line.lot)?;
        Some(public(&*s.keys, LotId::from_bytes(bytes)))
    };
    lines
        .into_iter()
        .map(|line| ListLine {
            lot: of(&line).unwrap_or_default(),
            ..line
        })
        .collect()
}

fn data_of_hex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

fn day_of(text: &str) -> Result<BusinessDay, Problem> {
    BusinessDay::parse(text).map_err(|_| Problem::not_found())
}

/// List one of a day, in its last version.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/lists/{day}", tag = "goods",
    params(("unit" = String, Path), ("day" = String, Path)), responses((status = 200, body = GoodsListOut)))]
async fn list_one(
    State(s): State<Services>,
    actor: Actor,
    Path((unit, day)): Path<(String, String)>,
) -> Result<Json<GoodsListOut>, Problem> {
    let for_day = day_of(&day)?;
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let list = queries::list_one(&mut at, unit, for_day).await.map_err(of_db)?;
    let frozen = for_day < s.now().business_day();
    Ok(Json(match list {
        None => GoodsListOut {
            for_day,
            version: 0,
            drawn_at: None,
            frozen,
            lines: Vec::new(),
        },
        Some(list) => GoodsListOut {
            for_day,
            version: list.version,
            drawn_at: Some(list.drawn_at),
            frozen,
            lines: public_lots(&s, list.lines),
        },
    }))
}

/// Draws list one for a day; a new version where something changed.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/lists/{day}", tag = "goods",
    params(("unit" = String, Path), ("day" = String, Path)),
    responses((status = 200, body = GoodsListOut), (status = 409, description = "the day has ended")))]
async fn draw_list(
    State(s): State<Services>,
    actor: Actor,
    Path((unit, day)): Path<(String, String)>,
) -> Result<Json<GoodsListOut>, Problem> {
    let for_day = day_of(&day)?;
    let (version, lines) = actions::draw_list(&s, &actor, id_of(&s, &unit)?, for_day).await?;
    Ok(Json(GoodsListOut {
        for_day,
        version,
        drawn_at: Some(s.now()),
        frozen: false,
        lines: public_lots(&s, lines),
    }))
}

/// A request.
#[derive(Serialize, ToSchema)]
pub(crate) struct GoodsRequestOut {
    /// Its public id.
    id: String,
    /// The receiver's name.
    receiver: String,
    /// The receiver's public id.
    receiver_id: String,
    /// The item's name; none for money.
    item: Option<String>,
    /// The item's public id.
    item_id: Option<String>,
    /// The unit of the number.
    unit_word: Option<String>,
    /// How many.
    quantity: Option<i64>,
    /// Base units that were granted.
    granted_base_units: i64,
    /// How much money.
    amount_fen: Option<i64>,
    /// How pressing.
    priority: Priority,
    /// What the need rests on.
    basis: String,
    /// When it is needed.
    #[schema(value_type = Option<String>, format = Date)]
    needed_by: Option<BusinessDay>,
    /// Whether it must be confirmed again (after 48 hours).
    stale: bool,
    /// Where it is.
    state: RequestState,
    /// Every so many days it comes again; none: it does not.
    every_days: Option<i64>,
    /// The last day of its coming again.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<BusinessDay>,
}

/// A request as it leaves the house.
pub(crate) fn request_out(s: &Services, request: Request) -> GoodsRequestOut {
    let state = rules::state_of(&request);
    let (item, unit_word, quantity, amount) = match request.wanted {
        Wanted::Goods {
            item,
            unit_word,
            quantity,
        } => (Some(item), Some(unit_word), Some(quantity), None),
        Wanted::Money(amount) => (None, None, None, Some(amount.get())),
    };
    GoodsRequestOut {
        id: public(&*s.keys, request.id),
        receiver: request.party_name,
        receiver_id: public(&*s.keys, request.party),
        item: request.item_name,
        item_id: item.map(|item| public(&*s.keys, item)),
        unit_word,
        quantity,
        granted_base_units: request.granted,
        amount_fen: amount,
        priority: request.priority,
        basis: request.basis,
        needed_by: request.needed_by,
        stale: rules::is_stale(request.confirmed_at, s.now()),
        state,
        every_days: request.repeats.map(|(days, _)| days),
        until: request.repeats.map(|(_, until)| until),
    }
}

/// List two: everything that is asked for, the most pressing first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/requests", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [GoodsRequestOut])))]
async fn list_two(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<GoodsRequestOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::list_two(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.into_iter().map(|row| request_out(&s, row)).collect()))
}

/// A request to be handed in: for goods (`item`, `unit_word`, `quantity`) or for money (`amount_fen`).
#[derive(Deserialize, ToSchema)]
struct AskFor {
    /// What makes it the same request when it is sent again.
    key: String,
    /// Public id of the receiver.
    receiver: String,
    /// Public id of the item.
    #[serde(default)]
    item: Option<String>,
    /// The unit of the number.
    #[serde(default)]
    unit_word: Option<String>,
    /// How many.
    #[serde(default)]
    quantity: Option<i64>,
    /// How much money.
    #[serde(default)]
    amount_fen: Option<i64>,
    /// How pressing.
    priority: Priority,
    /// What the need rests on: beds, staff, days.
    basis: String,
    /// When it is needed.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    needed_by: Option<BusinessDay>,
}

/// Hands a request in. The same key again is the same request.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/requests", tag = "goods", params(("unit" = String, Path)),
    request_body = AskFor, responses((status = 201, body = GoodsRequestOut)))]
async fn ask(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AskFor>,
) -> Result<(StatusCode, Json<GoodsRequestOut>), Problem> {
    let wanted = match (&body.item, body.quantity, body.amount_fen) {
        (Some(item), Some(quantity), None) => Wanted::Goods {
            item: id_of(&s, item)?,
            unit_word: crate::tables::rules::folded(body.unit_word.as_deref().unwrap_or_default()),
            quantity,
        },
        (None, None, Some(amount)) => Wanted::Money(Fen::new(amount)),
        _ => return Err(invalid("item", "goods with a number, or an amount of money, is expected").into()),
    };
    let new = NewRequest {
        unit: id_of(&s, &unit)?,
        key: body.key,
        party: id_of(&s, &body.receiver)?,
        wanted,
        priority: body.priority,
        basis: body.basis,
        needed_by: body.needed_by,
    };
    let request = actions::ask(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(request_out(&s, request))))
}

/// Says that a request still stands: fresh for another two days.
#[utoipa::path(post, path = "/api/v1/goods/requests/{request}/confirm", tag = "goods",
    params(("request" = String, Path)), responses((status = 204)))]
async fn confirm(State(s): State<Services>, actor: Actor, Path(request): Path<String>) -> Result<StatusCode, Problem> {
    let id: RequestId = id_of(&s, &request)?;
    actions::say(&s, &actor, id, Said::StillNeeded).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a request back.
#[utoipa::path(post, path = "/api/v1/goods/requests/{request}/withdraw", tag = "goods",
    params(("request" = String, Path)), responses((status = 204)))]
async fn withdraw(State(s): State<Services>, actor: Actor, Path(request): Path<String>) -> Result<StatusCode, Problem> {
    let id: RequestId = id_of(&s, &request)?;
    actions::say(&s, &actor, id, Said::Withdrawn).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How often a request comes again.
#[derive(Deserialize, ToSchema)]
struct RepeatRequest {
    /// Every so many days; none: no more.
    #[serde(default)]
    every_days: Option<i64>,
    /// Not after this day; needed with the number of days.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<BusinessDay>,
}

/// Lets a request come again every so many days, as a request of its own; without a number of days, no more.
#[utoipa::path(put, path = "/api/v1/goods/requests/{request}/repeat", tag = "goods",
    params(("request" = String, Path)), request_body = RepeatRequest, responses((status = 204)))]
async fn repeat(
    State(s): State<Services>,
    actor: Actor,
    Path(request): Path<String>,
    Json(body): Json<RepeatRequest>,
) -> Result<StatusCode, Problem> {
    let again = match (body.every_days, body.until) {
        (Some(every_days), Some(until)) => Some(actions::Again { every_days, until }),
        (None, None) => None,
        _ => return Err(invalid("until", "the number of days and the last day go together").into()),
    };
    actions::repeat(&s, &actor, id_of(&s, &request)?, again).await?;
    Ok(StatusCode::NO_CONTENT)
}
