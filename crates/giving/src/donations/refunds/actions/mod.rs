//! Asking for a refund, approving and rejecting it; what a case decided about one; taking an import back.

mod by_case;
mod of_match;
mod take_back;

use std::time::Duration;

use db::{DbError, Tx};
use governance::approvals::actions as approvals;
use kernel::id::{Id as _, hex};
use kernel::{ActorId, Fen, GiftId, JournalId, RefundId};
use ledger::journal::id_for;
use ledger::journal::shapes::{When, gift_refunded};
use ledger::{Entry, GiftBooking, Header};
use platform::Services;
use platform::facts::{NewFact, append, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::error::DonationError;
use super::approval;
use super::model::{Refund, RefundReason, RefundState, remaining};
use super::store::{self, BookedGift, TotalChange};
use crate::matching::actions as matching;
use crate::matching::store::locked_of;

pub(super) use by_case::settle;
pub(crate) use of_match::take_back_match;
pub use take_back::{TakenBack, take_back_import};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "refund.requested",
    "refund.approved",
    "refund.rejected",
    "gift.taken_back",
    "import.taken_back",
];
/// The longest key of a request: a UUID and room.
const KEY_CHARS_MAX: usize = 80;
/// How often a decision is tried again when another transaction was in its way.
const ATTEMPTS: u32 = 4;
/// The pause before that, times the attempt.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks for a refund of a gift, whole or in part; needs [`Permission::RefundRequest`] where its money is. The same
/// key with the same request is answered with the same refund. Fact `refund.requested`; where the unit has published a
/// policy for refunds, a case opens with it.
///
/// # Errors
/// [`DonationError`]: not allowed, no such gift, more than is left, the key used for something else, what the engine says
/// of the case.
pub async fn request(
    services: &Services,
    by: &Actor,
    what: (GiftId, Fen, RefundReason),
    key: &str,
) -> Result<Refund, DonationError> {
    request_saying(services, by, what, (key, "")).await
}

/// The same with words for those who decide, which stand in the case alone.
///
/// # Errors
/// As [`request`].
pub async fn request_saying(
    services: &Services,
    by: &Actor,
    (gift, amount, reason): (GiftId, Fen, RefundReason),
    (key, words): (&str, &str),
) -> Result<Refund, DonationError> {
    by.require_somewhere(Permission::RefundRequest)?;
    if key.is_empty() || key.len() > KEY_CHARS_MAX {
        return Err(DonationError::Invalid {
            field: "key",
            why: "1 to 80 characters, made once by the form",
        });
    }
    if matches!(reason, RefundReason::ImportReversal | RefundReason::MatchShrunk) {
        return Err(DonationError::Invalid {
            field: "reason",
            why: "this one comes by itself: an import taken back, a match that shrinks with its gift",
        });
    }
    if !amount.is_positive() {
        return Err(DonationError::Invalid {
            field: "amount_fen",
            why: "above zero",
        });
    }
    let mut tx = services.db.begin().await?;
    let booked = visible(&mut tx, by, Permission::RefundRequest, gift).await?;
    if let Some(before) = store::by_key(&mut tx, booked.unit, key).await? {
        let same = before.gift == gift && before.amount == amount && before.reason == reason;
        return if same {
            Ok(before)
        } else {
            Err(DonationError::KeyReused)
        };
    }
    let refunds = store::of_gift(&mut tx, booked.unit, gift).await?;
    if refunds.len() as i64 >= store::REFUNDS_OF_GIFT_MAX {
        return Err(DonationError::Invalid {
            field: "gift",
            why: "there are too many refunds of this gift",
        });
    }
    enough(&booked, &refunds, None, amount)?;
    not_locked(&mut tx, &booked, &refunds, (None, amount)).await?;
    let now = services.now();
    let refund = Refund {
        id: RefundId::new(now, &*services.rng),
        unit: booked.unit,
        gift,
        amount,
        reason,
        requested_by: by.id,
        requested_at: now,
        business_day: now.business_day(),
        state: RefundState::Requested,
    };
    store::insert(&mut tx, &refund, key).await?;
    if approvals::is_published(&mut tx, services, refund.unit, approval::KIND).await? {
        append(&mut tx, fact(by.id, &booked, ("refund.requested", &refund)), services).await?;
        let case = approval::new_case(services, &refund, words);
        approvals::submit_with(tx, services, by, case).await?;
    } else {
        conclude(tx, fact(by.id, &booked, ("refund.requested", &refund)), services).await?;
    }
    Ok(refund)
}

/// What an approval gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// The refund, approved.
    pub refund: Refund,
    /// The journal in the books.
    pub journal: JournalId,
}

/// Approves a refund: books it, adds it to the totals. Needs [`Permission::RefundApprove`] and another person than the
/// one who asked. Approving again is answered with the first approval. Where a case decides, this only carries out what
/// it approved and what could not be done then. Fact `refund.approved`.
///
/// # Errors
/// [`DonationError`]: not allowed, the same person, rejected before, more than is left, a case decides.
pub async fn approve(services: &Services, by: &Actor, id: RefundId) -> Result<Approval, DonationError> {
    let mut attempt = 1;
    loop {
        match approve_once(services, by, id).await {
            Err(error) if error.is_contended() && attempt < ATTEMPTS => {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            decided => return decided,
        }
    }
}

async fn approve_once(services: &Services, by: &Actor, id: RefundId) -> Result<Approval, DonationError> {
    let mut tx = services.db.begin().await?;
    let (mut refund, booked) = for_decision(&mut tx, by, id).await?;
    match refund.state {
        RefundState::Approved { journal, .. } => return Ok(Approval { refund, journal }),
        RefundState::Rejected { .. } => return Err(DonationError::AlreadyDecided("rejected")),
        RefundState::Requested => {}
    }
    let course = approval::course(&mut tx, services, &refund).await?;
    if course.by_case && !course.is_approved() {
        return Err(DonationError::NeedsApproval);
    }
    still_there(&mut tx, &refund, &booked).await?;
    let journal = give_back(&mut tx, services, by.id, (&mut refund, &booked)).await?;
    finish(tx, services, by, &booked, ("refund.approved", &refund)).await?;
    Ok(Approval { refund, journal })
}

/// Whether what was asked for can still be given back.
async fn still_there(tx: &mut Tx, refund: &Refund, booked: &BookedGift) -> Result<(), DonationError> {
    let refunds = store::of_gift(tx, booked.unit, booked.id).await?;
    enough(booked, &refunds, Some(refund.id), refund.amount)?;
    not_locked(tx, booked, &refunds, (Some(refund.id), refund.amount)).await
}

/// Gives the money back in the books: matches shrink, the journal and the totals follow. The gift is held by the caller,
/// who looked whether it is [`still_there`].
async fn give_back(
    tx: &mut Tx,
    services: &Services,
    by: ActorId,
    (refund, booked): (&mut Refund, &BookedGift),
) -> Result<JournalId, DonationError> {
    let now = services.now();
    let refunds = store::of_gift(tx, booked.unit, booked.id).await?;
    let given_back = approved_sum(&refunds)?
        .plus(refund.amount)
        .map_err(ledger::LedgerError::from)?;
    let what = matching::Refunded {
        gift: booked.id,
        refunded: given_back,
        why: crate::matching::Reason::Refunded,
    };
    matching::shrink(tx, services, by, what).await?;
    let journal = post(tx, services, by, (&*refund, booked)).await?;
    refund.business_day = now.business_day();
    refund.state = RefundState::Approved { by, at: now, journal };
    store::decide(tx, refund).await?;
    let key = (booked.project_unit, booked.project, booked.channel, refund.business_day);
    let change = TotalChange {
        refunds: 1,
        refund_sum: refund.amount,
        ..TotalChange::default()
    };
    store::add_total(tx, key, change).await?;
    Ok(journal)
}

/// What has been given back so far.
fn approved_sum(refunds: &[Refund]) -> Result<Fen, DonationError> {
    let approved = refunds
        .iter()
        .filter(|refund| matches!(refund.state, RefundState::Approved { .. }));
    let sum = Fen::sum(approved.map(|refund| refund.amount));
    Ok(sum.map_err(ledger::LedgerError::from)?)
}

/// Rejects a refund; the gift's amount is free again. Another person than the one who asked. Fact `refund.rejected`.
///
/// # Errors
/// [`DonationError`]: not allowed, the same person, approved before, a case decides.
pub async fn reject(services: &Services, by: &Actor, id: RefundId) -> Result<Refund, DonationError> {
    let mut tx = services.db.begin().await?;
    let (mut refund, booked) = for_decision(&mut tx, by, id).await?;
    match refund.state {
        RefundState::Rejected { .. } => return Ok(refund),
        RefundState::Approved { .. } => return Err(DonationError::AlreadyDecided("approved")),
        RefundState::Requested => {}
    }
    if approval::course(&mut tx, services, &refund).await?.by_case {
        return Err(DonationError::NeedsApproval);
    }
    refund.state = RefundState::Rejected {
        by: by.id,
        at: services.now(),
    };
    store::decide(&mut tx, &refund).await?;
    finish(tx, services, by, &booked, ("refund.rejected", &refund)).await?;
    Ok(refund)
}

/// The gift, held, if the actor may act where its money is; else it does not exist for her.
async fn visible(tx: &mut Tx, by: &Actor, permission: Permission, gift: GiftId) -> Result<BookedGift, DonationError> {
    let booked = store::lock_gift(tx, gift)
        .await?
        .ok_or(DonationError::NotFound("gift"))?;
    if by.require(permission, booked.unit).is_err() {
        Err(DonationError::NotFound("gift"))
    } else {
        Ok(booked)
    }
}

/// The refund and its gift, both held, if the actor may decide and did not ask herself.
async fn for_decision(tx: &mut Tx, by: &Actor, id: RefundId) -> Result<(Refund, BookedGift), DonationError> {
    by.require_somewhere(Permission::RefundApprove)?;
    let seen = store::find(tx, id).await?.ok_or(DonationError::NotFound("refund"))?;
    let booked = visible(tx, by, Permission::RefundApprove, seen.gift).await?;
    // Read again now that the gift is held: another decision may have been under way.
    let refund = store::find(tx, id).await?.ok_or(DonationError::NotFound("refund"))?;
    if refund.requested_by == by.id {
        Err(DonationError::FourEyes)
    } else {
        Ok((refund, booked))
    }
}

fn enough(gift: &BookedGift, refunds: &[Refund], but: Option<RefundId>, wanted: Fen) -> Result<(), DonationError> {
    let left = remaining(gift.amount, refunds, but).map_err(ledger::LedgerError::from)?;
    let left = left.ok_or(DonationError::TakenBack)?;
    if wanted > left {
        Err(DonationError::RefundTooMuch { remaining: left })
    } else {
        Ok(())
    }
}

/// What matching pools have locked of a gift stays: their matches were promised against it.
async fn not_locked(
    tx: &mut Tx,
    gift: &BookedGift,
    refunds: &[Refund],
    (but, wanted): (Option<RefundId>, Fen),
) -> Result<(), DonationError> {
    let locked = locked_of(tx, gift.id).await?;
    if locked == Fen::ZERO {
        return Ok(());
    }
    let left = remaining(gift.amount, refunds, but).map_err(ledger::LedgerError::from)?;
    let free = left
        .unwrap_or_default()
        .minus(locked)
        .map_err(ledger::LedgerError::from)?;
    if wanted > free {
        return Err(DonationError::BacksPool {
            free: free.max(Fen::ZERO),
        });
    }
    Ok(())
}

/// The gift as it was booked: read from its own postings, so that a refund undoes exactly those accounts.
fn booking_of(gift: &BookedGift, entries: &[Entry]) -> Result<GiftBooking, DonationError> {
    let odd = || DonationError::Db(DbError::Other("a gift’s journal does not have its two lines".into()));
    let credit = entries
        .iter()
        .find(|entry| !entry.amount.is_positive())
        .ok_or_else(odd)?;
    let fund = credit.dims.fund.ok_or_else(odd)?;
    Ok(GiftBooking {
        gift: gift.id,
        unit: credit.dims.unit,
        channel: gift.channel,
        project: gift.project,
        campaign: credit.dims.campaign,
        fund,
        restriction: credit.dims.restriction(),
        amount: gift.amount,
        posting_day: gift.business_day,
        business_day: gift.business_day,
    })
}

async fn post(
    tx: &mut Tx,
    services: &Services,
    by: ActorId,
    (refund, gift): (&Refund, &BookedGift),
) -> Result<JournalId, DonationError> {
    let now = services.now();
    let day = now.business_day();
    let entries = ledger::entries(tx, JournalId::from_bytes(gift.id.bytes())).await?;
    let booking = booking_of(gift, &entries)?;
    let id = id_for(day, now, &*services.rng);
    let when = When {
        id,
        posting_day: day,
        business_day: day,
    };
    let journal = gift_refunded::journal(&booking, refund.amount, when).map_err(ledger::LedgerError::from)?;
    // The request's key is unique in the books: one refund is never booked twice, whatever went wrong above.
    let key = format!("refund:{}", hex(&refund.id.bytes()));
    let request = json!({ "gift": hex(&gift.id.bytes()), "amount_fen": refund.amount }).to_string();
    let header = Header {
        created_at: now,
        actor: Some(by),
        memo_code: None,
        request: Some((key, request)),
    };
    ledger::post(tx, &journal, &header, services).await?;
    Ok(id)
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    gift: &BookedGift,
    what: (&'static str, &Refund),
) -> Result<(), DonationError> {
    Ok(conclude(tx, fact(by.id, gift, what), services).await?)
}

fn fact(by: ActorId, gift: &BookedGift, (kind, refund): (&'static str, &Refund)) -> NewFact {
    let body = json!({
        "gift": hex(&gift.id.bytes()),
        "project": hex(&gift.project.bytes()),
        "amount_fen": refund.amount,
        "reason": refund.reason,
    });
    NewFact {
        unit: gift.project_unit,
        kind,
        subject: refund.id.bytes(),
        actor: Some(by),
        body,
    }
}
