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
use super::super::orders::{self, NewOrder, Order, OrderState, PayStep, Provider, Way};
use super::super::receipts::ReceiptWish;
use super::{Desk, id_of, of_db};

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
    /// What the giver says about a receipt.
    receipt: Option<ReceiptWish>,
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
    /// `created`, `pending`, `paid`, `closed` or `expired`.
    state: &'static str,
    /// With whom a payment was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<Provider>,
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
        _ => (None, None),
    };
    let provider = match state {
        OrderState::Pending { provider } => Some(provider),
        _ => None,
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
        provider,
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
        receipt: body.receipt,
    };
    let order = orders::place(&desk.giving, new).await?;
    Ok((StatusCode::CREATED, Json(out(&desk, &order, OrderState::Created))))
}

/// Where an order is.
#[utoipa::path(get, path = "/api/v1/orders/{order}", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = OrderOut)))]
pub(super) async fn get_order(State(desk): State<Desk>, Path(order): Path<String>) -> Result<Json<OrderOut>, Problem> {
    let order = id_of::<OrderId>(&desk.giving.services, &order)?;
    Ok(Json(shown(&desk, order).await?))
}

async fn shown(desk: &Desk, id: OrderId) -> Result<OrderOut, Problem> {
    let mut at = desk.giving.services.db.snapshot().await.map_err(of_db)?;
    let order = orders::find(&mut at, id)
        .await
        .map_err(of_db)?
        .ok_or_else(Problem::not_found)?;
    let state = orders::payments::state(&mut at, &order, desk.giving.services.now())
        .await
        .map_err(of_db)?;
    Ok(out(desk, &order, state))
}

/// How an order is to be paid.
#[derive(Deserialize, ToSchema)]
pub(super) struct PayOrder {
    /// `wechat_jsapi`, `wechat_h5`, `wechat_native`, `alipay_wap` or `alipay_page`.
    way: String,
    /// For `wechat_jsapi`: the donor's number in the official account.
    #[serde(default)]
    openid: Option<String>,
    /// Where on this site the donor returns to; the order's own page when absent.
    #[serde(default)]
    back: Option<String>,
}

/// Begins, or begins again, the payment of an order.
#[utoipa::path(post, path = "/api/v1/orders/{order}/pay", tag = "orders", params(("order" = String, Path)),
    request_body = PayOrder, responses((status = 200, body = PayStep),
        (status = 409, description = "paid, closed, expired, or not payable this way"),
        (status = 503, description = "the payment provider cannot be asked now")))]
pub(super) async fn pay_order(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(order): Path<String>,
    Json(body): Json<PayOrder>,
) -> Result<Json<PayStep>, Problem> {
    desk.limiter.take(client.0, "orders", ORDERS)?;
    let services = &desk.giving.services;
    let id = id_of::<OrderId>(services, &order)?;
    let way = match body.way.as_str() {
        "wechat_jsapi" => Way::WechatJsapi {
            openid: body.openid.ok_or_else(|| Problem::invalid("openid", "missing"))?,
        },
        "wechat_h5" => Way::WechatH5 { client: client.0 },
        "wechat_native" => Way::WechatNative,
        "alipay_wap" => Way::AlipayWap,
        "alipay_page" => Way::AlipayPage,
        _ => return Err(Problem::invalid("way", "unknown")),
    };
    let path = body.back.unwrap_or_else(|| format!("/api/v1/orders/{order}"));
    // Only our own pages: an address of somebody else would make the giving page a way to lead donors astray.
    if !path.starts_with('/') || path.starts_with("//") || path.contains(['\\', '\r', '\n']) {
        return Err(Problem::invalid(
            "back",
            "a path on this site, beginning with one slash",
        ));
    }
    let back = format!("{}{path}", services.base_url.trim_end_matches('/'));
    Ok(Json(orders::pay(&desk.giving, id, &way, &back).await?))
}

/// Asks the payment provider whether the order was paid: when the donor comes back before the notice does.
#[utoipa::path(post, path = "/api/v1/orders/{order}/check", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = OrderOut)))]
pub(super) async fn check_order(
    State(desk): State<Desk>,
    client: ClientIp,
    Path(order): Path<String>,
) -> Result<Json<OrderOut>, Problem> {
    desk.limiter.take(client.0, "orders", ORDERS)?;
    let id = id_of::<OrderId>(&desk.giving.services, &order)?;
    orders::refresh(&desk.giving, id).await?;
    Ok(Json(shown(&desk, id).await?))
}
