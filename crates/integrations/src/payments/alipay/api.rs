//! What Alipay sends to this house: notices, and the donor's browser on its way back.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use giving::State as Giving;
use giving::donations::DonationError;
use giving::donations::orders::payments::{confirm, refund_told};
use giving::donations::orders::{ChargeState, Gateway as _, RefundStep};
use kernel::ReceivingAccountId;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::notice::{Event, Notice, NoticeRefusal};
use super::trade::{Alipay, BACK_FIELD};

/// The longest notice: about thirty short fields, one of them a list in JSON.
pub const NOTICE_BYTES_MAX: usize = 16 * 1024;
/// The only text that ends the sending of a notice.
const SUCCESS: &str = "success";
/// Any other text: Alipay sends it again.
const FAIL: &str = "fail";
/// The longest address a donor is sent back to.
const BACK_CHARS_MAX: usize = 512;

/// Alipay accounts by the code of the receiving account.
#[derive(Default)]
pub struct Accounts(RwLock<HashMap<String, (ReceivingAccountId, Arc<Alipay>)>>);

impl Accounts {
    /// Replaces them all.
    pub fn set(&self, all: HashMap<String, (ReceivingAccountId, Arc<Alipay>)>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    fn find(&self, code: &str) -> Option<(ReceivingAccountId, Arc<Alipay>)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(code).cloned()
    }
}

/// What these handlers are given.
#[derive(Clone)]
struct Desk {
    giving: Giving,
    accounts: Arc<Accounts>,
}

/// The routes.
pub fn routes(giving: &Giving, accounts: &Arc<Accounts>) -> OpenApiRouter<Services> {
    let desk = Desk {
        giving: giving.clone(),
        accounts: Arc::clone(accounts),
    };
    let at = |routes: UtoipaMethodRouter<Desk>| {
        let (schemas, paths, router) = routes;
        let router = router.layer(DefaultBodyLimit::max(NOTICE_BYTES_MAX));
        (schemas, paths, router.with_state(desk.clone()))
    };
    OpenApiRouter::new()
        .public(at(routes!(receive)))
        .public(at(routes!(come_back)))
}

/// Takes a notice of Alipay's (异步通知): a signed form. Only `success` ends its repeats.
#[utoipa::path(
    post, path = "/api/v1/payments/alipay/{account}/notice", tag = "intake",
    params(("account" = String, Path, description = "code of the receiving account")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = String, description = "`success`: durable, or nothing to be done"),
        (status = 401, body = String, description = "`fail`: not signed by Alipay, or not meant for this account"),
        (status = 503, body = String, description = "`fail`: could not be stored now"),
    )
)]
async fn receive(State(desk): State<Desk>, Path(code): Path<String>, body: Bytes) -> Response {
    let Some((account, alipay)) = desk.accounts.find(&code) else {
        return (StatusCode::NOT_FOUND, FAIL).into_response();
    };
    match alipay.notice(&body).await {
        Ok(notice) => match take(&desk.giving, account, notice).await {
            Ok(()) => SUCCESS.into_response(),
            Err(error) => {
                tracing::warn!(account = %code, %error, "a notice of Alipay’s could not be taken now; it comes again");
                (StatusCode::SERVICE_UNAVAILABLE, FAIL).into_response()
            }
        },
        Err(NoticeRefusal::Later) => (StatusCode::SERVICE_UNAVAILABLE, FAIL).into_response(),
        Err(refusal) => {
            tracing::warn!(account = %code, reason = refusal.word(), %refusal, "a notice for Alipay’s address was refused");
            (StatusCode::UNAUTHORIZED, FAIL).into_response()
        }
    }
}

/// Does what a believed notice says; returns when it is durable.
async fn take(giving: &Giving, account: ReceivingAccountId, notice: Notice) -> Result<(), DonationError> {
    // Alipay tells of an order that is over or waits only what the next look at it finds too.
    let Event::Paid { payment, refunded } = notice.event else { return Ok(()) };
    let provider_no = payment.provider_no.clone();
    let confirmed = confirm(giving, account, payment).await?;
    tracing::info!(trade_no = %notice.trade_no, outcome = confirmed.as_str(), "a notice of Alipay’s was taken");
    let Some(refunded) = refunded else { return Ok(()) };
    let Some(refund_no) = refunded.refund_no else { return Ok(()) };
    let step = RefundStep::Done {
        provider_no,
        at: refunded.at.unwrap_or_else(|| giving.services.now()),
    };
    if !refund_told(giving, account, &refund_no, &step).await? {
        tracing::warn!(trade_no = %notice.trade_no, "Alipay tells of a refund that this house did not ask for");
    }
    Ok(())
}

/// Takes the donor's browser back from Alipay: a hint only. Whether it was paid is asked, then the donor goes on.
#[utoipa::path(
    get, path = "/api/v1/payments/alipay/{account}/return", tag = "intake",
    params(("account" = String, Path, description = "code of the receiving account")),
    responses((status = 303, description = "to the page from which the donor paid"))
)]
async fn come_back(State(desk): State<Desk>, Path(code): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let to = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == BACK_FIELD);
    let to = to.map(|(_, to)| to.into_owned()).filter(|to| is_local(to)).unwrap_or_else(|| "/".into());
    if let Some((account, alipay)) = desk.accounts.find(&code) {
        if let Ok(trade_no) = alipay.returned(&query) {
            match alipay.query(&trade_no).await {
                Ok(ChargeState::Paid(payment)) => {
                    // The notice, or the next look, does what cannot be done now.
                    if let Err(error) = confirm(&desk.giving, account, payment).await {
                        tracing::warn!(%trade_no, %error, "a payment told by Alipay could not be taken now");
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%trade_no, %error, "Alipay could not be asked about a payment"),
            }
        }
    }
    Redirect::to(&to).into_response()
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
