//! What a case decided about a refund, carried out in the reaction's transaction.

use db::{DbError, Tx};
use governance::approvals::CaseState;
use governance::approvals::queries::{CaseRow, decided_by};
use kernel::id::{Id as _, hex};
use kernel::{ActorId, RefundId};
use platform::Services;
use platform::facts::append;

use super::super::model::RefundState;
use super::super::store;
use super::{fact, give_back, still_there};
use crate::donations::error::DonationError;

/// Gives back what a case approved, and ends the request that it refused or that its asker took back. A refund that was
/// decided before stays as it is. Facts `refund.approved`, `refund.rejected`, by whom the case was decided.
///
/// # Errors
/// [`DonationError`]; when it is no longer there or locked, nothing was written.
pub(in crate::donations::refunds) async fn settle(
    tx: &mut Tx,
    services: &Services,
    case: &CaseRow,
) -> Result<(), DonationError> {
    let id = RefundId::from_bytes(case.subject.bytes());
    let Some(seen) = store::find(tx, id).await?.filter(|refund| refund.unit == case.unit) else {
        return Ok(());
    };
    let booked = store::lock_gift(tx, seen.gift)
        .await?
        .ok_or(DonationError::NotFound("gift"))?;
    // Read again now that the gift is held.
    let mut refund = store::find(tx, id).await?.ok_or(DonationError::NotFound("refund"))?;
    if refund.state != RefundState::Requested {
        return Ok(());
    }
    let kind = match case.state {
        CaseState::Approved => {
            still_there(tx, &refund, &booked).await?;
            let by = decider(tx, case).await?;
            give_back(tx, services, by, (&mut refund, &booked)).await?;
            "refund.approved"
        }
        CaseState::Refused => {
            let by = decider(tx, case).await?;
            refund.state = RefundState::Rejected { by, at: services.now() };
            store::decide(tx, &refund).await?;
            "refund.rejected"
        }
        // Who asked for the refund takes it back with its case; another’s case about it leaves it as it was.
        CaseState::Withdrawn if case.asked_by == refund.requested_by => {
            refund.state = RefundState::Rejected {
                by: case.asked_by,
                at: services.now(),
            };
            store::decide(tx, &refund).await?;
            "refund.rejected"
        }
        CaseState::Withdrawn | CaseState::Open | CaseState::SentBack => return Ok(()),
    };
    let by = match refund.state {
        RefundState::Approved { by, .. } | RefundState::Rejected { by, .. } => by,
        RefundState::Requested => return Ok(()),
    };
    let mut fact = fact(by, &booked, (kind, &refund));
    fact.body["approval"] = hex(&case.id.bytes()).into();
    append(tx, fact, services).await?;
    Ok(())
}

/// With whose word the case was decided.
async fn decider(tx: &mut Tx, case: &CaseRow) -> Result<ActorId, DonationError> {
    let by = decided_by(tx, case.id).await?;
    by.ok_or_else(|| DonationError::Db(DbError::Other("a decided case in which nobody spoke".into())))
}
