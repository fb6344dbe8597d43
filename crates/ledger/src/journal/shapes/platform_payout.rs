//! A donation platform pays out: Dr 1002 for what arrives, Dr 5401 for what was kept, Cr 100901 for the gifts that lay with it,
//! Cr 1122 for the match that it owed, fund by fund. Money held for others stays in its own accounts and bears no fee.

use kernel::{Channel, Fen, FundId, UnitId};

use super::{When, positive};
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// One fund's share of a platform's payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformShare {
    /// The fund.
    pub fund: Option<FundId>,
    /// Whose limits its money bears, and so who bears the fee; [`Restriction::None`] for money only passed on.
    pub restriction: Restriction,
    /// What lay with the platform: gifts less what it gave back to donors; zero or more.
    pub balance: Fen,
    /// The match that was owed; zero or more.
    pub matches: Fen,
    /// What was kept on the way; zero or more, and zero for money only passed on.
    pub fee: Fen,
}

impl PlatformShare {
    /// Whether nothing moves.
    pub fn is_empty(&self) -> bool {
        [self.balance, self.matches, self.fee]
            .iter()
            .all(|sum| *sum == Fen::ZERO)
    }
}

/// The journal of a platform's payout.
///
/// # Errors
/// [`JournalError`]; [`JournalError::NotPositive`] when a sum is below zero, the fee is more than there is, or others' money
/// would bear one.
pub fn journal(unit: UnitId, shares: &[PlatformShare], when: When) -> Result<Journal, JournalError> {
    let mut entries = Vec::with_capacity(shares.len() * 4);
    for share in shares {
        let dims = |code| Dimensions::general(unit, code).in_fund(share.fund);
        let agency = share.restriction == Restriction::None;
        let (bank, with_platform, owed) = if agency {
            let of = AccountCode::agency_asset_of;
            (of(Channel::Bank), of(Channel::Platform), of(Channel::Match))
        } else {
            let of = AccountCode::asset_of;
            (of(Channel::Bank), of(Channel::Platform), of(Channel::Match))
        };
        let fee_code = match share.restriction {
            Restriction::Restricted => AccountCode::FINANCING_RESTRICTED,
            Restriction::Unrestricted | Restriction::None => AccountCode::FINANCING_UNRESTRICTED,
        };
        if agency && share.fee != Fen::ZERO {
            return Err(JournalError::NotPositive);
        }
        let arrived = share.balance.plus(share.matches)?.minus(share.fee)?;
        let sides = [
            (bank, arrived, false),
            (fee_code, share.fee, false),
            (with_platform, share.balance, true),
            (owed, share.matches, true),
        ];
        for (code, amount, credit) in sides.into_iter().filter(|(_, amount, _)| *amount != Fen::ZERO) {
            let amount = positive(amount)?;
            entries.push(if credit {
                Entry::credit(dims(code), amount)?
            } else {
                Entry::debit(dims(code), amount)
            });
        }
    }
    Journal::new(
        JournalKind::Settlement,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
