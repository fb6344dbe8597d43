//! Money moved between two funds of a unit: the kind by which one fund's net assets may rise while another's fall.
//! Restricted money stays restricted: the net assets move with the money.

use kernel::{Channel, Fen, FundId, UnitId};

use super::{When, positive};
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// A move between funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundTransfer {
    /// Whose books.
    pub unit: UnitId,
    /// Out of which fund.
    pub from: Option<FundId>,
    /// Into which.
    pub to: Option<FundId>,
    /// Which net assets move.
    pub restriction: Restriction,
    /// Where the money lies, before and after.
    pub pocket: Channel,
    /// The amount, above zero.
    pub amount: Fen,
}

/// The journal.
///
/// # Errors
/// [`JournalError`].
pub fn journal(what: &FundTransfer, when: When) -> Result<Journal, JournalError> {
    let amount = positive(what.amount)?;
    let net = match what.restriction {
        Restriction::Restricted => AccountCode::NET_RESTRICTED,
        Restriction::Unrestricted | Restriction::None => AccountCode::NET_UNRESTRICTED,
    };
    let asset = Dimensions::general(what.unit, AccountCode::asset_of(what.pocket));
    let net = Dimensions::general(what.unit, net);
    let entries = vec![
        Entry::debit(net.in_fund(what.from), amount),
        Entry::credit(asset.in_fund(what.from), amount)?,
        Entry::debit(asset.in_fund(what.to), amount),
        Entry::credit(net.in_fund(what.to), amount)?,
    ];
    Journal::new(
        JournalKind::FundTransfer,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
