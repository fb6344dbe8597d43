//! A payment that a provider tells of becomes a gift, once.

use kernel::id::{Id as _, hex};
use kernel::{Fen, GiftId, ReceivingAccountId, ReviewId};
use platform::facts::{NewFact, conclude};
use serde_json::json;

use super::super::super::actions::payer_of;
use super::super::super::gateway::Payment;
use super::super::super::model::{Order, merge};
use super::super::super::store::{find, find_by_trade_no};
use super::super::model::{Attempt, AttemptState};
use super::super::store;
use super::finish;
use crate::State;
use crate::donations::error::DonationError;
use crate::donations::imports::known_numbers;
use crate::donations::intake::{AccountEntry, Prepared, prepare};
use crate::donations::model::{Incoming, Outcome, Payer, Source};

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// A gift, new and durable.
    Recorded(GiftId),
    /// A gift that we had.
    Known(GiftId),
    /// Held for review: the amount is not the order's, or not the first one told.
    Held(ReviewId),
}

impl Confirmed {
    /// The word of logs and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded(_) => "recorded",
            Self::Known(_) => "known",
            Self::Held(_) => "held",
        }
    }
}

/// Takes a payment that was told by a verified notice, a query or a bill. Idempotent; returns when it is durable. A
/// payment without an order of ours is a gift for the unit's general project.
///
/// # Errors
/// [`DonationError`]: no such account; the intake is full or the database refuses: told again later, it is taken.
pub async fn confirm(
    giving: &State,
    account: ReceivingAccountId,
    payment: Payment,
) -> Result<Confirmed, DonationError> {
    let services = &giving.services;
    let entry = giving.intake.directory().account(account);
    let entry = entry.ok_or(DonationError::NotFound("account"))?;
    let (attempt, order) = order_of(giving, &entry, &payment.trade_no).await?;
    let provider_no = payment.provider_no.clone();
    let (number, known) = known_as(giving, &entry, &payment).await?;
    let mut incoming = incoming(giving, &entry, payment, order.as_ref())?;
    incoming.trade_no = number;
    let paid = incoming.amount;
    let prepared = prepare(incoming, services)?.of_order(order.as_ref());
    let confirmed = match &order {
        // After a reviewer's decision the same notice is a repeat.
        Some(order) if order.amount != paid && known != Some(paid) => {
            Confirmed::Held(hold(giving, &entry, prepared, order).await?)
        }
        _ => match giving.intake.submit(prepared).await? {
            Outcome::Recorded(gift) => Confirmed::Recorded(gift),
            Outcome::Known(gift) => Confirmed::Known(gift),
            Outcome::Held { review, .. } => Confirmed::Held(review),
        },
    };
    if let Some(attempt) = attempt {
        set_paid(giving, &attempt, provider_no, confirmed).await?;
    }
    Ok(confirmed)
}

/// The order behind a number, and the attempt by which it is paid here.
pub(crate) async fn order_of(
    giving: &State,
    entry: &AccountEntry,
    trade_no: &str,
) -> Result<(Option<Attempt>, Option<Order>), DonationError> {
    let mut at = giving.services.db.snapshot().await?;
    let attempt = store::attempt(&mut at, (entry.unit, entry.id, trade_no)).await?;
    let order = match &attempt {
        Some(attempt) => find(&mut at, attempt.order).await?,
        None => find_by_trade_no(&mut at, entry.unit, entry.id, trade_no).await?,
    };
    Ok((attempt, order))
}

fn incoming(
    giving: &State,
    entry: &AccountEntry,
    payment: Payment,
    order: Option<&Order>,
) -> Result<Incoming, DonationError> {
    let directory = giving.intake.directory();
    let project = match order {
        Some(order) => order.project,
        None => {
            let general = directory.general_project(entry.unit);
            general.ok_or(DonationError::NotFound("general project"))?.id
        }
    };
    let mut incoming = Incoming {
        account: entry.id,
        project,
        trade_no: payment.trade_no,
        amount: payment.amount,
        paid_at: payment.paid_at,
        business_day: payment.paid_at.business_day(),
        payer: Payer {
            id: payment.payer_id,
            ..Payer::default()
        },
        anonymous: false,
        receipt: None,
        source: Source::Notice,
    };
    if let Some(order) = order {
        merge(&mut incoming, order, payer_of(order, &giving.services), true);
    }
    Ok(incoming)
}

/// The number under which a payment stands or will stand, and the amount of the gift that it is: its own number, unless a
/// file that was imported by hand brought it under the provider's.
async fn known_as(
    giving: &State,
    entry: &AccountEntry,
    payment: &Payment,
) -> Result<(String, Option<Fen>), DonationError> {
    let (own, other) = (&payment.trade_no, &payment.provider_no);
    let mut at = giving.services.db.snapshot().await?;
    let known = known_numbers(&mut at, entry.unit, entry.id, &[own.as_str(), other.as_str()]).await?;
    let number = if !known.contains_key(own) && known.contains_key(other) {
        other
    } else {
        own
    };
    Ok((number.clone(), known.get(number).copied()))
}

/// Holds a payment whose amount is not its order's. Fact `gift.held`.
async fn hold(
    giving: &State,
    entry: &AccountEntry,
    prepared: Prepared,
    order: &Order,
) -> Result<ReviewId, DonationError> {
    let services = &giving.services;
    let now = services.now();
    let review = ReviewId::new(now, &*services.rng);
    let mut tx = services.db.begin().await?;
    let about = (entry.unit, entry.channel, order.amount);
    let (review, is_new) = crate::donations::review::hold_of_order(&mut tx, &prepared, about, (review, now)).await?;
    if is_new {
        let body = json!({
            "project": hex(&order.project.bytes()),
            "account": hex(&entry.id.bytes()),
            "channel": entry.channel,
            "amount_fen": prepared.amount,
            "ordered_fen": order.amount,
            "day": prepared.business_day,
        });
        let fact = NewFact {
            unit: entry.unit,
            kind: "gift.held",
            subject: review.bytes(),
            actor: None,
            body,
        };
        conclude(tx, fact, services).await?;
    }
    Ok(review)
}

/// Marks the attempt. Fact `order.paid`, once.
async fn set_paid(
    giving: &State,
    attempt: &Attempt,
    provider_no: String,
    confirmed: Confirmed,
) -> Result<(), DonationError> {
    let services = &giving.services;
    let body = json!({
        "provider": attempt.provider,
        "provider_no": provider_no,
        "account": hex(&attempt.account.bytes()),
        "outcome": if matches!(confirmed, Confirmed::Held(_)) { "held" } else { "gift" },
    });
    let mut tx = services.db.begin().await?;
    let state = AttemptState::Paid { provider_no };
    if store::set_state(&mut tx, attempt, &state, services.now()).await? {
        finish(tx, services, attempt, ("order.paid", body)).await?;
    }
    Ok(())
}
