//! Money that leaves one fund for another with its net assets, out of every pocket in which it lies: a fee that a fund's
//! agreement gives to its host (Dr 3102, Cr 3101: by the giver's own word this part is no longer restricted), or the rest
//! of a fund that is closed (3102 stays 3102).

use kernel::{Fen, FundId, UnitId};

use super::{When, positive};
use crate::chart::AccountCode;
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// As what the money arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrives {
    /// Still restricted.
    Restricted,
    /// No longer restricted.
    Lifted,
}

/// Restricted money on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundMove<'m> {
    /// Whose books.
    pub unit: UnitId,
    /// Out of which fund.
    pub from: FundId,
    /// Into which; none for the unit's general money.
    pub to: Option<FundId>,
    /// As what it arrives.
    pub arrives: Arrives,
    /// How much out of which asset account, each above zero.
    pub pockets: &'m [(AccountCode, Fen)],
}

/// The journal.
///
/// # Errors
/// [`JournalError`].
pub fn journal(what: &FundMove<'_>, when: When) -> Result<Journal, JournalError> {
    let amount = positive(Fen::sum(what.pockets.iter().map(|(_, fen)| *fen))?)?;
    let (kind, net) = match what.arrives {
        Arrives::Restricted => (JournalKind::FundTransfer, AccountCode::NET_RESTRICTED),
        Arrives::Lifted => (JournalKind::RestrictionLifted, AccountCode::NET_UNRESTRICTED),
    };
    let dims = |code| Dimensions::general(what.unit, code);
    let from = Some(what.from);
    let mut entries = vec![Entry::debit(dims(AccountCode::NET_RESTRICTED).in_fund(from), amount)];
    for (code, fen) in what.pockets {
        entries.push(Entry::credit(dims(*code).in_fund(from), positive(*fen)?)?);
        entries.push(Entry::debit(dims(*code).in_fund(what.to), *fen));
    }
    entries.push(Entry::credit(dims(net).in_fund(what.to), amount)?);
    Journal::new(kind, when.id, when.posting_day, when.business_day, entries)
}
