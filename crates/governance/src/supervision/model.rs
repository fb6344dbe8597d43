//! What is watched, by which rules, and what they raised.

use std::str::FromStr;

use kernel::id::Id;
use kernel::{ActorId, FactId, Fen, Instant, ProjectId, UnitId};
use serde::{Deserialize, Serialize};

use crate::approvals::model::Hex;

kernel::ids! {
    /// A thing on a supervisor's list.
    WatchedId,
    /// A supervisor's rule.
    RuleId,
    /// What a rule raised.
    AlertId,
    /// Any thing of any context: the 16 bytes of its own id.
    ThingId,
}

/// What kind of thing is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WatchedKind)]
pub enum ThingKind {
    /// A project.
    Project,
    /// A campaign.
    Campaign,
    /// A named fund.
    Fund,
    /// A unit.
    Unit,
    /// A gift.
    Gift,
    /// A delivery of goods.
    Lot,
}

impl ThingKind {
    const ALL: [Self; 6] = [
        Self::Project,
        Self::Campaign,
        Self::Fund,
        Self::Unit,
        Self::Gift,
        Self::Lot,
    ];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Campaign => "campaign",
            Self::Fund => "fund",
            Self::Unit => "unit",
            Self::Gift => "gift",
            Self::Lot => "lot",
        }
    }
}

impl FromStr for ThingKind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| word.to_owned())
    }
}

/// A thing on a supervisor's list.
#[derive(Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its id.
    pub id: WatchedId,
    /// The thing's unit.
    pub unit: UnitId,
    /// Whose list.
    pub owner: ActorId,
    /// What kind of thing.
    pub kind: ThingKind,
    /// The thing.
    pub thing: ThingId,
    /// What it was called when it was put on the list.
    pub name: String,
    /// The owner's note, sealed.
    pub note_sealed: Option<Vec<u8>>,
    /// Since when.
    pub created_at: Instant,
}

/// At which moment money that goes back is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WatchMoment)]
pub enum Moment {
    /// When it is asked for.
    Requested,
    /// When it is approved.
    Approved,
}

/// When a rule raises an alert. A fixed list: a supervisor chooses and fills in, nobody writes code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Condition {
    /// A refund above a sum.
    RefundOver {
        /// Above how much.
        over_fen: Fen,
        /// Asked for, or approved.
        when: Moment,
    },
    /// Money passed on to those for whom it was held, above a sum.
    PayoutOver {
        /// Above how much.
        over_fen: Fen,
        /// Asked for, or approved.
        when: Moment,
    },
    /// Money spent, above a sum.
    ExpenditureOver {
        /// Above how much.
        over_fen: Fen,
    },
    /// A project's expenditure above a share of what it received.
    SpendingShare {
        /// One project; none: any.
        project: Option<Hex<ProjectId>>,
        /// Above so many per cent.
        over_percent: i64,
    },
    /// A posted journal was undone.
    JournalReversed,
    /// Goods were moved outside working hours, in Beijing's time.
    GoodsOutOfHours {
        /// One item of the catalogue; none: any.
        item: Option<Hex<ThingId>>,
        /// Work begins at this hour.
        from_hour: i64,
        /// Work ends before this hour.
        to_hour: i64,
    },
    /// Goods wait too long for their allocation, or a norm of the stock is broken.
    GoodsBreach,
    /// Anything happened to a thing on the owner's list.
    Watched,
}

/// A supervisor's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// The unit it looks at, with all below it.
    pub unit: UnitId,
    /// Whose it is.
    pub owner: ActorId,
    /// What she calls it.
    pub title: String,
    /// When it raises an alert.
    pub condition: Condition,
    /// Since when it looks.
    pub created_at: Instant,
    /// Since when it does not any more.
    pub ended_at: Option<Instant>,
}

/// What a rule raised.
#[derive(Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// The unit in which it happened.
    pub unit: UnitId,
    /// Whose it is.
    pub owner: ActorId,
    /// The rule.
    pub rule: RuleId,
    /// What the rule was called.
    pub title: String,
    /// The fact.
    pub fact: FactId,
    /// What happened.
    pub fact_kind: String,
    /// The thing it happened to.
    pub subject: ThingId,
    /// The money it speaks of.
    pub amount: Option<Fen>,
    /// When it happened.
    pub happened_at: Instant,
    /// When the alert was raised.
    pub raised_at: Instant,
    /// When the owner marked it seen.
    pub seen_at: Option<Instant>,
    /// Her note, sealed.
    pub note_sealed: Option<Vec<u8>>,
}

/// An id inside a stored condition.
pub(super) fn inner<I: Id>(id: &Option<Hex<I>>) -> Option<I> {
    id.as_ref().map(|hex| hex.0)
}
