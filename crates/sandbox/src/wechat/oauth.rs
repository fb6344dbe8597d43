//! The official account's silent sign-in: every browser that comes by is the same made-up payer.

use std::collections::HashMap;

use axum::extract::{Query, State as Held};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Json, Redirect, Response};
use serde_json::{Value, json};

use crate::Sandbox;
use crate::chance::letters;

/// Codes that wait to be used; a rehearsal has a few at once.
const CODES_MAX: usize = 10_000;

/// `/connect/oauth2/authorize`: back at once, with a code.
pub(super) async fn authorize(Held(sandbox): Held<Sandbox>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let back = get("redirect_uri");
    let fits = get("appid") == sandbox.wechat.merchant.appid
        && get("response_type") == "code"
        && get("scope") == "snsapi_base"
        && (back.starts_with("http://") || back.starts_with("https://"));
    if !fits {
        return (StatusCode::BAD_REQUEST, "redirect_uri 参数错误").into_response();
    }
    let code = letters(&*sandbox.world.rng, 32);
    sandbox.wechat.codes(|codes| {
        if codes.len() >= CODES_MAX {
            codes.clear();
        }
        codes.insert(code.clone());
    });
    let state: String = form_urlencoded::byte_serialize(get("state").as_bytes()).collect();
    let mark = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{mark}code={code}&state={state}")).into_response()
}

/// `/sns/oauth2/access_token`: a code for the payer's number, once.
pub(super) async fn token(Held(sandbox): Held<Sandbox>, Query(asked): Query<HashMap<String, String>>) -> Json<Value> {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let merchant = &sandbox.wechat.merchant;
    if get("appid") != merchant.appid {
        return Json(json!({ "errcode": 40013, "errmsg": "invalid appid" }));
    }
    if get("secret") != merchant.app_secret {
        return Json(json!({ "errcode": 40125, "errmsg": "invalid appsecret" }));
    }
    if get("grant_type") != "authorization_code" {
        return Json(json!({ "errcode": 40002, "errmsg": "invalid grant_type" }));
    }
    if !sandbox.wechat.codes(|codes| codes.remove(get("code"))) {
        return Json(json!({ "errcode": 40163, "errmsg": "code been used" }));
    }
    Json(json!({
        "access_token": letters(&*sandbox.world.rng, 64),
        "expires_in": 7200,
        "refresh_token": letters(&*sandbox.world.rng, 64),
        "openid": "oSandboxPayer0000000000000000",
        "scope": "snsapi_base",
    }))
}
