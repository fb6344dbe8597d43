//! A fund with its agreement, its fees, alerts and reports.

use std::str::FromStr;

use kernel::{ActorId, BusinessDay, Fen, FundId, Instant, JournalId, ProjectId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest name: the host's full name and the fund's.
pub const NAME_CHARS_MAX: usize = 80;
/// Longest purpose and spending rule: a phone's screen.
pub const WORDS_CHARS_MAX: usize = 1_000;
/// Longest number of an agreement.
pub const NUMBER_CHARS_MAX: usize = 64;
/// Longest report: four screens of a phone; what is longer is a file on the society's own site.
pub const REPORT_CHARS_MAX: usize = 4_000;
/// The highest fee an agreement may name, in parts of ten thousand: a tenth, the most that a foundation may spend on
/// managing itself.
pub const FEE_BP_MAX: i64 = 1_000;
/// The longest a fund may rest before somebody looks, in months.
pub const DORMANT_MONTHS_MAX: i64 = 60;
/// From how many days before its date on a report is asked for.
pub const REPORT_ASKED_DAYS: i64 = 30;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(word.to_owned()),
                }
            }
        }
    };
}

words! {
    /// Who stands behind a fund.
    FundKind {
        /// A person or body whose name it bears.
        Named = "named",
        /// A neighbourhood or township.
        Community = "community",
    }
}

words! {
    /// Who founds a fund: what it must begin with depends on that (R11.3).
    Founder {
        /// A person or a family.
        Person = "person",
        /// A firm or another body.
        Unit = "unit",
    }
}

words! {
    /// What happens when spending would take a fund below its minimum.
    MinimumRule {
        /// The booking is refused.
        Refuse = "refuse",
        /// It is booked, and somebody is told.
        Alert = "alert",
    }
}

words! {
    /// What somebody must look at.
    AlertKind {
        /// It holds less than its minimum.
        BelowMinimum = "below_minimum",
        /// Nothing moved for the agreed months: rectify, or end it (R11.2).
        Dormant = "dormant",
        /// Its report is due.
        ReportDue = "report_due",
        /// It holds less than the fee that is due.
        FeeWaiting = "fee_waiting",
        /// It was closed and holds money all the same.
        MoneyAfterClose = "money_after_close",
    }
}

impl AlertKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::BelowMinimum,
        Self::Dormant,
        Self::ReportDue,
        Self::FeeWaiting,
        Self::MoneyAfterClose,
    ];
}

/// Where a fund is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FundState {
    /// The agreement is written down; nobody has opened it.
    Draft,
    /// It works.
    Open {
        /// Who opened it.
        by: ActorId,
        /// When.
        at: Instant,
    },
    /// It takes no gifts and waits to be closed.
    Closing {
        /// Who opened it and when.
        opened: (ActorId, Instant),
        /// Who asked.
        by: ActorId,
        /// When.
        at: Instant,
        /// Why.
        reason: String,
    },
    /// It is over; its rest went where the agreement says.
    Closed {
        /// Who opened it and when.
        opened: (ActorId, Instant),
        /// Who asked, when, why.
        asked: (ActorId, Instant, String),
        /// Who closed it.
        by: ActorId,
        /// When.
        at: Instant,
        /// What was left.
        rest: Fen,
    },
}

impl FundState {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open { .. } => "open",
            Self::Closing { .. } => "closing",
            Self::Closed { .. } => "closed",
        }
    }
    /// When it was opened.
    pub const fn opened_at(&self) -> Option<Instant> {
        match self {
            Self::Draft => None,
            Self::Open { at, .. } => Some(*at),
            Self::Closing { opened, .. } | Self::Closed { opened, .. } => Some(opened.1),
        }
    }
}

/// What an agreement fixes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Who stands behind it.
    pub kind: FundKind,
    /// Who founds it.
    pub founder: Founder,
    /// Its full name: the host's, then its own (R11.1).
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The same in English, or empty.
    pub purpose_en: String,
    /// How its money is used: who asks, who decides.
    pub spending: String,
    /// The same in English, or empty.
    pub spending_en: String,
    /// The agreement's number.
    pub number: String,
    /// When it was signed.
    pub signed_on: BusinessDay,
    /// The host's fee on gifts, in parts of ten thousand.
    pub fee_bp: i64,
    /// 不动本: what must never be spent; zero for a fund that may be spent whole.
    pub principal: Fen,
    /// What it should hold.
    pub minimum: Fen,
    /// What happens below that.
    pub minimum_rule: MinimumRule,
    /// The month and day by which the report of the year before is due.
    pub report: (i64, i64),
    /// After how many months without movement somebody looks.
    pub dormant_months: i64,
    /// What the agreement says of the rest.
    pub rest_words: String,
}

/// A fund with its agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFund {
    /// The fund of the books.
    pub fund: FundId,
    /// The unit that hosts it.
    pub unit: UnitId,
    /// The project that feeds it.
    pub project: ProjectId,
    /// What was agreed.
    pub agreement: Agreement,
    /// The project whose fund gets the rest.
    pub rest_to: ProjectId,
    /// Where it is.
    pub state: FundState,
    /// Who wrote the agreement down.
    pub made_by: ActorId,
    /// When.
    pub made_at: Instant,
}

/// Where a version of an agreement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// It waits for another person.
    Proposed,
    /// It holds.
    InForce(Decided),
    /// It held until the next one.
    Past(Decided),
    /// It never held.
    Refused(Decided),
}

impl VersionState {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::InForce(_) => "in_force",
            Self::Past(_) => "past",
            Self::Refused(_) => "refused",
        }
    }
    /// Who decided, once somebody did.
    pub const fn decided(&self) -> Option<&Decided> {
        match self {
            Self::Proposed => None,
            Self::InForce(decided) | Self::Past(decided) | Self::Refused(decided) => Some(decided),
        }
    }
    /// From when on it holds or held.
    pub const fn since(&self) -> Option<BusinessDay> {
        match self {
            Self::InForce(decided) | Self::Past(decided) => Some(decided.from),
            Self::Proposed | Self::Refused(_) => None,
        }
    }
}

/// A decision about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Whose.
    pub by: ActorId,
    /// When.
    pub at: Instant,
    /// The day from which the version holds: the signing day of the first, the day of the decision for the others.
    pub from: BusinessDay,
}

/// A version of a fund's agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// 1, 2, 3 …
    pub number: i64,
    /// What it fixes.
    pub agreement: Agreement,
    /// The project whose fund gets the rest.
    pub rest_to: ProjectId,
    /// Where it is.
    pub state: VersionState,
    /// Who wrote it down.
    pub made_by: ActorId,
    /// When.
    pub made_at: Instant,
}

/// The fee that gifts bear from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeTerms {
    /// From this day, until the next terms begin.
    pub from: BusinessDay,
    /// In parts of ten thousand.
    pub fee_bp: i64,
}

/// What a new fund needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFund {
    /// The code of the project that feeds it: restricted, with a fund of its own.
    pub project: String,
    /// What was agreed.
    pub agreement: Agreement,
    /// The code of the project whose fund gets the rest.
    pub rest_to: String,
}

/// The fee of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// `YYYYMM`.
    pub month: i64,
    /// All gifts since the signing, less what was given back, until its end.
    pub base: Fen,
    /// What was taken.
    pub fee: Fen,
    /// Its journal, where anything was taken.
    pub journal: Option<JournalId>,
    /// When it was taken.
    pub taken_at: Instant,
}

/// Something that somebody must look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Which fund.
    pub fund: FundId,
    /// What.
    pub kind: AlertKind,
    /// Since when.
    pub opened_on: BusinessDay,
}

/// A yearly report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// About which year.
    pub year: i64,
    /// What it says, in Chinese.
    pub words: String,
    /// The same in English, or empty.
    pub words_en: String,
    /// When it was published.
    pub published_at: Instant,
}
