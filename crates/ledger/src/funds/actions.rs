//! Money that leaves a fund for another, in the caller's transaction: the caller stores what it decided, appends its
//! fact and commits.

use db::Tx;
use kernel::{Fen, FundId, JournalId, UnitId};
use platform::Services;

use super::store;
use crate::LedgerError;
use crate::actions::{Need, Purse, check_held};
use crate::chart::{AccountCode, Restriction};
use crate::journal::shapes::When;
use crate::journal::shapes::fund_move::{self, Arrives, FundMove};
use crate::journal::store::{Header, post};

/// Restricted money that is to leave a fund.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// In whose books.
    pub unit: UnitId,
    /// Out of which fund.
    pub from: FundId,
    /// Into which; none for the unit's general money.
    pub to: Option<FundId>,
    /// As what it arrives.
    pub arrives: Arrives,
    /// How much, above zero.
    pub amount: Fen,
    /// Who, why, and the key under which it is booked once.
    pub header: Header,
}

/// Books it out of the pockets in which it lies, the fullest first.
///
/// # Errors
/// [`LedgerError::FundLacks`] or [`LedgerError::BelowFloor`]: nothing was booked; any other [`LedgerError`].
pub async fn leave(tx: &mut Tx, services: &Services, what: Leaving) -> Result<JournalId, LedgerError> {
    let need = Need {
        fund: Some(what.from),
        purse: Purse::Money(Restriction::Restricted),
        amount: what.amount,
    };
    check_held(tx, what.unit, need).await?;
    let pockets = store::pockets(tx, what.unit, what.from).await?;
    let pockets = taken(pockets, what.amount)?;
    let now = services.now();
    let id = JournalId::new(now, &*services.rng);
    let when = When {
        id,
        posting_day: now.business_day(),
        business_day: now.business_day(),
    };
    let shape = FundMove {
        unit: what.unit,
        from: what.from,
        to: what.to,
        arrives: what.arrives,
        pockets: &pockets,
    };
    post(tx, &fund_move::journal(&shape, when)?, &what.header, services).await?;
    Ok(id)
}

/// What is taken out of which pocket.
fn taken(pockets: Vec<(AccountCode, Fen)>, amount: Fen) -> Result<Vec<(AccountCode, Fen)>, LedgerError> {
    let mut left = amount;
    let mut taken = Vec::new();
    for (code, fen) in pockets {
        let part = fen.min(left);
        if part.is_positive() {
            taken.push((code, part));
            left = left.minus(part)?;
        }
    }
    if left.is_positive() {
        return Err(LedgerError::FundLacks {
            available: amount.minus(left)?,
            wanted: amount,
        });
    }
    Ok(taken)
}

/// What of a fund may be taken out now, its accounts held until the transaction ends.
///
/// # Errors
/// [`LedgerError`].
pub async fn available(tx: &mut Tx, unit: UnitId, fund: FundId) -> Result<Fen, LedgerError> {
    let held = crate::journal::store::held(tx, unit, Some(fund)).await?;
    let floor = store::floor(tx, unit, fund).await?;
    Ok(held.money.min(held.restricted).minus(floor)?.max(Fen::ZERO))
}
