//! A payment institution pays out: Dr 1002 for what arrives, Dr 5401 for its fee, Cr 100901 for both, fund by fund.

use kernel::{Fen, FundId, UnitId};

use super::{When, positive};
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// One fund's share of a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The fund.
    pub fund: Option<FundId>,
    /// What arrived in the bank, above zero.
    pub arrived: Fen,
    /// What the institution kept, zero or more.
    pub fee: Fen,
    /// Which money bears the fee.
    pub fee_restriction: Restriction,
}

/// The journal of a payout.
///
/// # Errors
/// [`JournalError`].
pub fn journal(unit: UnitId, shares: &[Share], when: When) -> Result<Journal, JournalError> {
    let mut entries = Vec::with_capacity(shares.len() * 3);
    for share in shares {
        let dims = |code| Dimensions::general(unit, code).in_fund(share.fund);
        let fee_code = match share.fee_restriction {
            Restriction::Restricted => AccountCode::FINANCING_RESTRICTED,
            Restriction::Unrestricted | Restriction::None => AccountCode::FINANCING_UNRESTRICTED,
        };
        entries.push(Entry::debit(dims(AccountCode::BANK), positive(share.arrived)?));
        if share.fee != Fen::ZERO {
            entries.push(Entry::debit(dims(fee_code), positive(share.fee)?));
        }
        let whole = share.arrived.plus(share.fee)?;
        entries.push(Entry::credit(dims(AccountCode::PAYMENT_INSTITUTIONS), whole)?);
    }
    Journal::new(
        JournalKind::Settlement,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
