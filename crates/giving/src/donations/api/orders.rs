//! Orders, for the giving page and for partners.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Fen, Instant, OrderId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::extract::ClientIp;
use web::limit::Rate;
use web::{Json, Problem};

use super::super::model::{Payer, certificate_id};
use super::super::orders::{self, NewOrder, Order, OrderState, state_of};
use super::{Desk, id_of, of_db};
use crate::teams::Tags;

/// Orders of one client: a family giving in turn, not a script.
const ORDERS: Rate = Rate::per_minute(30);

/// The wish to give.
#[derive(Deserialize, ToSchema)]
pub(super) struct PlaceOrder {
    /// The project's code.
    project: String,
    /// The amount in fen.
    amount_fen: i64,
    /// Who will pay; kept sealed.
    #[serde(default)]
    #[schema(value_type = Object)]
    payer: Payer,
    /// Whether the name is to be shown nowhere.
    #[serde(default)]
    anonymous: bool,
    /// The public id of a team of the project.
    #[serde(default)]
    team: Option<String>,
    /// A channel tag or region code, as `?from=` carried it.
    #[serde(default)]
    from: Option<String>,
    /// A message for the team's wall, shown once somebody has read it.
    #[serde(default)]
    message: Option<String>,
}

/// An order.
#[derive(Serialize, ToSchema)]
pub(super) struct OrderOut {
    /// Public id.
    order: String,
    /// The number under which it is to be paid.
    trade_no: String,
    /// The code of the account to which it is to be paid.
    account: String,
    /// The project's code.
    project: String,
    /// The amount in fen.
    amount_fen: i64,
    /// `created`, `paid` or `expired`.
    state: &'static str,
    /// Until when it waits; a later payment is still a gift.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// The gift, once paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    gift: Option<String>,
    /// Its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// What was paid, in fen.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_fen: Option<i64>,
}

fn out(desk: &Desk, order: &Order, state: OrderState) -> OrderOut {
    let keys = &*desk.giving.services.keys;
    let directory = desk.giving.intake.directory();
    let (gift, paid) = match state {
        OrderState::Paid { gift, amount } => (Some(gift), Some(amount.get())),
        OrderState::Created | OrderState::Expired => (None, None),
    };
    OrderOut {
        order: public(keys, order.id),
        trade_no: order.trade_no.clone(),
        account: directory
            .account(order.account)
            .map(|a| a.code.clone())
            .unwrap_or_default(),
        project: directory
            .project(order.project)
            .map(|p| p.code.clone())
            .unwrap_or_default(),
        amount_fen: order.amount.get(),
        state: state.as_str(),
        expires_at: order.expires_at,
        gift: gift.map(|gift| public(keys, gift)),
        certificate: gift.map(|gift| public(keys, certificate_id(gift))),
        paid_fen: paid,
    }
}

/// Places an order. It promises nothing; the gift begins with its payment.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", request_body = PlaceOrder,
    responses((status = 201, body = OrderOut), (status = 409, description = "the project takes no gifts now")))]
pub(super) async fn place_order(
    State(desk): State<Desk>,
    client: ClientIp,
    Json(body): Json<PlaceOrder>,
) -> Result<(StatusCode, Json<OrderOut>), Problem> {
    desk.limiter.take(client.0, "orders", ORDERS)?;
    let new = NewOrder {
        project: body.project,
        amount: Fen::new(body.amount_fen),
        payer: body.payer,
        anonymous: body.anonymous,
    };
    let tags = Tags {
        team: body.team,
        from: body.from,
        message: body.message,
    };
    let order = orders::place_tagged(&desk.giving, new, &tags).await?;
    Ok((StatusCode::CREATED, Json(out(&desk, &order, OrderState::Created))))
}

/// Where an order is.
#[utoipa::path(get, path = "/api/v1/orders/{order}", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = OrderOut)))]
pub(super) async fn get_order(State(desk): State<Desk>, Path(order): Path<String>) -> Result<Json<OrderOut>, Problem> {
    let services = &desk.giving.services;
    let id = id_of::<OrderId>(services, &order)?;
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let order = orders::find(&mut at, id)
        .await
        .map_err(of_db)?
        .ok_or_else(Problem::not_found)?;
    let paid = orders::payment_of(&mut at, &order).await.map_err(of_db)?;
    Ok(Json(out(&desk, &order, state_of(&order, paid, services.now()))))
}
