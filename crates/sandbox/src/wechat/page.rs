//! The payer's page, and what tests ask of the sandbox beside it.

use axum::Json;
use axum::extract::{Path, Query, State as Held};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use kernel::Fen;
use serde::Deserialize;
use serde_json::{Value, json};

use super::orders::{Order, State};
use crate::Sandbox;

/// Where the payer goes afterwards.
#[derive(Deserialize)]
pub(super) struct Back {
    redirect_url: Option<String>,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn order_of(sandbox: &Sandbox, prepay_id: &str) -> Option<Order> {
    sandbox
        .wechat
        .orders(|orders| orders.values().find(|order| order.prepay_id == prepay_id).cloned())
}

/// The page on which the payer taps "pay".
pub(super) async fn show(
    Held(sandbox): Held<Sandbox>,
    Path(prepay_id): Path<String>,
    Query(back): Query<Back>,
) -> Response {
    let Some(order) = order_of(&sandbox, &prepay_id) else {
        return (StatusCode::NOT_FOUND, "no such order").into_response();
    };
    let target = back.redirect_url.unwrap_or_default();
    let encoded: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
    let part = match order.state {
        State::NotPaid => format!(
            "<form method=\"post\" action=\"/wechat/pay/{prepay_id}?redirect_url={encoded}\">\
             <button id=\"pay\">支付 Pay</button></form>",
        ),
        State::Paid { .. } => "<p id=\"paid\">已支付 Paid</p>".to_owned(),
        State::Closed => "<p id=\"closed\">订单已关闭 Closed</p>".to_owned(),
    };
    let page = format!(
        "<!doctype html><html lang=\"zh-Hans\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>沙箱 Sandbox</title>\
         <style>body{{font:18px/1.6 sans-serif;max-width:24em;margin:2em auto;padding:0 1em;text-align:center}}\
         b{{font-size:2em}}button{{font-size:1.2em;padding:.6em 3em;border:0;border-radius:.4em;background:#1a6;color:#fff}}\
         </style><p>支付沙箱，不涉及真实资金<br>Payment sandbox: no real money</p><p>{}</p><p><b>{} 元</b></p>{part}</html>",
        escape(&order.description),
        Fen::new(order.total).to_grouped(),
    );
    Html(page).into_response()
}

/// Pays, then leads back.
pub(super) async fn pay(
    Held(sandbox): Held<Sandbox>,
    Path(prepay_id): Path<String>,
    Query(back): Query<Back>,
) -> Response {
    let Some(order) = order_of(&sandbox, &prepay_id) else {
        return (StatusCode::NOT_FOUND, "no such order").into_response();
    };
    sandbox.pay_wechat(&order.out_trade_no);
    let target = back.redirect_url.unwrap_or_default();
    if target.starts_with("http://") || target.starts_with("https://") {
        Redirect::to(&target).into_response()
    } else {
        Redirect::to(&format!("/wechat/pay/{prepay_id}")).into_response()
    }
}

/// Pays an order by its number.
pub(super) async fn pay_order(Held(sandbox): Held<Sandbox>, Path(number): Path<String>) -> Json<Value> {
    Json(json!({ "paid": sandbox.pay_wechat(&number) }))
}

/// A new platform certificate.
pub(super) async fn rotate(Held(sandbox): Held<Sandbox>) -> Response {
    match sandbox.rotate_wechat() {
        Ok(serial) => Json(json!({ "serial": serial })).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A notice of this order as it would be sent now, for those who look at its form.
pub(super) async fn last_notice(Held(sandbox): Held<Sandbox>, Path(number): Path<String>) -> Json<Value> {
    let event = super::notices::event_id(&sandbox);
    let (url, headers, body) = super::notices::of_payment(&number, &event).write(&sandbox);
    let headers: serde_json::Map<String, Value> = headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    Json(json!({ "url": url, "headers": headers, "body": body }))
}
