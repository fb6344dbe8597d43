//! What staff see of payments through providers: each day's comparison of bill and gifts.

use axum::Extension;
use axum::extract::State;
use kernel::id::public;
use kernel::{BusinessDay, Instant};
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, Problem, Query};

use super::super::orders::payments::{self, Reconciliation};
use super::{Desk, of_db};

/// Comparisons in one answer: a month of a city with some accounts.
const RECONCILIATIONS_MAX: i64 = 200;

/// A day's bill compared with our gifts.
#[derive(Serialize, ToSchema)]
pub(super) struct ReconciliationOut {
    /// The unit's public id.
    unit: String,
    /// The account's code.
    account: String,
    /// The day.
    #[schema(value_type = String, format = Date)]
    day: BusinessDay,
    /// Payments in the bill.
    lines: i64,
    /// Of these, gifts that we had.
    agreed: i64,
    /// Of these, what notices had missed: gifts since.
    found: i64,
    /// Of these, held for review.
    held: i64,
    /// Numbers of gifts of ours that the bill does not have.
    missing: Vec<String>,
    /// Numbers of refunds in the bill that we did not ask for.
    refunds_unknown: Vec<String>,
    /// When it was compared.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

fn out(desk: &Desk, found: Reconciliation) -> ReconciliationOut {
    let account = desk.giving.intake.directory().account(found.account);
    ReconciliationOut {
        unit: public(&*desk.giving.services.keys, found.unit),
        account: account.map(|account| account.code.clone()).unwrap_or_default(),
        day: found.day,
        lines: found.lines,
        agreed: found.agreed,
        found: found.found,
        held: found.held,
        missing: found.missing,
        refunds_unknown: found.refunds_unknown,
        at: found.at,
    }
}

/// The latest comparisons, newest day first.
#[utoipa::path(get, path = "/api/v1/payments/reconciliations", tag = "payments",
    responses((status = 200, body = Listing<ReconciliationOut>)))]
pub(super) async fn list_reconciliations(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Listing<ReconciliationOut>>, Problem> {
    let services = &desk.giving.services;
    let scope = actor.scope_for(Permission::GiftRead);
    let mut at = services.db.snapshot().await.map_err(of_db)?;
    let found = payments::reconciliations(&mut at, (&scope, &services.tree), RECONCILIATIONS_MAX)
        .await
        .map_err(of_db)?;
    let items = found.into_iter().map(|each| out(&desk, each)).collect();
    Ok(Json(Listing::cut(items, usize::MAX, |each: &ReconciliationOut| {
        each.account.clone()
    })))
}

/// Which day of which account.
#[derive(Deserialize)]
pub(super) struct ReconcileQuery {
    /// The account's code.
    account: String,
    /// The day, which is over.
    day: BusinessDay,
}

/// Fetches a day's bill and compares it now; the same again finds nothing new.
#[utoipa::path(post, path = "/api/v1/payments/reconcile", tag = "payments",
    params(("account" = String, Query, description = "code of the account"),
        ("day" = String, Query, description = "the day, YYYY-MM-DD")),
    responses((status = 200, body = ReconciliationOut), (status = 503, description = "the provider cannot be asked now")))]
pub(super) async fn reconcile_day(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ReconcileQuery>,
) -> Result<Json<ReconciliationOut>, Problem> {
    let account = desk.giving.intake.directory().account_by_code(&query.account);
    let account = account.ok_or_else(|| Problem::invalid("account", "unknown"))?;
    actor
        .require(Permission::GiftImport, account.unit)
        .map_err(|_| Problem::forbidden())?;
    if query.day >= desk.giving.services.now().business_day() {
        return Err(Problem::invalid("day", "a day that is over"));
    }
    let connected = desk.giving.gateways.of_account(account.id);
    let connected = connected.ok_or_else(|| Problem::invalid("account", "no payment provider is connected to it"))?;
    let found = payments::reconcile(&desk.giving, &connected, query.day).await?;
    Ok(Json(out(&desk, found)))
}
