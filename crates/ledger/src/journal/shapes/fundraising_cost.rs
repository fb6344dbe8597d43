//! Money spent to raise money: Dr 5401 筹资费用 (募捐成本, the part that 民发〔2026〕12号 art. 15 limits), Cr the pocket.

use kernel::{CampaignId, Channel, Fen, FundId, ProjectId, UnitId};

use super::{When, positive};
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// A cost of raising donations, at its actual amount. Own venues and own staff cannot be counted (art. 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundraisingCost {
    /// Whose books.
    pub unit: UnitId,
    /// From which fund.
    pub fund: Option<FundId>,
    /// For which project.
    pub project: Option<ProjectId>,
    /// For which campaign.
    pub campaign: Option<CampaignId>,
    /// Whether restricted money was used.
    pub restriction: Restriction,
    /// Out of which pocket.
    pub paid_from: Channel,
    /// The amount, above zero.
    pub amount: Fen,
}

/// The journal.
///
/// # Errors
/// [`JournalError`].
pub fn journal(what: &FundraisingCost, when: When) -> Result<Journal, JournalError> {
    let amount = positive(what.amount)?;
    let code = match what.restriction {
        Restriction::Restricted => AccountCode::FUNDRAISING_RESTRICTED,
        Restriction::Unrestricted | Restriction::None => AccountCode::FUNDRAISING_UNRESTRICTED,
    };
    let cost = Dimensions::general(what.unit, code)
        .in_fund(what.fund)
        .for_project(what.project, what.campaign);
    let pocket = Dimensions::general(what.unit, AccountCode::asset_of(what.paid_from)).in_fund(what.fund);
    let entries = vec![Entry::debit(cost, amount), Entry::credit(pocket, amount)?];
    Journal::new(
        JournalKind::FundraisingCost,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
