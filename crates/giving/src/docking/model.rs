//! Partners, and what stands between one and a campaign.

use std::fmt;
use std::str::FromStr;

use kernel::{BusinessDay, CampaignId, Instant, UnitId};

kernel::ids! {
    /// A body without the right to raise in public.
    PartnerId,
    /// A partner on its way onto a campaign.
    DockingId,
}

/// A body without the right to raise in public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// The society that works with it.
    pub unit: UnitId,
    /// Its full registered name, as the plan names it.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// When it was entered.
    pub created_at: Instant,
}

/// What a new partner needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPartner {
    /// The society that works with it.
    pub unit: UnitId,
    /// Its full registered name.
    pub name: String,
    /// 统一社会信用代码, 18 characters.
    pub credit_code: String,
}

/// How the society assessed a partner: published after the campaign (R1.18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// When.
    pub on: BusinessDay,
    /// What it found.
    pub conclusion: String,
    /// SHA-256 of the record, in hexadecimal.
    pub sha256: String,
}

/// The written agreement with a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Its number.
    pub number: String,
    /// When it was signed.
    pub signed_on: BusinessDay,
    /// SHA-256 of the signed paper, in hexadecimal.
    pub sha256: String,
}

/// Where a partner is on its way onto a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockingState {
    /// Papers are gathered, or a case decides.
    Prepared,
    /// A case approved it: the partner may be named.
    Approved,
    /// The partner is named on the campaign.
    Named {
        /// Since when.
        at: Instant,
    },
    /// It is over: the partner is not named any more.
    Ended {
        /// Since when.
        at: Instant,
        /// Why.
        reason: String,
    },
}

/// The word of a [`DockingState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateWord {
    /// Papers are gathered, or a case decides.
    Prepared,
    /// It may be named.
    Approved,
    /// It is named.
    Named,
    /// It is over.
    Ended,
}

impl StateWord {
    const ALL: [Self; 4] = [Self::Prepared, Self::Approved, Self::Named, Self::Ended];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Approved => "approved",
            Self::Named => "named",
            Self::Ended => "ended",
        }
    }
}

impl fmt::Display for StateWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StateWord {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| word.to_owned())
    }
}

impl DockingState {
    /// Its word.
    pub const fn word(&self) -> StateWord {
        match self {
            Self::Prepared => StateWord::Prepared,
            Self::Approved => StateWord::Approved,
            Self::Named { .. } => StateWord::Named,
            Self::Ended { .. } => StateWord::Ended,
        }
    }
}

/// A partner on its way onto a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Docking {
    /// Its id.
    pub id: DockingId,
    /// The society that raises: the campaign's.
    pub unit: UnitId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The partner.
    pub partner: PartnerId,
    /// The partner's name.
    pub partner_name: String,
    /// The assessment, once it is there.
    pub assessment: Option<Assessment>,
    /// The agreement, once it is there.
    pub agreement: Option<Agreement>,
    /// Where it is.
    pub state: DockingState,
    /// When it was begun.
    pub created_at: Instant,
}
