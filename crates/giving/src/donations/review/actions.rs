//! Deciding about what was held.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{GiftId, ReviewId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::error::DonationError;
use super::super::intake::prepare;
use super::super::model::{Incoming, Outcome, Payer, Source};
use super::super::orders::payments::order_of;
use super::super::receipts::store as receipts;
use super::store::{self, Dismissal, Held, ReviewState};
use crate::State;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["review.accepted", "review.dismissed"];

/// What a held line became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The gift of its own.
    pub gift: GiftId,
}

/// Accepts a held line as a gift of its own. Fact `review.accepted`, beside the gift's own.
///
/// # Errors
/// [`DonationError`]: not allowed, dismissed before, the number taken.
pub async fn accept(giving: &State, by: &Actor, id: ReviewId) -> Result<Accepted, DonationError> {
    let services = &giving.services;
    let (held, trade_no) = match reserve_number(services, by, id).await? {
        Reserved::Before(gift) => return Ok(Accepted { gift }),
        Reserved::Now(held, trade_no) => (held, trade_no),
    };
    let payer = payer_of(&held, services)?;
    let receipt = {
        let mut at = services.db.snapshot().await?;
        receipts::wish(&mut at, held.unit, held.id).await?
    };
    let incoming = Incoming {
        account: held.account,
        project: held.project,
        trade_no,
        amount: held.amount,
        paid_at: held.paid_at,
        business_day: held.business_day,
        payer,
        anonymous: held.anonymous,
        receipt,
        source: Source::Review,
    };
    // The intake writes in a transaction of its own: ours is over by now, and the same call again goes on from here.
    let order = match giving.intake.directory().account(held.account) {
        Some(entry) => order_of(giving, &entry, &held.trade_no).await?.1,
        None => None,
    };
    let prepared = prepare(incoming, services)?.of_order(order.as_ref());
    let gift = match giving.intake.submit(prepared).await? {
        Outcome::Recorded(gift) | Outcome::Known(gift) => gift,
        Outcome::Held { .. } => return Err(DonationError::NumberTaken),
    };
    let mut tx = services.db.begin().await?;
    if store::set_accepted(&mut tx, id, gift, services.now()).await? {
        let body = json!({ "gift": hex(&gift.bytes()), "known": known_hex(&held), "amount_fen": held.amount });
        finish(tx, services, by, &held, ("review.accepted", body)).await?;
    }
    Ok(Accepted { gift })
}

enum Reserved {
    /// It was accepted before.
    Before(GiftId),
    /// It is to come in under this number.
    Now(Box<Held>, String),
}

async fn reserve_number(services: &Services, by: &Actor, id: ReviewId) -> Result<Reserved, DonationError> {
    let mut tx = services.db.begin().await?;
    let held = visible(&mut tx, by, id).await?;
    match &held.state {
        ReviewState::Accepted { gift } => Ok(Reserved::Before(*gift)),
        ReviewState::Dismissed { .. } => Err(DonationError::AlreadyDecided("dismissed")),
        ReviewState::Accepting { trade_no } => {
            let trade_no = trade_no.clone();
            Ok(Reserved::Now(Box::new(held), trade_no))
        }
        ReviewState::Waiting => {
            let before = store::accepted_before(&mut tx, &held).await?;
            let free = before == 0 && held.known.is_none() && !store::number_is_taken(&mut tx, &held).await?;
            // Its own number when no gift has it; else `#2` for the first that is accepted beside it, then `#3`, …
            let trade_no = if free {
                held.trade_no.clone()
            } else {
                format!("{}#{}", held.trade_no, before + 2)
            };
            store::set_accepting(&mut tx, id, &trade_no, (by.id, services.now())).await?;
            tx.commit().await?;
            Ok(Reserved::Now(Box::new(held), trade_no))
        }
    }
}

/// Dismisses a held line: it is no gift of its own. Fact `review.dismissed`.
///
/// # Errors
/// [`DonationError`]: not allowed, accepted before, dismissed before for another reason.
pub async fn dismiss(services: &Services, by: &Actor, id: ReviewId, reason: Dismissal) -> Result<(), DonationError> {
    let mut tx = services.db.begin().await?;
    let held = visible(&mut tx, by, id).await?;
    match held.state {
        ReviewState::Dismissed { reason: before } if before == reason => return Ok(()),
        ReviewState::Dismissed { .. } => return Err(DonationError::AlreadyDecided("dismissed")),
        ReviewState::Accepted { .. } => return Err(DonationError::AlreadyDecided("accepted")),
        ReviewState::Accepting { .. } => return Err(DonationError::AlreadyDecided("accepting")),
        ReviewState::Waiting => {}
    }
    store::set_dismissed(&mut tx, id, reason, (by.id, services.now())).await?;
    let body = json!({ "known": known_hex(&held), "amount_fen": held.amount, "reason": reason });
    finish(tx, services, by, &held, ("review.dismissed", body)).await
}

/// The held line, locked, if the actor decides where its money is; else it does not exist for her.
async fn visible(tx: &mut Tx, by: &Actor, id: ReviewId) -> Result<Held, DonationError> {
    by.require_somewhere(Permission::GiftReview)?;
    let held = store::lock(tx, id).await?.ok_or(DonationError::NotFound("held line"))?;
    if by.require(Permission::GiftReview, held.unit).is_err() {
        return Err(DonationError::NotFound("held line"));
    }
    Ok(held)
}

fn known_hex(held: &Held) -> Option<String> {
    held.known.map(|gift| hex(&gift.bytes()))
}

/// The payer opened, to be sealed again under the secret of the gift to be. After erasure there is nobody.
fn payer_of(held: &Held, services: &Services) -> Result<Payer, DonationError> {
    let (Some(wrapped), Some(sealed)) = (&held.secret_wrapped, &held.payer_sealed) else {
        return Ok(Payer::default());
    };
    let plain = services.keys.gift_secret(wrapped)?.open("payer", sealed)?;
    Ok(serde_json::from_slice(&plain).unwrap_or_default())
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    held: &Held,
    (kind, body): (&'static str, serde_json::Value),
) -> Result<(), DonationError> {
    let fact = NewFact {
        unit: held.unit,
        kind,
        subject: held.id.bytes(),
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
