//! JSON of payouts, for staff.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Channel, Fen, Instant, Order, PayoutId, UnitId};
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, Ask};
use super::model::{Payout, PayoutState};
use super::queries;
use crate::actions::Slip;
use crate::api::booking::known_fund;
use crate::api::id_of;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::BooksRead, routes!(list_payouts))
        .staff(Permission::BooksPost, routes!(ask_payout))
        .staff(Permission::PayoutApprove, routes!(approve_payout))
        .staff(Permission::PayoutApprove, routes!(reject_payout))
}

/// Money of others to be passed on.
#[derive(Debug, Deserialize, ToSchema)]
struct PayoutIn {
    /// The caller's key, its own in the unit's books.
    key: String,
    /// Whose books: a unit's public id.
    unit: String,
    /// The day it is passed on; not after today.
    #[schema(value_type = String)]
    business_day: BusinessDay,
    /// The voucher's number.
    memo_code: Option<String>,
    /// The fund that keeps it apart.
    fund: String,
    /// Out of which pocket: bank, cash, wechat …
    #[schema(value_type = String)]
    paid_from: Channel,
    /// The amount, above zero.
    #[schema(value_type = i64)]
    amount_fen: Fen,
}

/// A payout.
#[derive(Debug, Serialize, ToSchema)]
struct PayoutOut {
    /// Public id.
    payout: String,
    /// Whose books.
    unit: String,
    /// The fund.
    fund: String,
    /// Out of which pocket.
    #[schema(value_type = String)]
    paid_from: Channel,
    /// The amount in fen.
    amount_fen: i64,
    /// The day it is passed on.
    #[schema(value_type = String)]
    business_day: BusinessDay,
    /// The voucher's number.
    memo_code: Option<String>,
    /// `requested`, `approved` or `rejected`.
    state: &'static str,
    /// Who asked: public id.
    requested_by: String,
    /// When.
    #[schema(value_type = String)]
    requested_at: Instant,
    /// Who decided: public id.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    decided_at: Option<Instant>,
    /// The journal in the books, once approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<String>,
}

fn out(s: &Services, payout: &Payout) -> PayoutOut {
    let (decided, journal) = match payout.state {
        PayoutState::Requested => (None, None),
        PayoutState::Approved { by, at, journal } => (Some((by, at)), Some(journal)),
        PayoutState::Rejected { by, at } => (Some((by, at)), None),
    };
    PayoutOut {
        payout: public(&*s.keys, payout.id),
        unit: public(&*s.keys, payout.unit),
        fund: public(&*s.keys, payout.fund),
        paid_from: payout.channel,
        amount_fen: payout.amount.get(),
        business_day: payout.business_day,
        memo_code: payout.memo_code.clone(),
        state: payout.state.as_str(),
        requested_by: public(&*s.keys, payout.requested_by),
        requested_at: payout.requested_at,
        decided_by: decided.map(|(by, _)| public(&*s.keys, by)),
        decided_at: decided.map(|(_, at)| at),
        journal: journal.map(|journal| public(&*s.keys, journal)),
    }
}

/// `?state=&sort=&limit=&cursor=`.
#[derive(Debug, Deserialize)]
struct PayoutsQuery {
    state: Option<String>,
    sort: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Payouts in a state; without one those that wait, oldest first unless another order is asked for.
#[utoipa::path(get, path = "/api/v1/books/payouts", tag = "books",
    params(("state" = Option<String>, Query),
        ("sort" = Option<String>, Query, description = "oldest, newest, smallest or largest"),
        ("limit" = Option<u16>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<PayoutOut>)))]
async fn list_payouts(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<PayoutsQuery>,
) -> Result<Json<Listing<PayoutOut>>, Problem> {
    let page = PageRequest {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after: Option<(Fen, String)> = page.after()?;
    let after = after
        .map(|(amount, text)| id_of::<PayoutId>(&s, "cursor", &text).map(|id| (amount, id)))
        .transpose()?;
    let order = web::paging::order(query.sort.as_deref())?.unwrap_or(Order::Oldest);
    let state = query.state.as_deref().unwrap_or("requested");
    if !PayoutState::WORDS.contains(&state) {
        let words = PayoutState::WORDS.join(", ");
        return Err(Problem::invalid("state", format!("one of {words} is expected")));
    }
    let scope = actor.scope_for(Permission::BooksRead);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::list(&mut at, (state, order), (&scope, &s.tree), after, limit as i64 + 1).await;
    let found = found.map_err(|e| problems::of_db(&e))?;
    let items = found.iter().map(|payout| out(&s, payout)).collect();
    Ok(Json(Listing::cut(items, limit, |payout: &PayoutOut| {
        (payout.amount_fen, payout.payout.clone())
    })))
}

/// Asks for a payout of money held for others. Another person must approve it; nothing is booked before.
#[utoipa::path(post, path = "/api/v1/books/payouts", tag = "books", request_body = PayoutIn,
    responses((status = 201, body = PayoutOut, description = "asked for; the same again for a repeat"),
        (status = 409, description = "the fund holds less for others")))]
async fn ask_payout(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<PayoutIn>,
) -> Result<(StatusCode, Json<PayoutOut>), Problem> {
    let unit: UnitId = id_of(&s, "unit", &body.unit)?;
    actor.require(Permission::BooksPost, unit)?;
    let fund = known_fund(&s, unit, Some(&body.fund)).await?;
    let fund = fund.ok_or_else(|| Problem::invalid("fund", "a fund is expected"))?;
    let slip = Slip {
        key: body.key,
        unit,
        business_day: body.business_day,
        memo_code: body.memo_code,
    };
    let what = Ask {
        fund,
        channel: body.paid_from,
        amount: body.amount_fen,
    };
    let payout = actions::ask(&s, &actor, slip, what).await?;
    Ok((StatusCode::CREATED, Json(out(&s, &payout))))
}

fn payout_of(s: &Services, text: &str) -> Result<PayoutId, Problem> {
    id_of(s, "payout", text).map_err(|_| Problem::not_found())
}

/// Approves a payout that someone else asked for, and books it.
#[utoipa::path(post, path = "/api/v1/books/payouts/{payout}/approve", tag = "books", params(("payout" = String, Path)),
    responses((status = 200, body = PayoutOut), (status = 403, description = "who asked may not approve")))]
async fn approve_payout(
    State(s): State<Services>,
    actor: Actor,
    Path(payout): Path<String>,
) -> Result<Json<PayoutOut>, Problem> {
    let payout = actions::approve(&s, &actor, payout_of(&s, &payout)?).await?;
    Ok(Json(out(&s, &payout)))
}

/// Rejects a payout that someone else asked for.
#[utoipa::path(post, path = "/api/v1/books/payouts/{payout}/reject", tag = "books", params(("payout" = String, Path)),
    responses((status = 200, body = PayoutOut)))]
async fn reject_payout(
    State(s): State<Services>,
    actor: Actor,
    Path(payout): Path<String>,
) -> Result<Json<PayoutOut>, Problem> {
    let payout = actions::reject(&s, &actor, payout_of(&s, &payout)?).await?;
    Ok(Json(out(&s, &payout)))
}
