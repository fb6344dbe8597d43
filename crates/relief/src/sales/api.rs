//! JSON of sales.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Channel, Fen, Instant};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::{NewSale, Sale};
use super::{actions, queries};
use crate::http::{id_of, maybe, of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_sales))
        .staff(Permission::GoodsApprove, routes!(sell))
        .staff(Permission::GoodsApprove, routes!(undo_sale))
}

/// A sale.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsSaleOut)]
struct SaleOut {
    /// Its public id.
    id: String,
    /// Public id of the lot.
    lot: String,
    /// The running number of the lot's movement; its note is the paper of that movement.
    n: i64,
    /// Public id of the place.
    place: String,
    /// How many of the lot's unit.
    quantity: i64,
    /// What they brought.
    amount_fen: i64,
    /// Where the money lies.
    #[schema(value_type = String)]
    paid_into: Channel,
    /// Public id of the fund that took it.
    fund: String,
    /// `restricted` or `unrestricted`.
    restriction: &'static str,
    /// The buyer, masked where it is a person.
    buyer: String,
    /// Public id of the journal.
    journal: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    sold_at: Instant,
    /// The running number of the movement back, where it was undone.
    undone_n: Option<i64>,
    /// When it was undone.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<Instant>,
}

fn out(s: &Services, sale: &Sale) -> SaleOut {
    SaleOut {
        id: public(&*s.keys, sale.id),
        lot: public(&*s.keys, sale.lot),
        n: sale.n,
        place: public(&*s.keys, sale.place),
        quantity: sale.quantity,
        amount_fen: sale.amount.get(),
        paid_into: sale.paid_into,
        fund: public(&*s.keys, sale.fund),
        restriction: sale.restriction.as_str(),
        buyer: sale.buyer_shown.clone(),
        journal: public(&*s.keys, sale.journal),
        sold_at: sale.sold_at,
        undone_n: sale.undone.map(|undone| undone.n),
        undone_at: sale.undone.map(|undone| undone.at),
    }
}

/// The sales of a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/sales", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [SaleOut])))]
async fn list_sales(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<SaleOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::sales(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(rows.iter().map(|sale| out(&s, sale)).collect()))
}

/// Goods to be sold.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsSell)]
struct Sell {
    /// What makes it the same sale when it is sent again.
    key: String,
    /// Public id of the place where they lie.
    place: String,
    /// How many of the lot's unit.
    quantity: i64,
    /// What they bring, together.
    amount_fen: i64,
    /// bank, cash …
    #[schema(value_type = String)]
    paid_into: Channel,
    /// Public id of the fund that takes the money; none: the unit's general fund, for goods that nobody limited.
    #[serde(default)]
    fund: Option<String>,
    /// Who buys; kept sealed, shown masked.
    buyer: String,
    /// Why they are sold.
    reason: String,
}

/// Sells goods of a lot: the movement and the money in one step. The same key again is the same sale.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/sales", tag = "goods", params(("lot" = String, Path)),
    request_body = Sell, responses((status = 201, body = SaleOut),
        (status = 409, description = "not enough there, past its day, held for somebody, key taken")))]
async fn sell(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<Sell>,
) -> Result<(StatusCode, Json<SaleOut>), Problem> {
    let new = NewSale {
        lot: id_of(&s, &lot)?,
        key: body.key,
        place: id_of(&s, &body.place)?,
        quantity: body.quantity,
        amount: Fen::new(body.amount_fen),
        paid_into: body.paid_into,
        fund: maybe(&s, body.fund.as_ref())?,
        buyer: body.buyer,
        reason: body.reason,
    };
    let sale = actions::sell(&s, &actor, &new).await?;
    Ok((StatusCode::CREATED, Json(out(&s, &sale))))
}

/// Why a sale is undone.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsUndoSale)]
struct UndoSale {
    /// Why.
    reason: String,
}

/// Undoes a sale: the goods are in store again, the money was paid back. By somebody else than who sold.
#[utoipa::path(post, path = "/api/v1/goods/sales/{sale}/undo", tag = "goods", params(("sale" = String, Path)),
    request_body = UndoSale, responses((status = 200, body = SaleOut),
        (status = 409, description = "the same person, undone before, the fund lacks the money")))]
async fn undo_sale(
    State(s): State<Services>,
    actor: Actor,
    Path(sale): Path<String>,
    Json(body): Json<UndoSale>,
) -> Result<Json<SaleOut>, Problem> {
    let sale = actions::undo(&s, &actor, id_of(&s, &sale)?, &body.reason).await?;
    Ok(Json(out(&s, &sale)))
}
