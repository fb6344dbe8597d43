//! Asking for a payout, approving and rejecting it.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{Channel, Fen, FundId, JournalId, PayoutId};
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Payout, PayoutState};
use super::store;
use crate::LedgerError;
use crate::actions::{Need, Purse, Slip, check, check_held};
use crate::journal::shapes::When;
use crate::journal::shapes::agency::{self, Agency};
use crate::journal::store::{Header, post};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["payout.requested", "payout.approved", "payout.rejected"];

/// What is to be passed on. The caller has checked that the books know the fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The fund that keeps the money apart.
    pub fund: FundId,
    /// Out of which pocket.
    pub channel: Channel,
    /// The amount.
    pub amount: Fen,
}

/// Asks for a payout; needs [`Permission::BooksPost`]. The same key with the same content is answered with the same
/// payout. Fact `payout.requested`.
///
/// # Errors
/// [`LedgerError`]; [`LedgerError::FundLacks`] when the fund holds less for others.
pub async fn ask(services: &Services, by: &Actor, slip: Slip, what: Ask) -> Result<Payout, LedgerError> {
    by.require(Permission::BooksPost, slip.unit)?;
    let now = services.now();
    check(&slip, now.business_day())?;
    if !what.amount.is_positive() {
        return Err(LedgerError::Field {
            field: "amount_fen",
            reason: "above zero",
        });
    }
    let mut tx = services.db.begin().await?;
    if let Some(first) = store::by_key(&mut tx, slip.unit, &slip.key).await? {
        let asked = (
            first.fund,
            first.channel,
            first.amount,
            first.business_day,
            &first.memo_code,
        );
        let same = asked == (what.fund, what.channel, what.amount, slip.business_day, &slip.memo_code);
        return if same { Ok(first) } else { Err(LedgerError::KeyReused) };
    }
    check_held(&mut tx, slip.unit, need(&what)).await?;
    let payout = Payout {
        id: PayoutId::new(now, &*services.rng),
        unit: slip.unit,
        fund: what.fund,
        channel: what.channel,
        amount: what.amount,
        business_day: slip.business_day,
        memo_code: slip.memo_code,
        requested_by: by.id,
        requested_at: now,
        state: PayoutState::Requested,
    };
    store::insert(&mut tx, &payout, &slip.key).await?;
    finish(tx, services, by, ("payout.requested", &payout)).await?;
    Ok(payout)
}

fn need(what: &Ask) -> Need {
    Need {
        fund: Some(what.fund),
        purse: Purse::Agency,
        amount: what.amount,
    }
}

/// Approves a payout that another person asked for, and books it; needs [`Permission::PayoutApprove`]. Approving again
/// is answered with the first approval. Fact `payout.approved`.
///
/// # Errors
/// [`LedgerError`]: the same person, rejected before, the fund holds less by now.
pub async fn approve(services: &Services, by: &Actor, id: PayoutId) -> Result<Payout, LedgerError> {
    let mut tx = services.db.begin().await?;
    let mut payout = for_decision(&mut tx, by, id).await?;
    match payout.state {
        PayoutState::Approved { .. } => return Ok(payout),
        PayoutState::Rejected { .. } => return Err(LedgerError::AlreadyDecided("rejected")),
        PayoutState::Requested => {}
    }
    let what = Ask {
        fund: payout.fund,
        channel: payout.channel,
        amount: payout.amount,
    };
    check_held(&mut tx, payout.unit, need(&what)).await?;
    let now = services.now();
    let journal = JournalId::new(now, &*services.rng);
    let passed_on = Agency {
        unit: payout.unit,
        fund: Some(payout.fund),
        channel: payout.channel,
        amount: payout.amount,
    };
    let when = When {
        id: journal,
        posting_day: now.business_day(),
        business_day: payout.business_day,
    };
    let header = Header {
        created_at: now,
        actor: Some(by.id),
        memo_code: payout.memo_code.clone(),
        // Unique in the books: one payout is never booked twice, whatever went wrong above.
        request: Some((format!("payout:{}", hex(&id.bytes())), told(&payout).to_string())),
    };
    post(&mut tx, &agency::paid(&passed_on, when)?, &header, services).await?;
    payout.state = PayoutState::Approved {
        by: by.id,
        at: now,
        journal,
    };
    store::decide(&mut tx, &payout).await?;
    finish(tx, services, by, ("payout.approved", &payout)).await?;
    Ok(payout)
}

/// Rejects a payout that another person asked for; needs [`Permission::PayoutApprove`]. Fact `payout.rejected`.
///
/// # Errors
/// [`LedgerError`]: the same person, approved before.
pub async fn reject(services: &Services, by: &Actor, id: PayoutId) -> Result<Payout, LedgerError> {
    let mut tx = services.db.begin().await?;
    let mut payout = for_decision(&mut tx, by, id).await?;
    match payout.state {
        PayoutState::Rejected { .. } => return Ok(payout),
        PayoutState::Approved { .. } => return Err(LedgerError::AlreadyDecided("approved")),
        PayoutState::Requested => {}
    }
    payout.state = PayoutState::Rejected {
        by: by.id,
        at: services.now(),
    };
    store::decide(&mut tx, &payout).await?;
    finish(tx, services, by, ("payout.rejected", &payout)).await?;
    Ok(payout)
}

/// The payout, held, if the actor may decide there and did not ask herself; else it does not exist for her.
async fn for_decision(tx: &mut Tx, by: &Actor, id: PayoutId) -> Result<Payout, LedgerError> {
    by.require_somewhere(Permission::PayoutApprove)?;
    let payout = store::lock(tx, id).await?.ok_or(LedgerError::NoJournal)?;
    if by.require(Permission::PayoutApprove, payout.unit).is_err() {
        return Err(LedgerError::NoJournal);
    }
    if payout.requested_by == by.id {
        return Err(LedgerError::FourEyes);
    }
    Ok(payout)
}

fn told(payout: &Payout) -> serde_json::Value {
    json!({
        "fund": hex(&payout.fund.bytes()),
        "channel": payout.channel.as_str(),
        "amount_fen": payout.amount.get(),
        "business_day": payout.business_day,
    })
}

async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, payout): (&'static str, &Payout),
) -> Result<(), LedgerError> {
    let fact = NewFact {
        unit: payout.unit,
        kind,
        subject: payout.id.bytes(),
        actor: Some(by.id),
        body: told(payout),
    };
    Ok(conclude(tx, fact, services).await?)
}
