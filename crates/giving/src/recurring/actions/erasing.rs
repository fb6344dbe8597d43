//! Erasing a donor out of mandates and agreements: what ran ends, name and contact go, numbers and days stay.

use db::{DbError, Reads, Tx};
use kernel::id::Id as _;
use platform::Services;
use platform::identity::Actor;
use serde_json::json;

use super::super::error::RecurringError;
use super::super::model::{Agreement, AgreementId, ByWhom, EndReason, EndedHow, Mandate, MandateId, MandateState};
use super::super::{rules, store};
use super::{conclude_for, finish, own};
use crate::donations::orders;
use crate::my_gifts::Session;

/// Mandates of one contact that are looked at: more than a donor makes in years.
const MANDATES_MAX: i64 = 200;
/// Months of one mandate that are looked at: a century.
const MONTHS_MAX: i64 = 1_200;

/// What still names a contact, running or over.
pub(crate) struct Held {
    /// Mandates.
    pub mandates: Vec<Mandate>,
    /// Agreements to be told of progress.
    pub agreements: Vec<Agreement>,
}

/// What still names this contact.
///
/// # Errors
/// Any [`DbError`].
pub(crate) async fn held(at: &mut impl Reads, session: &Session) -> Result<Held, DbError> {
    let of = (session.kind.as_str(), session.index.as_slice());
    Ok(Held {
        mandates: store::of_contact(at, of, MANDATES_MAX).await?,
        agreements: store::all_agreements_of(at, &session.index).await?,
    })
}

/// Ends a mandate of this contact where it runs, and forgets its donor with the orders of its unpaid months; whether it
/// named her still. Fact `mandate.ended` or `mandate.forgotten`.
///
/// # Errors
/// [`RecurringError`].
pub(crate) async fn erase_mandate(
    services: &Services,
    by: Option<&Actor>,
    session: &Session,
    id: MandateId,
) -> Result<bool, RecurringError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut mandate = match own(&mut tx, session, id).await {
        Ok(mandate) => mandate,
        Err(RecurringError::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let (by_whom, end) = match by {
        Some(_) => (ByWhom::Staff, EndReason::Staff),
        None => (ByWhom::Donor, EndReason::Donor),
    };
    let is_over = matches!(mandate.state, MandateState::Ended { .. });
    if !is_over {
        mandate.state = rules::end(mandate.state, end)?;
        mandate.state_at = now;
        store::update(&mut tx, &mandate).await?;
        store::add_change(&mut tx, &mandate, (by_whom, by.map(|by| by.id), "erased"), now).await?;
        store::drop_of(&mut tx, mandate.unit, mandate.id.bytes(), now).await?;
    }
    store::forget_unpaid(&mut tx, &mandate).await?;
    forget_replaced(&mut tx, &mandate).await?;
    store::forget(&mut tx, &mandate).await?;
    let actor = by.map(|by| by.id);
    let (kind, body) = if is_over {
        ("mandate.forgotten", json!({}))
    } else {
        (
            "mandate.ended",
            json!({ "by": by_whom, "state": mandate.state.as_str() }),
        )
    };
    finish(tx, services, (&mandate, actor), (kind, body)).await?;
    Ok(true)
}

/// Forgets who was to pay the orders of a mandate's months that nobody paid, those too that another has replaced since.
async fn forget_replaced(tx: &mut Tx, mandate: &Mandate) -> Result<(), RecurringError> {
    for month in store::months_of(tx, mandate, MONTHS_MAX).await? {
        for nth in 1..=month.orders {
            let key = rules::order_key(mandate.id, month.period, nth);
            let Some(order) = store::order_of_month(tx, mandate, key).await? else {
                continue;
            };
            let Some(order) = orders::find(tx, order).await? else {
                continue;
            };
            if orders::payment_of(tx, &order).await?.is_none() {
                store::forget_order(tx, order.id).await?;
            }
        }
    }
    Ok(())
}

/// Ends an agreement of this contact where it runs, and forgets whom it names; whether it named her still. What proves
/// that it was there stays. Fact `news.agreement_ended`, unless it had ended before.
///
/// # Errors
/// [`RecurringError::Db`].
pub(crate) async fn erase_agreement(
    services: &Services,
    by: Option<&Actor>,
    session: &Session,
    id: AgreementId,
) -> Result<bool, RecurringError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let found = store::agreement(&mut tx, id).await?;
    let Some(agreement) = found.filter(|a| a.contact == session.kind && a.index == session.index) else {
        return Ok(false);
    };
    let ended = store::end_agreement(&mut tx, &agreement, (EndedHow::Erased, now)).await?;
    store::forget_agreement(&mut tx, &agreement).await?;
    store::drop_of(&mut tx, agreement.unit, agreement.id.bytes(), now).await?;
    if !ended {
        tx.commit().await?;
        return Ok(true);
    }
    let of = (agreement.unit, agreement.id.bytes(), by.map(|by| by.id));
    let body = json!({ "how": EndedHow::Erased });
    conclude_for(tx, services, of, ("news.agreement_ended", body)).await?;
    Ok(true)
}
