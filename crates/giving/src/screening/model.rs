//! Signals, evidence and holds.

use std::str::FromStr;

use kernel::{ActorId, BusinessDay, Fen, GiftId, Instant, ProjectId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::donor_way::HeldFor;

/// Why a gift is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Many gifts from one source.
    Velocity,
    /// Money that goes in a circle: one telephone behind many payers, or a sponsor's own name.
    RoundTrip,
    /// Many sums below the small limit.
    SmallBurst,
    /// The same odd sum many times, from many payers or a few: money that was handed out in equal parts.
    SameSum,
    /// A test-looking or borrowed name, or one that sells something.
    Name,
    /// A day before its campaign began.
    BeforeCampaign,
}

/// A word that is none of an enum's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word “{0}”")]
pub struct UnknownWord(pub String);

impl Signal {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Velocity,
        Self::RoundTrip,
        Self::SmallBurst,
        Self::SameSum,
        Self::Name,
        Self::BeforeCampaign,
    ];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Velocity => "velocity",
            Self::RoundTrip => "round_trip",
            Self::SmallBurst => "small_burst",
            Self::SameSum => "same_sum",
            Self::Name => "name",
            Self::BeforeCampaign => "before_campaign",
        }
    }
}

impl FromStr for Signal {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|signal| signal.as_str() == word);
        found.ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// What a reviewer sees: counts, sums and moments; no personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Gifts of the same source on the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gifts: Option<i64>,
    /// Their sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub sum_fen: Option<Fen>,
    /// Different payers behind one telephone or one sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payers: Option<i64>,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_at: Option<Instant>,
    /// The last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Instant>,
    /// The limit that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The word of a list that the name holds (a word of the house, not the name); `blocked`, `address` or `digits` of a
    /// name that sells something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// The first day of the campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub campaign_from: Option<BusinessDay>,
}

/// What a signal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The gift.
    pub gift: GiftId,
    /// The signal.
    pub signal: Signal,
    /// What it rests on.
    pub evidence: Evidence,
}

/// Of what kind a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// The payer's number at the payment provider.
    Payer,
    /// A telephone.
    Phone,
    /// All sums of a project below the small limit.
    Small,
    /// One odd sum of a project.
    Sum,
}

impl SourceKind {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Phone => "phone",
            Self::Small => "small",
            Self::Sum => "sum",
        }
    }
}

impl FromStr for SourceKind {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = [Self::Payer, Self::Phone, Self::Small, Self::Sum]
            .into_iter()
            .find(|kind| kind.as_str() == word);
        found.ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// One gift of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The gift.
    pub gift: GiftId,
    /// Its amount.
    pub amount: Fen,
    /// When it was paid.
    pub paid_at: Instant,
    /// The payer's index, for telephones and sums.
    pub payer: Option<Vec<u8>>,
}

/// A gift as screening sees it, its payer opened in memory only: no `Debug`.
pub struct Seen {
    /// The gift.
    pub gift: GiftId,
    /// The unit in whose books it stands.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// The project's unit.
    pub project_unit: UnitId,
    /// Its amount.
    pub amount: Fen,
    /// When it was paid.
    pub paid_at: Instant,
    /// Its business day.
    pub business_day: BusinessDay,
    /// The first day of its campaign.
    pub campaign_from: Option<BusinessDay>,
    /// The payer's number at the provider.
    pub payer_id: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// The names told: the payer's, and for whom.
    pub names: Vec<String>,
    /// Why a name that stands in clear would have to be read first.
    pub sells: Option<HeldFor>,
    /// Whether the sum is one that the project asks for.
    pub asked_for: bool,
}

/// The thresholds of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Gifts of one source in a day.
    pub source_per_day: i64,
    /// Gifts of one source within the window.
    pub source_in_window: i64,
    /// The window.
    pub window_micros: i64,
    /// Payers behind one telephone in a day.
    pub shared_phone_payers: i64,
    /// What is a small sum.
    pub small_below: Fen,
    /// Small sums of one source in a day.
    pub small_source_per_day: i64,
    /// Small sums of one project within the window.
    pub small_project_window: i64,
    /// Gifts of the same odd sum with jiao or fen to one project in a day.
    pub same_sum_per_day: i64,
    /// Gifts of the same odd sum of whole yuan to one project in a day.
    pub whole_sum_per_day: i64,
    /// Whole yuan below this are never odd.
    pub whole_sum_from: Fen,
    /// Sums that many people give of their own accord; multiples of five yuan are among them in any case.
    pub usual_sums: Vec<Fen>,
    /// Test-looking and borrowed names.
    pub names_held: Vec<String>,
    /// Sponsors and those close to them.
    pub names_related: Vec<String>,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The gift.
    pub gift: GiftId,
    /// The project's unit.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// The gift's amount.
    pub amount: Fen,
    /// Why.
    pub signal: Signal,
    /// What it rests on.
    pub evidence: Evidence,
    /// Since when.
    pub held_at: Instant,
    /// Where it is.
    pub state: HoldState,
}

/// Where a hold is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldState {
    /// It waits for a person.
    Waiting,
    /// The gift counts again.
    Cleared {
        /// Who decided.
        by: ActorId,
        /// When.
        at: Instant,
        /// Why.
        reason: String,
    },
    /// The gift stays off boards and walls, and is not matched.
    Kept {
        /// Who decided.
        by: ActorId,
        /// When.
        at: Instant,
        /// Why.
        reason: String,
    },
}

impl HoldState {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Cleared { .. } => "cleared",
            Self::Kept { .. } => "kept",
        }
    }
}

/// What a reviewer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nothing is wrong with it.
    Clear,
    /// It stays held.
    Keep,
}
