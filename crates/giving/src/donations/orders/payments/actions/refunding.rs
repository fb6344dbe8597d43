//! Sending approved refunds to the provider, and taking what it says of them.

use kernel::id::{Id as _, hex};
use kernel::{Instant, ReceivingAccountId, RefundId};
use platform::facts::{NewFact, append};
use serde_json::json;

use super::super::super::gateway::{Connected, GatewayError, RefundCharge, RefundStep};
use super::super::model::{refund_no, refund_of};
use super::super::store::{self, DueRefund};
use crate::State;
use crate::donations::error::DonationError;

/// Refunds of one account sent in one round.
const REFUNDS_PER_ROUND: i64 = 20;

/// Sends what was approved and asks about what is on its way; gives how many were looked at.
pub(super) async fn send_refunds(
    giving: &State,
    connected: &Connected,
    before: Instant,
) -> Result<usize, DonationError> {
    let mut at = giving.services.db.snapshot().await?;
    let due = store::due_refunds(&mut at, connected, before, REFUNDS_PER_ROUND).await?;
    drop(at);
    for each in &due {
        match send(giving, connected, each).await {
            Ok(()) => {}
            Err(DonationError::Db(error)) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(refund = ?each.refund, %error, "a refund could not be sent; it is tried again")
            }
        }
    }
    Ok(due.len())
}

/// Kept before it is sent, so that a request whose answer was lost is asked about, under the same number.
async fn send(giving: &State, connected: &Connected, due: &DueRefund) -> Result<(), DonationError> {
    let services = &giving.services;
    let mut tx = services.db.begin().await?;
    if store::insert_refund(&mut tx, connected, due, services.now()).await? {
        let body = json!({ "provider": connected.gateway.provider(), "amount_fen": due.amount });
        let fact = NewFact {
            unit: connected.unit,
            kind: "payment.refund_sent",
            subject: due.refund.bytes(),
            actor: None,
            body,
        };
        append(&mut tx, fact, services).await?;
    }
    tx.commit().await?;
    let charge = RefundCharge {
        refund_no: refund_no(due.refund),
        trade_no: due.trade_no.clone(),
        amount: due.amount,
        paid: due.paid,
        reason: due.reason.clone(),
    };
    let step = match due.sent {
        true => connected.gateway.query_refund(&charge).await?,
        false => RefundStep::Unknown,
    };
    let step = match step {
        RefundStep::Unknown => match connected.gateway.refund(&charge).await {
            Err(GatewayError::Refused { code, .. }) => RefundStep::Failed { code },
            step => step?,
        },
        step => step,
    };
    settle(giving, connected, due.refund, &step).await
}

/// Takes what a verified refund notice said; false when the number is none of ours.
///
/// # Errors
/// [`DonationError`]: no such account; the database.
pub async fn refund_told(
    giving: &State,
    account: ReceivingAccountId,
    number: &str,
    step: &RefundStep,
) -> Result<bool, DonationError> {
    let connected = giving.gateways.of_account(account);
    let connected = connected.ok_or(DonationError::NotFound("account"))?;
    let Some(refund) = refund_of(number) else {
        return Ok(false);
    };
    let mut at = giving.services.db.snapshot().await?;
    let known = store::knows_refund(&mut at, &connected, number).await?;
    drop(at);
    if known {
        settle(giving, &connected, refund, step).await?;
    }
    Ok(known)
}

/// Fact `payment.refund_settled` when it ended, well or not.
async fn settle(
    giving: &State,
    connected: &Connected,
    refund: RefundId,
    step: &RefundStep,
) -> Result<(), DonationError> {
    let services = &giving.services;
    let mut tx = services.db.begin().await?;
    let ended = store::set_refund(&mut tx, connected, refund, (step, services.now())).await?;
    if ended {
        let code = match step {
            RefundStep::Failed { code } => Some(code),
            _ => None,
        };
        if let Some(code) = code {
            tracing::error!(refund = %hex(&refund.bytes()), %code, "a refund failed at the payment provider; pay it back by hand");
        }
        let body = json!({ "provider": connected.gateway.provider(), "done": code.is_none(), "code": code });
        let fact = NewFact {
            unit: connected.unit,
            kind: "payment.refund_settled",
            subject: refund.bytes(),
            actor: None,
            body,
        };
        append(&mut tx, fact, services).await?;
    }
    tx.commit().await?;
    if ended {
        services.facts_written.notify_waiters();
    }
    Ok(())
}
