//! Beginning, confirming and closing a payment; looking after those that wait.

mod confirming;
mod reconciling;
mod refunding;

use kernel::id::{Id as _, hex};
use kernel::{Instant, OrderId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use serde_json::json;

use super::super::gateway::{Charge, ChargeState, Connected, GatewayError, PayStep, Way};
use super::super::model::{Order, OrderState};
use super::model::{Attempt, AttemptState, Swept};
use super::store;
use crate::State;
use crate::donations::error::DonationError;

pub(crate) use confirming::order_of;
pub use confirming::{Confirmed, confirm};
pub use reconciling::reconcile;
pub use refunding::refund_told;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "order.paid",
    "payment.begun",
    "payment.closed",
    "payment.reconciled",
    "payment.refund_sent",
    "payment.refund_settled",
];
/// A payment that waits is asked about when nothing was heard of it for so long: longer than a notice takes.
const ASK_AFTER_MICROS: i64 = 30 * 1_000_000;
/// Payments of one account asked about in one round: a burst is worked off within minutes, no provider is hammered.
const ASKED_PER_ROUND: i64 = 50;
/// The longest description: WeChat takes 127 bytes, which 42 characters of three bytes fill.
const DESCRIPTION_CHARS_MAX: usize = 42;

/// Begins the payment of an order, or begins it again under the same number; `back` is where the donor returns to.
/// Stored before the provider is asked. Fact `payment.begun`.
///
/// # Errors
/// [`DonationError`]: no such order, paid, closed, expired, not payable this way; the provider.
pub async fn pay(giving: &State, order: OrderId, way: &Way, back: &str) -> Result<PayStep, DonationError> {
    let services = &giving.services;
    let now = services.now();
    let (order, state, attempts) = load(giving, order).await?;
    match state {
        OrderState::Created | OrderState::Pending { .. } => {}
        OrderState::Paid { .. } | OrderState::Closed | OrderState::Expired => {
            return Err(DonationError::OrderOver(state.as_str()));
        }
    }
    if attempts
        .iter()
        .any(|attempt| matches!(attempt.state, AttemptState::Paid { .. }))
    {
        return Err(DonationError::OrderOver("paid"));
    }
    let project = giving.intake.directory().project(order.project);
    let project = project.ok_or(DonationError::NotFound("project"))?;
    let connected = giving
        .gateways
        .nearest(project.unit, way.provider(), &services.tree)
        .ok_or(DonationError::PaymentNotOffered)?;
    // One order is not to be paid twice: what was begun elsewhere is closed first.
    for other in attempts
        .iter()
        .filter(|a| a.state.is_open() && a.account != connected.account)
    {
        if close_attempt(giving, other).await? == Asked::Paid {
            return Err(DonationError::OrderOver("paid"));
        }
    }
    let attempt = Attempt {
        order: order.id,
        unit: connected.unit,
        account: connected.account,
        trade_no: order.trade_no.clone(),
        provider: way.provider(),
        way: way.as_str().to_owned(),
        expires_at: order.expires_at,
        checked_at: now,
        state: AttemptState::Pending,
    };
    let mut tx = services.db.begin().await?;
    if store::insert_attempt(&mut tx, &attempt).await? {
        let body =
            json!({ "provider": attempt.provider, "way": attempt.way, "account": hex(&attempt.account.bytes()) });
        finish(tx, services, &attempt, ("payment.begun", body)).await?;
    } else {
        tx.commit().await?;
    }
    let charge = Charge {
        trade_no: order.trade_no.clone(),
        amount: order.amount,
        description: description(giving, &order).await?,
        expires_at: order.expires_at,
    };
    Ok(connected.gateway.begin(&charge, way, back).await?)
}

/// The project's title, which the payer reads on the provider's page.
async fn description(giving: &State, order: &Order) -> Result<String, DonationError> {
    let mut at = giving.services.db.snapshot().await?;
    let project = crate::projects::store::project(&mut at, order.project).await?;
    let title = project.ok_or(DonationError::NotFound("project"))?.title;
    // Bills are tables without quotes: a comma in a title would shift their columns.
    let plain = |c: char| if c == ',' || c.is_control() { '，' } else { c };
    Ok(title.chars().take(DESCRIPTION_CHARS_MAX).map(plain).collect())
}

async fn load(giving: &State, id: OrderId) -> Result<(Order, OrderState, Vec<Attempt>), DonationError> {
    let mut at = giving.services.db.snapshot().await?;
    let order = super::super::find(&mut at, id).await?;
    let order = order.ok_or(DonationError::NotFound("order"))?;
    let state = store::state(&mut at, &order, giving.services.now()).await?;
    let attempts = store::attempts_of(&mut at, &order).await?;
    Ok((order, state, attempts))
}

/// Asks the providers about an order that waits, and confirms it if it was paid.
///
/// # Errors
/// [`DonationError`]: no such order; the provider.
pub async fn refresh(giving: &State, order: OrderId) -> Result<OrderState, DonationError> {
    let (order, state, attempts) = load(giving, order).await?;
    if matches!(state, OrderState::Paid { .. }) {
        return Ok(state);
    }
    for attempt in &attempts {
        ask(giving, attempt, giving.services.now()).await?;
    }
    Ok(load(giving, order.id).await?.1)
}

/// Closes an order's payments: the donor does not want to pay any more. What was paid meanwhile is a gift.
///
/// # Errors
/// [`DonationError`]: no such order; the provider.
pub async fn close(giving: &State, order: OrderId) -> Result<OrderState, DonationError> {
    let (order, state, attempts) = load(giving, order).await?;
    if matches!(state, OrderState::Paid { .. }) {
        return Ok(state);
    }
    for attempt in attempts.iter().filter(|a| a.state.is_open()) {
        close_attempt(giving, attempt).await?;
    }
    Ok(load(giving, order.id).await?.1)
}

/// Closes with the provider, then here. Fact `payment.closed`.
async fn close_attempt(giving: &State, attempt: &Attempt) -> Result<Asked, DonationError> {
    let connected = gateway_of(giving, attempt)?;
    match connected.gateway.close(&attempt.trade_no).await {
        Ok(()) => {}
        // It may have been paid in this very moment: then the provider knows, and so do we.
        Err(GatewayError::Refused { .. }) => {
            if let ChargeState::Paid(payment) = connected.gateway.query(&attempt.trade_no).await? {
                confirm(giving, attempt.account, payment).await?;
                return Ok(Asked::Paid);
            }
        }
        Err(error) => return Err(error.into()),
    }
    set_closed(giving, attempt).await?;
    Ok(Asked::Closed)
}

async fn set_closed(giving: &State, attempt: &Attempt) -> Result<(), DonationError> {
    let services = &giving.services;
    let mut tx = services.db.begin().await?;
    if store::set_state(&mut tx, attempt, &AttemptState::Closed, services.now()).await? {
        let body = json!({ "provider": attempt.provider, "account": hex(&attempt.account.bytes()) });
        return finish(tx, services, attempt, ("payment.closed", body)).await;
    }
    Ok(())
}

fn gateway_of(giving: &State, attempt: &Attempt) -> Result<Connected, DonationError> {
    let found = giving.gateways.of_account(attempt.account);
    found.ok_or(DonationError::PaymentNotOffered)
}

/// What asking about an attempt gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Waiting,
    Paid,
    Closed,
}

/// Asks the provider; what was paid is confirmed, what is over is closed.
async fn ask(giving: &State, attempt: &Attempt, now: Instant) -> Result<Asked, DonationError> {
    let connected = gateway_of(giving, attempt)?;
    match connected.gateway.query(&attempt.trade_no).await? {
        ChargeState::Paid(payment) => {
            confirm(giving, attempt.account, payment).await?;
            Ok(Asked::Paid)
        }
        ChargeState::Closed => {
            set_closed(giving, attempt).await?;
            Ok(Asked::Closed)
        }
        ChargeState::Waiting | ChargeState::Unknown if now >= attempt.expires_at && attempt.state.is_open() => {
            // Closed with the provider too, so that nobody pays what we no longer wait for; who pays before that
            // still gives.
            close_attempt(giving, attempt).await
        }
        ChargeState::Waiting | ChargeState::Unknown => Ok(Asked::Waiting),
    }
}

/// Looks after payments that wait and refunds that are on their way: what notices told late or never. One payment
/// that cannot be asked about keeps no other one waiting.
///
/// # Errors
/// [`DonationError`] of the database.
pub async fn sweep(giving: &State) -> Result<Swept, DonationError> {
    let services = &giving.services;
    let mut swept = Swept::default();
    for connected in giving.gateways.all().iter() {
        let now = services.now();
        let mut at = services.db.snapshot().await?;
        let before = now.plus_micros(-ASK_AFTER_MICROS);
        let waiting = store::waiting(&mut at, connected, before, ASKED_PER_ROUND).await?;
        drop(at);
        for attempt in waiting {
            let mut tx = services.db.begin().await?;
            if !store::claim(&mut tx, &attempt, now).await? {
                continue;
            }
            tx.commit().await?;
            swept.asked += 1;
            match ask(giving, &attempt, now).await {
                Ok(Asked::Paid) => swept.paid += 1,
                Ok(Asked::Closed) => swept.closed += 1,
                Ok(Asked::Waiting) => {}
                Err(DonationError::Db(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(order = ?attempt.order, %error, "a waiting payment could not be asked about")
                }
            }
        }
        swept.refunds += refunding::send_refunds(giving, connected, before).await?;
    }
    Ok(swept)
}

async fn finish(
    tx: db::Tx,
    services: &Services,
    attempt: &Attempt,
    (kind, body): (&'static str, serde_json::Value),
) -> Result<(), DonationError> {
    let fact = NewFact {
        unit: attempt.unit,
        kind,
        subject: attempt.order.bytes(),
        actor: None,
        body,
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
