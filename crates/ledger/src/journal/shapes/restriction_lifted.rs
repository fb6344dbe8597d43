//! A restriction is fully lifted: Dr 3102, Cr 3101, in full (art. 69, 70). Spending restricted money is not this.

use kernel::{Fen, FundId, UnitId};

use super::{When, positive};
use crate::chart::AccountCode;
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// The journal of a lifted restriction on `amount` of one fund's net assets.
///
/// # Errors
/// [`JournalError`].
pub fn journal(unit: UnitId, fund: Option<FundId>, amount: Fen, when: When) -> Result<Journal, JournalError> {
    let amount = positive(amount)?;
    let dims = |code| Dimensions::general(unit, code).in_fund(fund);
    let entries = vec![
        Entry::debit(dims(AccountCode::NET_RESTRICTED), amount),
        Entry::credit(dims(AccountCode::NET_UNRESTRICTED), amount)?,
    ];
    Journal::new(
        JournalKind::RestrictionLifted,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
