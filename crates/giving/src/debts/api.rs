//! JSON of sponsors' debts, for those who keep the books.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{BusinessDay, Fen, Instant};
use ledger::LedgerError;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use platform::{Services, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions::{self, Paid, books_of};
use super::model::{Owed, Settlement};
use super::{queries, rules};
use crate::matching::{Pool, queries as pools};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::BooksRead, routes!(get_debt))
        .staff(Permission::BooksPost, routes!(settle_debt))
}

/// What a pool's sponsor owes.
#[derive(Debug, Serialize, ToSchema)]
struct DebtOut {
    /// The pool's word.
    pool: String,
    /// The sponsor's public name.
    sponsor: String,
    /// Matched and not taken back, in fen.
    #[schema(value_type = i64)]
    matched_fen: Fen,
    /// Paid and not reversed in the books, in fen.
    #[schema(value_type = i64)]
    settled_fen: Fen,
    /// Owed, in fen; below zero when the sponsor paid more than its matches are now.
    #[schema(value_type = i64)]
    owed_fen: Fen,
    /// Fund by fund.
    funds: Vec<OwedOut>,
    /// What was paid, oldest first, also what was reversed since.
    settlements: Vec<SettlementOut>,
    /// As of.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
}

/// What one fund is owed.
#[derive(Debug, Serialize, ToSchema)]
struct OwedOut {
    /// The fund's public id.
    fund: String,
    /// restricted, unrestricted, or none: only passed on.
    restriction: &'static str,
    /// Matched, in fen.
    #[schema(value_type = i64)]
    matched_fen: Fen,
    /// Paid, in fen.
    #[schema(value_type = i64)]
    settled_fen: Fen,
}

/// What a sponsor paid.
#[derive(Debug, Serialize, ToSchema)]
struct SettlementOut {
    /// 1, 2, 3 … within the pool.
    number: i64,
    /// In fen.
    #[schema(value_type = i64)]
    amount_fen: Fen,
    /// When it came.
    #[schema(value_type = String, format = Date)]
    paid_on: BusinessDay,
    /// The number of the bank's line or the voucher.
    memo_code: Option<String>,
    /// Who booked it: public id.
    booked_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    booked_at: Instant,
}

/// A sponsor's payment.
#[derive(Debug, Deserialize, ToSchema)]
struct SettleDebt {
    /// The caller's key, its own in the pool's unit.
    key: String,
    /// How much, in fen.
    #[schema(value_type = i64)]
    amount_fen: Fen,
    /// When it came into the bank; where the pool stands on a held gift, when it is taken out of it.
    #[schema(value_type = String, format = Date)]
    paid_on: BusinessDay,
    /// The number of the bank's line or the voucher.
    memo_code: Option<String>,
}

fn settlement_out(s: &Services, settlement: Settlement) -> SettlementOut {
    SettlementOut {
        number: settlement.number,
        amount_fen: settlement.amount,
        paid_on: settlement.paid_on,
        memo_code: settlement.memo_code,
        booked_by: public(&*s.keys, settlement.booked_by),
        booked_at: settlement.booked_at,
    }
}

fn owed_out(s: &Services, one: &Owed) -> OwedOut {
    OwedOut {
        fund: public(&*s.keys, one.fund),
        restriction: one.restriction.as_str(),
        matched_fen: one.matched,
        settled_fen: one.settled,
    }
}

fn of_db(error: db::DbError) -> Problem {
    problems::of_db(&error)
}

async fn named(s: &Services, code: &str) -> Result<Pool, Problem> {
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let view = pools::pool(&mut at, code).await.map_err(of_db)?;
    view.map(|view| view.pool).ok_or_else(Problem::not_found)
}

/// What the sponsor of a pool owes for its matches, fund by fund, and what it paid.
#[utoipa::path(get, path = "/api/v1/match/pools/{code}/debt", tag = "matching", params(("code" = String, Path)),
    responses((status = 200, body = DebtOut)))]
async fn get_debt(State(s): State<Services>, actor: Actor, Path(code): Path<String>) -> Result<Json<DebtOut>, Problem> {
    let pool = named(&s, &code).await?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let books = books_of(&mut at, &pool).await?;
    if actor.require(Permission::BooksRead, books).is_err() {
        return Err(Problem::not_found());
    }
    let debt = queries::debt(&mut at, books, &pool).await?;
    let sum = |of: fn(&Owed) -> Fen| Fen::sum(debt.funds.iter().map(of)).map_err(LedgerError::from);
    Ok(Json(DebtOut {
        matched_fen: sum(|one| one.matched)?,
        settled_fen: sum(|one| one.settled)?,
        owed_fen: rules::owed_in_all(&debt.funds).map_err(LedgerError::from)?,
        funds: debt.funds.iter().map(|one| owed_out(&s, one)).collect(),
        settlements: debt
            .settlements
            .into_iter()
            .map(|one| settlement_out(&s, one))
            .collect(),
        pool: pool.code,
        sponsor: pool.sponsor_name,
        as_of: s.now(),
    }))
}

/// Books what the sponsor of a pool paid: into the bank under an agreement, out of its own held gift where the pool stands on
/// one.
#[utoipa::path(post, path = "/api/v1/match/pools/{code}/settlements", tag = "matching",
    params(("code" = String, Path)), request_body = SettleDebt,
    responses((status = 201, body = SettlementOut, description = "booked; the same again for a repeat"),
        (status = 409, description = "less is owed, or the money is not there")))]
async fn settle_debt(
    State(s): State<Services>,
    actor: Actor,
    Path(code): Path<String>,
    Json(body): Json<SettleDebt>,
) -> Result<(StatusCode, Json<SettlementOut>), Problem> {
    let pool = named(&s, &code).await?;
    let paid = Paid {
        key: body.key,
        amount: body.amount_fen,
        on: body.paid_on,
        memo_code: body.memo_code,
    };
    let settlement = actions::settle(&s, &actor, pool.id, paid).await?;
    Ok((StatusCode::CREATED, Json(settlement_out(&s, settlement))))
}
