//! Money held for others (受托代理): received Dr agency asset / Cr 2601, passed on Dr 2601 / Cr agency asset. Neither
//! income nor expense, in no donation total and in no ratio (art. 58, 66).

use kernel::{Channel, Fen, FundId, UnitId};

use super::{When, positive};
use crate::chart::AccountCode;
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// Money of others that came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agency {
    /// Whose books.
    pub unit: UnitId,
    /// The fund that keeps it apart, if any.
    pub fund: Option<FundId>,
    /// Where the money lies.
    pub channel: Channel,
    /// The amount, above zero.
    pub amount: Fen,
}

impl Agency {
    fn asset(&self) -> Dimensions {
        Dimensions::general(self.unit, AccountCode::agency_asset_of(self.channel)).in_fund(self.fund)
    }
    fn owed(&self) -> Dimensions {
        Dimensions::general(self.unit, AccountCode::AGENCY_LIABILITY).in_fund(self.fund)
    }
}

/// The journal of money received for others.
///
/// # Errors
/// [`JournalError`].
pub fn received(what: &Agency, when: When) -> Result<Journal, JournalError> {
    let amount = positive(what.amount)?;
    let entries = vec![Entry::debit(what.asset(), amount), Entry::credit(what.owed(), amount)?];
    Journal::new(
        JournalKind::AgencyReceived,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}

/// The journal of money passed on.
///
/// # Errors
/// [`JournalError`].
pub fn paid(what: &Agency, when: When) -> Result<Journal, JournalError> {
    let amount = positive(what.amount)?;
    let entries = vec![Entry::debit(what.owed(), amount), Entry::credit(what.asset(), amount)?];
    Journal::new(
        JournalKind::AgencyPaid,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
