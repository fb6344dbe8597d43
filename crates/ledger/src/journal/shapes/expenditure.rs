//! Money spent: Dr 5101 业务活动成本 or 5301 管理费用 by restriction, Cr the bank, cash or payment institution. The use of
//! restricted money is a restricted expense; it does not move 3102 to 3101 (2026 rule; the old release entry is wrong).

use kernel::{CampaignId, Channel, Fen, FundId, ProjectId, UnitId};

use super::{When, positive};
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// What the money was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The work itself (5101).
    Programme,
    /// Running the body (5301).
    Management,
}

/// Money spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expenditure {
    /// Whose books.
    pub unit: UnitId,
    /// From which fund.
    pub fund: Option<FundId>,
    /// For which project.
    pub project: Option<ProjectId>,
    /// That project's campaign.
    pub campaign: Option<CampaignId>,
    /// On what.
    pub purpose: Purpose,
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
pub fn journal(what: &Expenditure, when: When) -> Result<Journal, JournalError> {
    let amount = positive(what.amount)?;
    let code = match (what.purpose, what.restriction) {
        (Purpose::Programme, Restriction::Restricted) => AccountCode::PROGRAMME_RESTRICTED,
        (Purpose::Programme, _) => AccountCode::PROGRAMME_UNRESTRICTED,
        (Purpose::Management, Restriction::Restricted) => AccountCode::MANAGEMENT_RESTRICTED,
        (Purpose::Management, _) => AccountCode::MANAGEMENT_UNRESTRICTED,
    };
    let cost = Dimensions::general(what.unit, code)
        .in_fund(what.fund)
        .for_project(what.project, what.campaign);
    let pocket = Dimensions::general(what.unit, AccountCode::asset_of(what.paid_from)).in_fund(what.fund);
    let entries = vec![Entry::debit(cost, amount), Entry::credit(pocket, amount)?];
    Journal::new(
        JournalKind::Expenditure,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}
