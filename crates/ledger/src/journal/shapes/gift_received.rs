//! A confirmed gift: Dr the asset of its channel, Cr donation income by restriction; or, when it is only passed on,
//! Dr the agency part of that asset, Cr 2601 (art. 58, 66: no income).

use kernel::id::Id;
use kernel::{BusinessDay, CampaignId, Channel, Fen, FundId, GiftId, JournalId, ProjectId, UnitId};

use super::positive;
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// A gift as the books see it. Its journal has the gift's id and no row beside its postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiftBooking {
    /// The gift.
    pub gift: GiftId,
    /// Whose books: the unit of the receiving account.
    pub unit: UnitId,
    /// How it came, which decides where the money lies.
    pub channel: Channel,
    /// The project it is for.
    pub project: ProjectId,
    /// That project's campaign.
    pub campaign: Option<CampaignId>,
    /// The fund it goes to.
    pub fund: FundId,
    /// Restricted or unrestricted income; [`Restriction::None`] for money only passed on (受托代理), which is none.
    pub restriction: Restriction,
    /// The amount, above zero.
    pub amount: Fen,
    /// When it is booked; the gift's id is of this day.
    pub posting_day: BusinessDay,
    /// When it was given.
    pub business_day: BusinessDay,
}

impl GiftBooking {
    /// The kind of its journal.
    pub const fn kind(&self) -> JournalKind {
        match self.restriction {
            Restriction::None => JournalKind::AgencyReceived,
            Restriction::Restricted | Restriction::Unrestricted => JournalKind::GiftReceived,
        }
    }
    /// Where the money lies: no project, since a bank account does not know one.
    pub fn debit_dims(&self) -> Dimensions {
        let code = match self.restriction {
            Restriction::None => AccountCode::agency_asset_of(self.channel),
            Restriction::Restricted | Restriction::Unrestricted => AccountCode::asset_of(self.channel),
        };
        Dimensions::general(self.unit, code).in_fund(Some(self.fund))
    }
    /// What it counts as.
    pub fn credit_dims(&self) -> Dimensions {
        let code = match self.restriction {
            Restriction::Restricted => AccountCode::DONATIONS_RESTRICTED,
            Restriction::Unrestricted => AccountCode::DONATIONS_UNRESTRICTED,
            Restriction::None => AccountCode::AGENCY_LIABILITY,
        };
        Dimensions::general(self.unit, code)
            .in_fund(Some(self.fund))
            .for_project(Some(self.project), self.campaign)
    }
    /// Both accounts.
    pub fn dims(&self) -> [Dimensions; 2] {
        [self.debit_dims(), self.credit_dims()]
    }
    /// The journal.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn journal(&self) -> Result<Journal, JournalError> {
        let amount = positive(self.amount)?;
        let id = JournalId::from_bytes(self.gift.bytes());
        let entries = vec![
            Entry::debit(self.debit_dims(), amount),
            Entry::credit(self.credit_dims(), amount)?,
        ];
        Journal::new(self.kind(), id, self.posting_day, self.business_day, entries)
    }
}
