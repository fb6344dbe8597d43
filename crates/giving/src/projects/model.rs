//! Projects, funds, and what the intake must know of them.

use std::str::FromStr;

use kernel::{BusinessDay, CampaignId, Fen, FundId, Instant, ProjectId, RegionCode, ThemeId, UnitId};
use ledger::Restriction;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest title, in characters: what fits a certificate's line.
pub const TITLE_CHARS_MAX: usize = 60;
/// The longest summary, in characters: a phone's screen.
pub const SUMMARY_CHARS_MAX: usize = 1_000;
/// The longest code, in characters.
pub const CODE_CHARS_MAX: usize = 40;
/// More choices than a phone shows without scrolling.
pub const CHOICES_MAX: usize = 8;
/// The longest words of a choice, in characters.
pub const CHOICE_CHARS_MAX: usize = 60;
/// The longest English words of a choice: the same lines take more letters.
pub const CHOICE_EN_CHARS_MAX: usize = 120;

/// How a project's money is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// 限定性: for this purpose alone.
    Restricted,
    /// 非限定性: for the society's work.
    Unrestricted,
    /// 受托代理: held for others, never income.
    Agency,
}

/// A word that names nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word “{0}”")]
pub struct UnknownWord(pub String);

impl Nature {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Unrestricted => "unrestricted",
            Self::Agency => "agency",
        }
    }
    /// The books' side of it: agency money is a liability and bears neither mark.
    pub const fn restriction(self) -> Restriction {
        match self {
            Self::Restricted => Restriction::Restricted,
            Self::Unrestricted => Restriction::Unrestricted,
            Self::Agency => Restriction::None,
        }
    }
}

impl FromStr for Nature {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Restricted, Self::Unrestricted, Self::Agency]
            .into_iter()
            .find(|n| n.as_str() == word)
            .ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// Where a project is in its life, with what that state knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectState {
    /// Being written; nobody sees it.
    Draft,
    /// Takes gifts.
    Open {
        /// Since when.
        opened_at: Instant,
    },
    /// Reached its target and stops there; an urgent raise opens it again.
    Full {
        /// Open since.
        opened_at: Instant,
        /// Full since.
        full_at: Instant,
    },
    /// Takes no more gifts; its money is being used.
    Ended {
        /// Since when.
        ended_at: Instant,
    },
    /// Used up and reported.
    Settled {
        /// Ended at.
        ended_at: Instant,
        /// Settled at.
        settled_at: Instant,
    },
}

impl ProjectState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open { .. } => "open",
            Self::Full { .. } => "full",
            Self::Ended { .. } => "ended",
            Self::Settled { .. } => "settled",
        }
    }
}

/// Where a project stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The unit's general project, outside any campaign; needs no filing.
    General,
    /// A project of a campaign; others may hang below it.
    Mother {
        /// The campaign.
        campaign: CampaignId,
        /// The theme inside it.
        theme: Option<ThemeId>,
    },
    /// A sub-project.
    Sub {
        /// The mother's campaign.
        campaign: CampaignId,
        /// The mother's theme.
        theme: Option<ThemeId>,
        /// The mother.
        mother: ProjectId,
    },
}

impl Place {
    /// The campaign, if any.
    pub const fn campaign(self) -> Option<CampaignId> {
        match self {
            Self::General => None,
            Self::Mother { campaign, .. } | Self::Sub { campaign, .. } => Some(campaign),
        }
    }
    /// The theme, if any.
    pub const fn theme(self) -> Option<ThemeId> {
        match self {
            Self::General => None,
            Self::Mother { theme, .. } | Self::Sub { theme, .. } => theme,
        }
    }
    /// The mother, of a sub-project.
    pub const fn mother(self) -> Option<ProjectId> {
        match self {
            Self::Sub { mother, .. } => Some(mother),
            Self::General | Self::Mother { .. } => None,
        }
    }
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// The unit that runs it, which totals and ranks count for.
    pub unit: UnitId,
    /// Where it stands among others.
    pub place: Place,
    /// Its fund.
    pub fund: FundId,
    /// The word in `/p/{code}` and in notices.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What it does, in a few lines.
    pub summary: String,
    /// Where it works.
    pub region: RegionCode,
    /// How its money is bound.
    pub nature: Nature,
    /// What it wants to raise; none: as much as comes.
    pub target: Option<Fen>,
    /// Whether it stops at its target; otherwise it goes on.
    pub stop_when_full: bool,
    /// Where it is in its life.
    pub state: ProjectState,
    /// When it was made.
    pub created_at: Instant,
}

/// What a new project needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// The unit that runs it.
    pub unit: UnitId,
    /// Under what.
    pub under: Under,
    /// The word in `/p/{code}`.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// Where it works.
    pub region: RegionCode,
    /// How its money is bound.
    pub nature: Nature,
    /// What it wants to raise.
    pub target: Option<Fen>,
    /// Whether it stops there.
    pub stop_when_full: bool,
    /// What the money buys.
    pub choices: Vec<AmountChoice>,
}

/// Under what a new project is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// Under a campaign, as a mother.
    Campaign {
        /// The campaign.
        campaign: CampaignId,
        /// A theme of it.
        theme: Option<ThemeId>,
    },
    /// Under a mother, as a sub-project: a unit's report merged (M-02).
    Mother(ProjectId),
}

/// What an amount buys, offered on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountChoice {
    /// The amount in fen.
    #[schema(value_type = i64)]
    pub amount_fen: Fen,
    /// What it buys: `一个急救包`.
    pub words: String,
    /// The same in English; empty: the page says it in Chinese.
    #[serde(default)]
    pub words_en: String,
}

/// One line of a target's history; the first is the target as made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetChange {
    /// 1, 2, 3 …
    pub number: i64,
    /// The target from then on.
    pub target: Fen,
    /// Why; empty for the first.
    pub reason: String,
    /// When.
    pub changed_at: Instant,
}

/// A fund of the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fund {
    /// Its id.
    pub id: FundId,
    /// The unit whose money it is.
    pub unit: UnitId,
    /// Its name in the books.
    pub name: String,
    /// How its money is bound.
    pub nature: Nature,
    /// The project it was made with; none for the unit's general fund.
    pub project: Option<ProjectId>,
}

/// Why a project takes no gifts now. A payment already made is never turned away by this: the intake decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepting {
    /// It is not open yet.
    #[error("the project is not open yet")]
    Draft,
    /// It reached its target and stops there.
    #[error("the project has reached its target")]
    Full,
    /// It has ended.
    #[error("the project has ended")]
    Ended,
    /// Its campaign is not open, or not any more.
    #[error("the project’s campaign is not open")]
    Campaign,
    /// The day lies outside the campaign's.
    #[error("the day lies outside the campaign’s days")]
    Day,
}

/// A project as the intake keeps it in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeProject {
    /// Its id.
    pub id: ProjectId,
    /// The unit that runs it.
    pub unit_id: UnitId,
    /// Its campaign, if any.
    pub campaign_id: Option<CampaignId>,
    /// The theme inside the campaign.
    pub theme_id: Option<ThemeId>,
    /// Its mother, of a sub-project.
    pub mother_id: Option<ProjectId>,
    /// Its fund.
    pub fund_id: FundId,
    /// The books' side of how its money is bound: none for agency money.
    pub restriction: Restriction,
    /// How its money is bound.
    pub nature: Nature,
    /// The word in addresses and notices.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Where it works.
    pub region: RegionCode,
    /// Whether it is its unit's general project.
    pub is_general: bool,
    /// Its target, with which the totals are compared.
    pub target: Option<Fen>,
    /// Whether it stops at its target.
    pub stop_when_full: bool,
    /// Whether it takes gifts, by the states of it and its campaign.
    pub accepts_gifts: Result<(), NotAccepting>,
    /// The first and last day of its campaign.
    pub days: Option<(BusinessDay, BusinessDay)>,
}

impl IntakeProject {
    /// Whether it takes gifts on this day: its states and its campaign's days.
    ///
    /// # Errors
    /// [`NotAccepting`].
    pub fn accepts_on(&self, day: BusinessDay) -> Result<(), NotAccepting> {
        self.accepts_gifts?;
        match self.days {
            Some((first, last)) if day < first || day > last => Err(NotAccepting::Day),
            _ => Ok(()),
        }
    }
}
