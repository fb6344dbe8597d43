//! `POST /api/v1/notices/{account}`: a signed payment notice, the plain kind every partner can send.
//!
//! The body is read once, its signature checked over the very bytes, then parsed; only a gift that is durable is
//! answered with 200. A repeat gets the same answer; the same number with another amount 202; a full queue 503.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use kernel::id::public;
use kernel::{Fen, GiftId, Instant};
use platform::Services;
use serde::{Deserialize, Serialize};
use web::problem::{self, Kind};
use web::{Problem, Reader};

use super::intake::{IntakeError, RETRY_AFTER_SECONDS, prepare};
use super::model::{Incoming, Outcome, Payer, Source, certificate_id};
use super::orders;
use super::receipts::ReceiptWish;
use crate::State as Giving;
use crate::teams::{self, Tags};

/// The header that carries `hex(HMAC-SHA256(secret, body))`.
pub const SIGNATURE_HEADER: &str = "x-signature";
/// A notice is a few hundred bytes; this leaves room for long names.
pub const NOTICE_BYTES_MAX: usize = 16 * 1024;

/// The signature is missing or wrong.
pub const BAD_SIGNATURE: Kind = Kind::new("bad-signature", 401);
/// No account has this word, or it is closed.
pub const UNKNOWN_ACCOUNT: Kind = Kind::new("unknown-account", 404);
/// No project has this word.
pub const UNKNOWN_PROJECT: Kind = Kind::new("unknown-project", 422);

/// A payment notice.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The payment's number, unique in the account.
    pub trade_no: String,
    /// The amount paid, in fen.
    pub amount_fen: i64,
    /// When it was paid, RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    pub paid_at: Instant,
    /// The project's code; the unit's general project when absent.
    #[serde(default)]
    pub project: Option<String>,
    /// Who paid.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub payer: Payer,
    /// Whether the name is to be shown nowhere.
    #[serde(default)]
    pub anonymous: bool,
    /// The public id of a team of the project.
    #[serde(default)]
    pub team: Option<String>,
    /// A channel tag or region code that leads the gift to a county.
    #[serde(default)]
    pub from: Option<String>,
    /// What the giver said about a receipt.
    #[serde(default)]
    pub receipt: Option<ReceiptWish>,
}

/// The answer to a recorded notice: public ids.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Recorded {
    /// The gift.
    pub gift: String,
    /// Its certificate; the number follows in a moment.
    pub certificate: String,
}

/// The answer to a held notice.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HeldForReview {
    /// The review that waits for a decision.
    pub held: String,
    /// Why.
    pub reason: &'static str,
}

/// Takes a payment notice.
#[utoipa::path(
    post, path = "/api/v1/notices/{account}", tag = "intake",
    params(("account" = String, Path, description = "code of the receiving account")),
    request_body = Notice,
    responses(
        (status = 200, body = Recorded, description = "durable; the same again for a repeat"),
        (status = 202, body = HeldForReview, description = "the number is known with another amount"),
        (status = 401, description = "signature missing or wrong"),
        (status = 413, description = "larger than a notice is"),
        (status = 503, description = "send it again after Retry-After"),
    )
)]
pub async fn receive(
    State(giving): State<Giving>,
    Path(code): Path<String>,
    reader: Reader,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let taken = async {
        // Read here and not by an extractor: what is too large is refused in our words.
        let body = web::extract::read_body(body, NOTICE_BYTES_MAX).await?;
        take(&giving, &code, &parts.headers, &body).await
    };
    taken.await.unwrap_or_else(|problem| problem.respond(reader.locale()))
}

async fn take(giving: &Giving, code: &str, headers: &HeaderMap, body: &[u8]) -> Result<Response, Problem> {
    let (mut incoming, tags) = read(giving, code, headers, body)?;
    let paid = incoming.amount;
    // Only numbers of our own making can have an order: the others pay no look into the database.
    let order = match incoming.trade_no.starts_with(orders::TRADE_NO_PREFIX) {
        true => orders::complete(&mut incoming, giving).await?,
        false => None,
    };
    if !tags.is_empty()
        && let Some(account) = giving.intake.directory().account(incoming.account)
    {
        // Before the gift is recorded, so that whoever counts it knows; only notices that say so pay for it.
        teams::actions::attribute_notice(&giving.services, &incoming, account.unit, &tags).await?;
    }
    let prepared = prepare(incoming, &giving.services).map_err(|e| Problem::invalid("body", e))?;
    let prepared = prepared.of_order(order.as_ref());
    let outcome = giving.intake.submit(prepared).await.map_err(unavailable)?;
    if let Some(order) = order {
        orders::settle(giving, &order, paid, outcome).await;
    }
    Ok(answer(outcome, &giving.services))
}

/// Reads and verifies without touching the database: what the bench measures as bare HTTP.
///
/// # Errors
/// A [`Problem`] that names the field.
pub fn verified(giving: &Giving, code: &str, headers: &HeaderMap, body: &[u8]) -> Result<Incoming, Problem> {
    read(giving, code, headers, body).map(|(incoming, _)| incoming)
}

/// The same with what the notice says of team and county.
fn read(giving: &Giving, code: &str, headers: &HeaderMap, body: &[u8]) -> Result<(Incoming, Tags), Problem> {
    if body.len() > NOTICE_BYTES_MAX {
        return Err(Problem::new(problem::TOO_LARGE).arg("limit", NOTICE_BYTES_MAX));
    }
    let directory = giving.intake.directory();
    let account = directory
        .account_by_code(code)
        .ok_or_else(|| Problem::new(UNKNOWN_ACCOUNT))?;
    let signature = headers
        .get(SIGNATURE_HEADER)
        .and_then(|value| data_encoding::HEXLOWER_PERMISSIVE.decode(value.as_bytes()).ok())
        .ok_or_else(|| Problem::new(BAD_SIGNATURE))?;
    ring::hmac::verify(&account.signature, body, &signature).map_err(|_| Problem::new(BAD_SIGNATURE))?;
    // The strict reader names the field and never repeats a value, which may be a name; only what is wrong pays for it.
    let notice: Notice = serde_json::from_slice(body).or_else(|_| web::extract::from_json(body))?;
    let project = match &notice.project {
        Some(code) => directory
            .project_by_code(code)
            .ok_or_else(|| Problem::new(UNKNOWN_PROJECT).field("project"))?,
        None => directory
            .general_project(account.unit)
            .ok_or_else(|| Problem::new(UNKNOWN_PROJECT))?,
    };
    let tags = Tags {
        team: notice.team,
        from: notice.from,
    };
    let incoming = Incoming {
        account: account.id,
        project: project.id,
        trade_no: notice.trade_no,
        amount: Fen::new(notice.amount_fen),
        paid_at: notice.paid_at,
        business_day: notice.paid_at.business_day(),
        payer: notice.payer,
        anonymous: notice.anonymous,
        receipt: notice.receipt,
        source: Source::Notice,
    };
    Ok((incoming, tags))
}

/// The problem of an intake that could not take a gift.
pub fn unavailable(error: IntakeError) -> Problem {
    match error {
        IntakeError::Full | IntakeError::Unavailable => Problem::unavailable(RETRY_AFTER_SECONDS),
    }
}

/// The answer with public ids.
fn answer(outcome: Outcome, services: &Services) -> Response {
    match outcome {
        Outcome::Recorded(gift) | Outcome::Known(gift) => axum::Json(recorded(gift, services)).into_response(),
        Outcome::Held { review, .. } => {
            let body = HeldForReview {
                held: public(&*services.keys, review),
                reason: "another_amount",
            };
            (StatusCode::ACCEPTED, axum::Json(body)).into_response()
        }
    }
}

/// Public ids of a gift and its certificate.
pub fn recorded(gift: GiftId, services: &Services) -> Recorded {
    Recorded {
        gift: public(&*services.keys, gift),
        certificate: public(&*services.keys, certificate_id(gift)),
    }
}
