//! Taking an import back: a mistake of file, project or account is undone as if it had not been, and stays visible.

use std::collections::BTreeMap;

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Channel, Fen, GiftId, ImportId, JournalId, MoneyError, ProjectId, RefundId, UnitId};
use ledger::journal::id_for;
use ledger::{Entry, GiftBooking, Header, Journal, JournalKind, LedgerError};
use platform::Services;
use platform::facts::{NewFact, append, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::store::{self, BookedGift, TotalChange};
use super::{ATTEMPTS, PAUSE, booking_of};
use crate::donations::error::DonationError;
use crate::matching::actions as matching;

/// Gifts in one transaction: short enough to let the intake through between two of them.
const GIFTS_PER_PART: i64 = 500;
/// A run that began longer ago and never ended was cut off: no file takes an hour.
const RUNNING_MICROS: i64 = 3_600 * 1_000_000;

/// What taking an import back did, over all calls for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenBack {
    /// Gifts taken back.
    pub gifts: i64,
    /// Their sum.
    pub sum: Fen,
    /// Gifts that stay because a refund of them was asked for or approved, or because they back a matching pool: money
    /// moved or was promised, a person must look.
    pub kept: i64,
}

/// Takes an import back, part by part; cut off, the same call goes on; called again, it changes nothing. Needs
/// [`Permission::GiftImport`]. A fact `gift.taken_back` for each gift, one `import.taken_back` at the end.
///
/// # Errors
/// [`DonationError`]: not allowed, no such import, still running. What parts before the error did stays done.
pub async fn take_back_import(services: &Services, by: &Actor, id: ImportId) -> Result<TakenBack, DonationError> {
    by.require_somewhere(Permission::GiftImport)?;
    let mut after = GiftId::from_bytes([0; 16]);
    let mut attempt = 1;
    loop {
        match part(services, by, id, after).await {
            Ok(Some(last)) => (after, attempt) = (last, 1),
            Ok(None) => break,
            Err(error) if error.is_contended() && attempt < ATTEMPTS => {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
    close(services, by, id).await
}

/// The import's unit, if the actor takes imports back there; the import is held.
async fn visible(tx: &mut Tx, services: &Services, by: &Actor, id: ImportId) -> Result<(UnitId, bool), DonationError> {
    let (unit, state, started_at) = store::lock_import(tx, id)
        .await?
        .ok_or(DonationError::NotFound("import"))?;
    if by.require(Permission::GiftImport, unit).is_err() {
        return Err(DonationError::NotFound("import"));
    }
    if state == "running" && services.now() < started_at.plus_micros(RUNNING_MICROS) {
        return Err(DonationError::ImportRunning);
    }
    Ok((unit, state == "taken_back"))
}

/// One part; gives the last gift looked at, or nothing at the end.
async fn part(services: &Services, by: &Actor, id: ImportId, after: GiftId) -> Result<Option<GiftId>, DonationError> {
    let mut tx = services.db.begin().await?;
    let (_, done) = visible(&mut tx, services, by, id).await?;
    if done {
        return Ok(None);
    }
    let lines = store::lock_lines(&mut tx, id, after, GIFTS_PER_PART).await?;
    let Some((last, _)) = lines.last().copied() else {
        return Ok(None);
    };
    let gifts: Vec<BookedGift> = lines
        .into_iter()
        .filter(|(_, refunded)| !refunded)
        .map(|(gift, _)| gift)
        .collect();
    if !gifts.is_empty() {
        undo(&mut tx, services, by, (id, &gifts)).await?;
        store::set_import_state(&mut tx, id, "taking_back").await?;
        tx.commit().await?;
        services.facts_written.notify_waiters();
    }
    Ok(Some(last.id))
}

/// What shares one journal of a part: the same accounts of the books, the same business day.
type Group = (UnitId, ProjectId, Channel, BusinessDay);

async fn undo(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (import, gifts): (ImportId, &[BookedGift]),
) -> Result<(), DonationError> {
    let now = services.now();
    for gift in gifts {
        let what = matching::Refunded {
            gift: gift.id,
            refunded: gift.amount,
            why: crate::matching::Reason::Refunded,
        };
        matching::shrink(tx, services, by.id, what).await?;
    }
    let mut groups: BTreeMap<Group, Vec<&BookedGift>> = BTreeMap::new();
    for gift in gifts {
        groups
            .entry((gift.unit, gift.project, gift.channel, gift.business_day))
            .or_default()
            .push(gift);
    }
    let mut marked = Vec::with_capacity(gifts.len());
    let mut totals = BTreeMap::new();
    for (group, members) in &groups {
        let sum = Fen::sum(members.iter().map(|gift| gift.amount)).map_err(LedgerError::from)?;
        let journal = post(tx, services, by, (members[0], sum)).await?;
        let refund_id = || RefundId::new(now, &*services.rng);
        marked.extend(members.iter().map(|gift| (refund_id(), **gift, journal)));
        let (_, project, channel, day) = *group;
        let entry: &mut TotalChange = totals
            .entry((members[0].project_unit, project, channel, day))
            .or_default();
        entry.gifts -= members.len() as i64;
        entry.sum = entry.sum.minus(sum).map_err(LedgerError::from)?;
    }
    // The end of an import's id is random: the freed number differs from that of any other run with the same file.
    let suffix = format!("~{}", hex(&import.bytes()[10..]));
    store::mark_taken_back(tx, &marked, (by.id, now), &suffix).await?;
    for (key, change) in totals {
        store::add_total(tx, key, change).await?;
    }
    for gift in gifts {
        let body = json!({
            "import": hex(&import.bytes()),
            "project": hex(&gift.project.bytes()),
            "amount_fen": gift.amount,
            "day": gift.business_day,
        });
        let fact = NewFact {
            unit: gift.project_unit,
            kind: "gift.taken_back",
            subject: gift.id.bytes(),
            actor: Some(by.id),
            body,
        };
        append(tx, fact, services).await?;
    }
    Ok(())
}

/// One journal undoes all gifts of a group: the mirror of theirs, on their business day, since they never happened.
async fn post(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (one, sum): (&BookedGift, Fen),
) -> Result<JournalId, DonationError> {
    let now = services.now();
    let entries = ledger::entries(tx, JournalId::from_bytes(one.id.bytes())).await?;
    let booking = booking_of(one, &entries)?;
    let posting_day = now.business_day();
    let id = id_for(posting_day, now, &*services.rng);
    let lines = mirror(&booking, sum).map_err(LedgerError::from)?;
    let journal = Journal::new(JournalKind::Reversal, id, posting_day, one.business_day, lines.to_vec());
    let journal = journal.map_err(LedgerError::from)?;
    let header = Header {
        created_at: now,
        actor: Some(by.id),
        memo_code: None,
        request: None,
    };
    ledger::post(tx, &journal, &header, services).await?;
    Ok(id)
}

fn mirror(booking: &GiftBooking, sum: Fen) -> Result<[Entry; 2], MoneyError> {
    Ok([
        Entry::debit(booking.credit_dims(), sum),
        Entry::credit(booking.debit_dims(), sum)?,
    ])
}

async fn close(services: &Services, by: &Actor, id: ImportId) -> Result<TakenBack, DonationError> {
    let mut tx = services.db.begin().await?;
    let (unit, done) = visible(&mut tx, services, by, id).await?;
    let (gifts, sum, kept) = store::outcome_of(&mut tx, id).await?;
    if !done {
        store::set_import_state(&mut tx, id, "taken_back").await?;
        let body = json!({ "gifts": gifts, "sum_fen": sum, "kept": kept });
        let fact = NewFact {
            unit,
            kind: "import.taken_back",
            subject: id.bytes(),
            actor: Some(by.id),
            body,
        };
        conclude(tx, fact, services).await?;
    }
    Ok(TakenBack { gifts, sum, kept })
}
