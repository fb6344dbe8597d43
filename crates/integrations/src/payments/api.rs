//! `POST /api/v1/payments/wechat/{account}/notice` for the provider; the log of notices for staff.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use giving::donations::intake::AccountEntry;
use giving::donations::orders::payments::{confirm, refund_told};
use kernel::Instant;
use platform::Services;
use platform::identity::{Actor, GuardedRoutes as _, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;
use web::{Json, Listing, Problem};

use super::notices::{self, Record};
use super::registry::{Adapter, Payments};
use super::wechat::{Refused, SignedHeaders, Told};

/// A notice is some kilobytes.
const NOTICE_BYTES_MAX: usize = 64 * 1024;
/// Rows of the log in one answer.
const LOG_ROWS_MAX: i64 = 200;

/// The routes; they carry the providers themselves.
pub fn routes(payments: &Payments) -> OpenApiRouter<Services> {
    let at = |routes: UtoipaMethodRouter<Payments>| {
        let (schemas, paths, router) = routes;
        let router = router.layer(DefaultBodyLimit::max(NOTICE_BYTES_MAX));
        (schemas, paths, router.with_state(payments.clone()))
    };
    OpenApiRouter::new()
        .public(at(routes!(wechat_notice)))
        .staff(Permission::GiftRead, at(routes!(list_notices)))
        .merge(super::settings::api::routes(payments))
        .merge(super::alipay::api::routes(payments))
}

/// Takes a notice of WeChat Pay: verified, decrypted, a gift before it is answered.
#[utoipa::path(post, path = "/api/v1/payments/wechat/{account}/notice", tag = "payments",
    params(("account" = String, Path, description = "code of the receiving account")),
    request_body(content = Vec<u8>, content_type = "application/json"),
    responses((status = 204, description = "durable; also for a repeat"),
        (status = 400, body = WechatRefusal, description = "cannot be read, or not meant for this account"),
        (status = 401, body = WechatRefusal, description = "not signed by WeChat Pay, or not in time"),
        (status = 404, body = WechatRefusal, description = "no account that WeChat Pay serves has this code"),
        (status = 413, body = String, description = "longer than any notice"),
        (status = 503, body = WechatRefusal, description = "not taken now; send it again")))]
async fn wechat_notice(
    State(payments): State<Payments>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let account = payments.giving.intake.directory().account_by_code(&code);
    let adapter = account.as_ref().and_then(|account| payments.adapter(account.id));
    let (Some(account), Some(Adapter::Wechat(wechat))) = (account, adapter) else {
        return fail(StatusCode::NOT_FOUND, "no such account");
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let read = match SignedHeaders::read(header) {
        Some(headers) => wechat.read_notice(&headers, &body).await,
        None => Err(Refused::Signature),
    };
    let notice = match read {
        Ok(notice) => notice,
        Err(refused) => return refuse(&payments, &account, &refused).await,
    };
    let (trade_no, taken) = match notice.told {
        Told::Payment(payment) => {
            let trade_no = payment.trade_no.clone();
            let confirmed = confirm(&payments.giving, account.id, payment).await;
            (Some(trade_no), confirmed.map(|confirmed| confirmed.as_str()))
        }
        Told::Refund { refund_no, step } => {
            let told = refund_told(&payments.giving, account.id, &refund_no, &step).await;
            (
                Some(refund_no),
                told.map(|known| if known { "noted" } else { "unknown_refund" }),
            )
        }
        Told::Nothing => (None, Ok("noted")),
    };
    let outcome = match &taken {
        Ok(outcome) => outcome,
        Err(_) => "failed",
    };
    let record = Record {
        event: &notice.event,
        kind: &notice.kind,
        trade_no: trade_no.as_deref(),
        outcome,
    };
    keep(&payments, &account, record).await;
    match taken {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            tracing::warn!(%error, "a payment notice was not taken; WeChat Pay sends it again");
            fail(StatusCode::SERVICE_UNAVAILABLE, "not taken now, send it again")
        }
    }
}

/// WeChat's own shape of a failure.
#[derive(Serialize, ToSchema)]
struct WechatRefusal {
    /// `FAIL`.
    code: &'static str,
    /// Why, in a few words.
    message: String,
}

fn fail(status: StatusCode, message: &str) -> Response {
    let message = message.to_owned();
    (status, axum::Json(WechatRefusal { code: "FAIL", message })).into_response()
}

/// Records and answers a notice that is not believed. Forged ones are refused for good; when the fault may be ours
/// (clock, keys) the same payment comes again.
async fn refuse(payments: &Payments, account: &AccountEntry, refused: &Refused) -> Response {
    let day = payments.tools.services.now().business_day();
    match refused {
        Refused::Clock { seconds } => {
            tracing::error!(seconds, account = %account.code, "a payment notice was refused: set this machine’s clock");
        }
        Refused::UnknownKey | Refused::Sealed | Refused::KeysUnavailable => {
            tracing::error!(reason = refused.as_str(), account = %account.code, "a payment notice was refused: check the payment settings");
        }
        _ => tracing::warn!(reason = refused.as_str(), account = %account.code, "a payment notice was refused"),
    }
    let event = format!("refused:{day}:{}", refused.as_str());
    let record = Record {
        event: &event,
        kind: "refused",
        trade_no: None,
        outcome: "refused",
    };
    keep(payments, account, record).await;
    let status = match refused {
        Refused::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Refused::Unreadable | Refused::Sealed | Refused::OtherMerchant => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNAUTHORIZED,
    };
    fail(status, refused.as_str())
}

/// The log serves people; that it could not be written keeps no gift out.
async fn keep(payments: &Payments, account: &AccountEntry, record: Record<'_>) {
    let place = (account.unit, account.id);
    if let Err(error) = notices::note(&payments.tools.services, place, record).await {
        tracing::warn!(%error, "a payment notice could not be logged");
    }
}

/// A notice in the log.
#[derive(Serialize, ToSchema)]
struct NoticeOut {
    /// The account's code.
    account: String,
    /// The provider's number of it, or `refused:{day}:{reason}`.
    event: String,
    /// Its kind.
    kind: String,
    /// The order or refund that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<String>,
    /// `recorded`, `known`, `held`, `noted`, `refused`, `failed`.
    outcome: String,
    /// How often it came.
    times: i64,
    /// When it came first.
    #[schema(value_type = String, format = DateTime)]
    first_at: Instant,
    /// When it came last.
    #[schema(value_type = String, format = DateTime)]
    last_at: Instant,
}

/// The latest notices, newest first.
#[utoipa::path(get, path = "/api/v1/payments/notices", tag = "payments",
    responses((status = 200, body = Listing<NoticeOut>)))]
async fn list_notices(
    State(payments): State<Payments>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Listing<NoticeOut>>, Problem> {
    let services = &payments.tools.services;
    let of_db = |error: db::DbError| platform::problems::of_db(&error);
    let scope = actor.scope_for(Permission::GiftRead);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let rows = notices::latest(&mut at, (&scope, &services.tree), LOG_ROWS_MAX)
        .await
        .map_err(of_db)?;
    let code = |id| payments.giving.intake.directory().account(id).map(|a| a.code.clone());
    let items = rows.into_iter().map(|row| NoticeOut {
        account: code(row.account).unwrap_or_default(),
        event: row.event,
        kind: row.kind,
        trade_no: row.trade_no,
        outcome: row.outcome,
        times: row.times,
        first_at: row.first_at,
        last_at: row.last_at,
    });
    Ok(Json(Listing::cut(items.collect(), usize::MAX, |row: &NoticeOut| {
        row.event.clone()
    })))
}
