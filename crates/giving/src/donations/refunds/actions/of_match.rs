//! A match that shrinks: to the books and totals it is a refund of the sponsor's gift, decided with that of the gift it
//! matched.

use db::Tx;
use kernel::{ActorId, Fen, GiftId, RefundId};
use platform::Services;

use super::super::model::{Refund, RefundReason, RefundState};
use super::super::store::{self, TotalChange};
use super::post;
use crate::donations::error::DonationError;

/// Books that so much of a match went back. The pool is held by the caller, whose fact this is.
///
/// # Errors
/// [`DonationError`].
pub(crate) async fn take_back_match(
    tx: &mut Tx,
    services: &Services,
    by: ActorId,
    (gift, back): (GiftId, Fen),
) -> Result<(), DonationError> {
    let booked = store::lock_gift(tx, gift)
        .await?
        .ok_or(DonationError::NotFound("gift"))?;
    let now = services.now();
    let mut refund = Refund {
        id: RefundId::new(now, &*services.rng),
        unit: booked.unit,
        gift,
        amount: back,
        reason: RefundReason::MatchShrunk,
        requested_by: by,
        requested_at: now,
        business_day: now.business_day(),
        state: RefundState::Requested,
    };
    let key = format!("match:{}", kernel::id::hex(&kernel::id::Id::bytes(refund.id)));
    store::insert(tx, &refund, &key).await?;
    let journal = post(tx, services, by, (&refund, &booked)).await?;
    refund.state = RefundState::Approved { by, at: now, journal };
    store::decide(tx, &refund).await?;
    let key = (booked.project_unit, booked.project, booked.channel, refund.business_day);
    let change = TotalChange {
        refunds: 1,
        refund_sum: back,
        ..TotalChange::default()
    };
    Ok(store::add_total(tx, key, change).await?)
}
