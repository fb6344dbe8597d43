//! The interface for merchants: every request is verified, every answer signed.

use std::collections::{BTreeMap, HashMap};

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State as Held};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use data_encoding::HEXLOWER;
use kernel::{BusinessDay, Instant};
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::notices::{event_id, of_refund, sealed, signed};
use super::orders::{ORDERS_MAX, Order, Refund, State, rfc3339};
use super::{bill, keys, seconds, told};
use crate::Sandbox;
use crate::chance::letters;

/// How far a merchant's clock may be off, in seconds.
const SKEW_SECONDS_MAX: i64 = 300;
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";

/// A failure in WeChat's shape.
pub(super) struct Failure(StatusCode, &'static str, &'static str);

type Answer = Result<Value, Failure>;

const MALFORMED: Failure = Failure(StatusCode::BAD_REQUEST, "PARAM_ERROR", "参数错误");
const NO_ORDER: Failure = Failure(StatusCode::NOT_FOUND, "ORDER_NOT_EXIST", "订单不存在");

/// A verified request.
pub(super) struct Request {
    sandbox: Sandbox,
    wanted: Option<String>,
    body: Vec<u8>,
}

impl Request {
    /// Verifies the signature over method, path, time, nonce and body.
    fn new(
        sandbox: Sandbox,
        method: &Method,
        uri: &axum::http::Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Box<Response>> {
        let wanted = headers.get("wechatpay-serial").and_then(|value| value.to_str().ok());
        let request = Self {
            wanted: wanted.map(str::to_owned),
            body: body.to_vec(),
            sandbox,
        };
        let refuse =
            |words: &'static str| Box::new(request.answer(Err(Failure(StatusCode::UNAUTHORIZED, "SIGN_ERROR", words))));
        if request.sandbox.faults().down {
            let down = Failure(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", "系统异常,请稍后再试");
            return Err(Box::new(request.answer(Err(down))));
        }
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(shown) = shown.and_then(|shown| shown.strip_prefix(SCHEME)) else {
            return Err(refuse("缺少签名"));
        };
        let parts: HashMap<&str, &str> = shown
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .map(|(name, value)| (name, value.trim_matches('"')))
            .collect();
        let part = |name: &str| parts.get(name).copied().unwrap_or_default();
        let merchant = &request.sandbox.wechat.merchant;
        // Some clients write the hexadecimal serial number in small letters.
        if part("mchid") != merchant.mchid || !part("serial_no").eq_ignore_ascii_case(&merchant.serial) {
            return Err(refuse("商户号或证书序列号不对"));
        }
        let at: i64 = part("timestamp").parse().unwrap_or_default();
        if (at - seconds(request.sandbox.now())).abs() > SKEW_SECONDS_MAX {
            return Err(refuse("时间戳已过期"));
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut message = format!("{method}\n{path}\n{at}\n{}\n", part("nonce_str")).into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        if keys::fits(&request.sandbox.wechat.merchant_key, &message, part("signature")) {
            Ok(request)
        } else {
            Err(refuse("签名错误"))
        }
    }

    fn answer(&self, answer: Answer) -> Response {
        let (status, body) = match answer {
            Ok(Value::Null) => (StatusCode::NO_CONTENT, String::new()),
            Ok(value) => (StatusCode::OK, value.to_string()),
            Err(Failure(status, code, message)) => (status, json!({ "code": code, "message": message }).to_string()),
        };
        let mut response = (status, body.clone()).into_response();
        let headers = response.headers_mut();
        for (name, value) in signed(&self.sandbox, &body, self.wanted.as_deref()) {
            if let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        }
        if let Ok(date) = http_date(self.sandbox.now()).parse() {
            headers.insert(header::DATE, date);
        }
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json; charset=utf-8"),
        );
        response
    }

    fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|_| MALFORMED)
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(at: Instant) -> String {
    let at = at.to_datetime();
    let (weekday, month) = (at.weekday().to_string(), at.month().to_string());
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        &weekday[..3],
        at.day(),
        &month[..3],
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Verifies, does, answers.
macro_rules! verified {
    ($sandbox:expr, $method:expr, $uri:expr, $headers:expr, $body:expr, $work:expr) => {
        match Request::new($sandbox, &$method, &$uri.0, &$headers, &$body) {
            Ok(request) => request.answer($work(&request)),
            Err(refused) => *refused,
        }
    };
}

pub(super) async fn place(
    Held(sandbox): Held<Sandbox>,
    Path(kind): Path<String>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    verified!(sandbox, method, uri, headers, body, |request: &Request| placed(
        request, &kind
    ))
}

fn placed(request: &Request, kind: &str) -> Answer {
    let (sandbox, body) = (&request.sandbox, request.json()?);
    let merchant = &sandbox.wechat.merchant;
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    let trade_type = match kind {
        "jsapi" => "JSAPI",
        "h5" => "MWEB",
        "native" => "NATIVE",
        _ => return Err(MALFORMED),
    };
    let number = text("out_trade_no").ok_or(MALFORMED)?;
    let number_fits =
        (6..=32).contains(&number.len()) && number.chars().all(|c| c.is_ascii_alphanumeric() || "_-|*".contains(c));
    let total = body["amount"]["total"]
        .as_i64()
        .filter(|total| *total > 0)
        .ok_or(MALFORMED)?;
    let description = text("description").filter(|text| text.len() <= 127).ok_or(MALFORMED)?;
    let notify_url = text("notify_url").ok_or(MALFORMED)?;
    let openid = match kind {
        "jsapi" => body["payer"]["openid"].as_str().ok_or(MALFORMED)?.to_owned(),
        _ => format!("oSandbox{}", letters(&*sandbox.world.rng, 20)),
    };
    let scene = kind != "h5"
        || (body["scene_info"]["payer_client_ip"].is_string() && body["scene_info"]["h5_info"]["type"].is_string());
    if !number_fits || !scene {
        return Err(MALFORMED);
    }
    if text("appid") != Some(merchant.appid.as_str()) || text("mchid") != Some(merchant.mchid.as_str()) {
        return Err(Failure(
            StatusCode::BAD_REQUEST,
            "APPID_MCHID_NOT_MATCH",
            "AppID和商户号不匹配",
        ));
    }
    let expires_at = text("time_expire")
        .map(Instant::parse_rfc3339)
        .transpose()
        .map_err(|_| MALFORMED)?;
    let fresh = Order {
        out_trade_no: number.to_owned(),
        description: description.to_owned(),
        total,
        notify_url: notify_url.to_owned(),
        openid,
        trade_type,
        prepay_id: format!("wx{}", letters(&*sandbox.world.rng, 34).to_ascii_lowercase()),
        expires_at,
        state: State::NotPaid,
        refunds: BTreeMap::new(),
    };
    let prepay_id = sandbox.wechat.orders(|orders| {
        let is_full = orders.len() >= ORDERS_MAX;
        match orders.get_mut(number) {
            Some(known) => match &known.state {
                State::Paid { .. } => Err(Failure(StatusCode::BAD_REQUEST, "ORDERPAID", "订单已支付")),
                State::Closed => Err(Failure(StatusCode::BAD_REQUEST, "ORDER_CLOSED", "订单已关闭")),
                State::NotPaid if known.total != total => Err(Failure(
                    StatusCode::BAD_REQUEST,
                    "INVALID_REQUEST",
                    "请求重入时,参数与首次请求时不一致",
                )),
                State::NotPaid => {
                    known.trade_type = trade_type;
                    Ok(known.prepay_id.clone())
                }
            },
            None if is_full => Err(Failure(
                StatusCode::TOO_MANY_REQUESTS,
                "FREQUENCY_LIMITED",
                "沙箱订单已满",
            )),
            None => {
                let prepay_id = fresh.prepay_id.clone();
                orders.insert(number.to_owned(), fresh);
                Ok(prepay_id)
            }
        }
    })?;
    let page = format!("{}/wechat/pay/{prepay_id}", sandbox.world.base_url);
    Ok(match kind {
        "jsapi" => json!({ "prepay_id": prepay_id }),
        "h5" => json!({ "h5_url": format!("{page}?package=1037687096") }),
        _ => json!({ "code_url": page }),
    })
}

pub(super) async fn query(
    Held(sandbox): Held<Sandbox>,
    Path(number): Path<String>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    verified!(sandbox, method, uri, headers, [], |request: &Request| {
        found(request, |order| order.out_trade_no == number)
    })
}

pub(super) async fn query_by_transaction(
    Held(sandbox): Held<Sandbox>,
    Path(number): Path<String>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    verified!(sandbox, method, uri, headers, [], |request: &Request| {
        found(
            request,
            |order| matches!(&order.state, State::Paid { transaction_id, .. } if *transaction_id == number),
        )
    })
}

fn found(request: &Request, is_it: impl Fn(&Order) -> bool) -> Answer {
    let merchant = &request.sandbox.wechat.merchant;
    let order = request
        .sandbox
        .wechat
        .orders(|orders| orders.values().find(|order| is_it(order)).cloned());
    let order = order.ok_or(NO_ORDER)?;
    Ok(order.document((&merchant.mchid, &merchant.appid), told(&request.sandbox, order.total)))
}

pub(super) async fn close(
    Held(sandbox): Held<Sandbox>,
    Path(number): Path<String>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    verified!(sandbox, method, uri, headers, body, |request: &Request| {
        request.sandbox.wechat.orders(|orders| {
            let order = orders.get_mut(&number).ok_or(NO_ORDER)?;
            match order.state {
                State::Paid { .. } => Err(Failure(StatusCode::BAD_REQUEST, "ORDERPAID", "订单已支付")),
                State::Closed | State::NotPaid => {
                    order.state = State::Closed;
                    Ok(Value::Null)
                }
            }
        })
    })
}

pub(super) async fn refund(
    Held(sandbox): Held<Sandbox>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    verified!(sandbox, method, uri, headers, body, refunded)
}

fn refunded(request: &Request) -> Answer {
    let (sandbox, body) = (&request.sandbox, request.json()?);
    let number = body["out_refund_no"].as_str().ok_or(MALFORMED)?;
    let amount = body["amount"]["refund"]
        .as_i64()
        .filter(|fen| *fen > 0)
        .ok_or(MALFORMED)?;
    let total = body["amount"]["total"].as_i64().ok_or(MALFORMED)?;
    let refund_id = format!("50300{:023}", sandbox.world.rng.below(1_000_000_000_000_000_000));
    let now = sandbox.now();
    let (document, fresh, trade_no) = sandbox.wechat.orders(|orders| {
        let order = match (body["out_trade_no"].as_str(), body["transaction_id"].as_str()) {
            (Some(trade_no), _) => orders.get_mut(trade_no),
            (None, Some(id)) => orders
                .values_mut()
                .find(|o| matches!(&o.state, State::Paid { transaction_id, .. } if transaction_id == id)),
            (None, None) => None,
        };
        let order = order.ok_or(Failure(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "订单不存在"))?;
        if !matches!(order.state, State::Paid { .. }) || total != order.total {
            return Err(Failure(
                StatusCode::BAD_REQUEST,
                "INVALID_REQUEST",
                "订单金额或状态不正确",
            ));
        }
        let known = order.refunds.get(number).map(|refund| refund.amount);
        let fresh = known.is_none();
        match known {
            Some(before) if before != amount => {
                return Err(Failure(
                    StatusCode::BAD_REQUEST,
                    "INVALID_REQUEST",
                    "同一退款单号金额不一致",
                ));
            }
            Some(_) => {}
            None if order.refunded() + amount > order.total => {
                return Err(Failure(StatusCode::FORBIDDEN, "NOT_ENOUGH", "可退金额不足"));
            }
            None => {
                let refund = Refund {
                    refund_id,
                    amount,
                    at: now,
                    notify_url: body["notify_url"].as_str().map(str::to_owned),
                };
                order.refunds.insert(number.to_owned(), refund);
            }
        }
        let document = order
            .refunds
            .get(number)
            .map(|refund| order.refund_document(number, refund));
        Ok((document.unwrap_or_default(), fresh, order.out_trade_no.clone()))
    })?;
    if fresh {
        let event = event_id(sandbox);
        sandbox.notify(|| of_refund(&trade_no, number, &event));
        // As WeChat: accepted now, done a little later.
        let mut document = document;
        document["status"] = json!("PROCESSING");
        if let Some(fields) = document.as_object_mut() {
            fields.remove("success_time");
        }
        return Ok(document);
    }
    Ok(document)
}

pub(super) async fn query_refund(
    Held(sandbox): Held<Sandbox>,
    Path(number): Path<String>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    verified!(sandbox, method, uri, headers, [], |request: &Request| {
        let found = request.sandbox.wechat.orders(|orders| {
            orders.values().find_map(|order| {
                order
                    .refunds
                    .get(&number)
                    .map(|refund| order.refund_document(&number, refund))
            })
        });
        found.ok_or(Failure(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "退款单不存在"))
    })
}

pub(super) async fn certificates(
    Held(sandbox): Held<Sandbox>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    verified!(sandbox, method, uri, headers, [], |request: &Request| {
        let sandbox = &request.sandbox;
        let entry = |platform: &keys::Platform| {
            let mut sealed = sealed(sandbox, "certificate", &platform.certificate);
            if let Some(fields) = sealed.as_object_mut() {
                fields.remove("original_type");
            }
            json!({
                "serial_no": platform.serial,
                "effective_time": rfc3339(platform.valid_from),
                "expire_time": rfc3339(platform.valid_to),
                "encrypt_certificate": sealed,
            })
        };
        let mut data = vec![sandbox.wechat.current(entry)];
        if sandbox.faults().stale_certificate {
            data = vec![entry(&sandbox.wechat.stale)];
        }
        Ok(json!({ "data": data }))
    })
}

fn query_part(uri: &OriginalUri, name: &str) -> Option<String> {
    let query = uri.0.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(each, _)| each == name)
        .map(|(_, value)| value.into_owned())
}

/// The bill of a day, if there was a trade.
fn bill_of(sandbox: &Sandbox, day: &str) -> Result<String, Failure> {
    let day = BusinessDay::parse(day).map_err(|_| MALFORMED)?;
    if day >= sandbox.now().business_day() {
        return Err(Failure(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "账单日期不正确"));
    }
    let wrong = sandbox.faults().wrong_amount_fen;
    let bill = sandbox
        .wechat
        .orders(|orders| bill::of_day(orders.values(), &sandbox.wechat.merchant, day, wrong));
    bill.ok_or(Failure(StatusCode::BAD_REQUEST, "NO_STATEMENT_EXIST", "账单文件不存在"))
}

pub(super) async fn trade_bill(
    Held(sandbox): Held<Sandbox>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    let day = query_part(&uri, "bill_date").unwrap_or_default();
    verified!(sandbox, method, uri, headers, [], |request: &Request| {
        let file = bill_of(&request.sandbox, &day)?;
        let hash = HEXLOWER.encode(&Sha1::digest(file.as_bytes()));
        let url = format!("{}/v3/billdownload/file?token={day}", request.sandbox.world.base_url);
        Ok(json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url }))
    })
}

/// The file itself is not signed; its request is.
pub(super) async fn download(
    Held(sandbox): Held<Sandbox>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    let day = query_part(&uri, "token").unwrap_or_default();
    match Request::new(sandbox, &method, &uri.0, &headers, &[]) {
        Ok(request) => match bill_of(&request.sandbox, &day) {
            Ok(file) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], file).into_response(),
            Err(failure) => request.answer(Err(failure)),
        },
        Err(refused) => *refused,
    }
}
