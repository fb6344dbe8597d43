//! What Alipay sends to this house: notices, and the donor's browser on its way back.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use giving::donations::DonationError;
use giving::donations::intake::AccountEntry;
use giving::donations::orders::payments::{confirm, refund_told};
use giving::donations::orders::{ChargeState, Gateway as _, RefundStep};
use platform::Services;
use platform::identity::GuardedRoutes as _;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::notice::{Event, Notice, NoticeRefusal};
use super::trade::{Alipay, BACK_FIELD};
use crate::payments::notices::{self, Record};
use crate::payments::{Adapter, Payments};

/// The longest notice: about thirty short fields, one of them a list in JSON.
const NOTICE_BYTES_MAX: usize = 16 * 1024;
/// The only text that ends the sending of a notice.
const SUCCESS: &str = "success";
/// Any other text: Alipay sends it again.
const FAIL: &str = "fail";
/// The longest address a donor is sent back to.
const BACK_CHARS_MAX: usize = 512;

/// The routes; they carry the providers themselves.
pub fn routes(payments: &Payments) -> OpenApiRouter<Services> {
    let at = |routes: UtoipaMethodRouter<Payments>| {
        let (schemas, paths, router) = routes;
        let router = router.layer(DefaultBodyLimit::max(NOTICE_BYTES_MAX));
        (schemas, paths, router.with_state(payments.clone()))
    };
    OpenApiRouter::new()
        .public(at(routes!(alipay_notice)))
        .public(at(routes!(alipay_return)))
}

/// The account of this code, when Alipay serves it.
fn served(payments: &Payments, code: &str) -> Option<(Arc<AccountEntry>, Arc<Alipay>)> {
    let account = payments.giving.intake.directory().account_by_code(code)?;
    match payments.adapter(account.id)? {
        Adapter::Alipay(alipay) => Some((account, alipay)),
        Adapter::Wechat(_) => None,
    }
}

/// Takes a notice of Alipay's (异步通知): a signed form. Only `success` ends its repeats.
#[utoipa::path(
    post, path = "/api/v1/payments/alipay/{account}/notice", tag = "payments",
    params(("account" = String, Path, description = "code of the receiving account")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = String, description = "`success`: durable, or nothing to be done"),
        (status = 400, body = String, description = "`fail`: cannot be read, or not meant for this account"),
        (status = 401, body = String, description = "`fail`: not signed by Alipay"),
        (status = 404, body = String, description = "`fail`: no account that Alipay serves has this code"),
        (status = 413, body = String, description = "longer than any notice"),
        (status = 503, body = String, description = "`fail`: could not be stored now"),
    )
)]
async fn alipay_notice(State(payments): State<Payments>, Path(code): Path<String>, body: Bytes) -> Response {
    let Some((account, alipay)) = served(&payments, &code) else {
        return (StatusCode::NOT_FOUND, FAIL).into_response();
    };
    let notice = match alipay.notice(&body).await {
        Ok(notice) => notice,
        Err(refusal) => return refuse(&payments, &account, &refusal).await,
    };
    let (event, trade_no) = (notice.notify_id.clone(), notice.trade_no.clone());
    let taken = take(&payments, &account, notice).await;
    let record = Record {
        event: &event,
        kind: "trade_status_sync",
        trade_no: Some(&trade_no),
        outcome: taken.as_ref().map_or("failed", |outcome| outcome),
    };
    keep(&payments, &account, record).await;
    match taken {
        Ok(_) => SUCCESS.into_response(),
        Err(error) => {
            tracing::warn!(account = %code, %error, "a payment notice was not taken; Alipay sends it again");
            (StatusCode::SERVICE_UNAVAILABLE, FAIL).into_response()
        }
    }
}

/// Does what a believed notice says; returns when it is durable, with the word of the record.
async fn take(payments: &Payments, account: &AccountEntry, notice: Notice) -> Result<&'static str, DonationError> {
    // What Alipay tells of an order that is over or waits, the next look at it finds too.
    let Event::Paid { payment, refunded } = notice.event else {
        return Ok("noted");
    };
    let giving = &payments.giving;
    let provider_no = payment.provider_no.clone();
    let confirmed = confirm(giving, account.id, payment).await?;
    if let Some((refund_no, at)) = refunded.and_then(|told| Some((told.refund_no?, told.at))) {
        let at = at.unwrap_or_else(|| giving.services.now());
        let step = RefundStep::Done { provider_no, at };
        if !refund_told(giving, account.id, &refund_no, &step).await? {
            return Ok("unknown_refund");
        }
    }
    Ok(confirmed.as_str())
}

/// Records and answers a notice that is not believed.
async fn refuse(payments: &Payments, account: &AccountEntry, refusal: &NoticeRefusal) -> Response {
    let (day, reason) = (payments.tools.services.now().business_day(), refusal.word());
    match refusal {
        NoticeRefusal::UnknownCertificate(_) | NoticeRefusal::StaleCertificate(_) | NoticeRefusal::Later => {
            tracing::error!(%refusal, account = %account.code, "a payment notice was refused: check the payment settings");
        }
        _ => tracing::warn!(%refusal, account = %account.code, "a payment notice was refused"),
    }
    let record = Record {
        event: &format!("refused:{day}:{reason}"),
        kind: "refused",
        trade_no: None,
        outcome: "refused",
    };
    keep(payments, account, record).await;
    let status = match refusal {
        NoticeRefusal::Later => StatusCode::SERVICE_UNAVAILABLE,
        NoticeRefusal::Malformed(_) | NoticeRefusal::WrongApp | NoticeRefusal::WrongSeller => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNAUTHORIZED,
    };
    (status, FAIL).into_response()
}

/// The log serves people; that it could not be written keeps no gift out.
async fn keep(payments: &Payments, account: &AccountEntry, record: Record<'_>) {
    let place = (account.unit, account.id);
    if let Err(error) = notices::note(&payments.tools.services, place, record).await {
        tracing::warn!(%error, "a payment notice could not be logged");
    }
}

/// Takes the donor's browser back from Alipay: a hint only. Whether it was paid is asked, then the donor goes on.
#[utoipa::path(
    get, path = "/api/v1/payments/alipay/{account}/return", tag = "payments",
    params(("account" = String, Path, description = "code of the receiving account")),
    responses((status = 303, description = "to the page from which the donor paid"))
)]
async fn alipay_return(
    State(payments): State<Payments>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let to = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == BACK_FIELD);
    let to = to.map(|(_, to)| to.into_owned()).filter(|to| is_local(to));
    if let Some((account, alipay)) = served(&payments, &code)
        && let Ok(trade_no) = alipay.returned(&query)
    {
        ask(&payments, &account, &alipay, &trade_no).await;
    }
    Redirect::to(to.as_deref().unwrap_or("/")).into_response()
}

/// Asks Alipay at once; what cannot be done now, the notice or the next look does.
async fn ask(payments: &Payments, account: &AccountEntry, alipay: &Alipay, trade_no: &str) {
    match alipay.query(trade_no).await {
        Ok(ChargeState::Paid(payment)) => {
            if let Err(error) = confirm(&payments.giving, account.id, payment).await {
                tracing::warn!(trade_no, %error, "a payment told by Alipay could not be taken now");
            }
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(trade_no, %error, "Alipay could not be asked about a payment"),
    }
}

/// Whether an address leads to this house: one slash at its front, and nothing that a browser reads as another host.
fn is_local(to: &str) -> bool {
    to.starts_with('/')
        && !to.starts_with("//")
        && to.chars().count() <= BACK_CHARS_MAX
        && !to.chars().any(|c| c == '\\' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn donors_are_sent_back_to_this_house_only() {
        assert!(is_local("/give/abc?x=1"));
        for to in ["//elsewhere", "https://elsewhere", "/\\elsewhere", "", "/a\r\nb"] {
            assert!(!is_local(to), "{to}");
        }
    }
}
