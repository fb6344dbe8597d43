//! Events, who helps there, and who gives there.

use std::str::FromStr;

use kernel::{ActorId, BusinessDay, Fen, GiftId, Instant, ProjectId, ReceivingAccountId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

kernel::ids! {
    /// An off-line event.
    EventId,
    /// A village, shop or firm that gives.
    SourceId,
    /// Somebody who asks for gifts at an event.
    SolicitorId,
}

/// A word that is none of an enum's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word “{0}”")]
pub struct UnknownWord(pub String);

/// What kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A market with stalls (公益市集).
    Market,
    /// A sale for the cause (义卖).
    Sale,
    /// Stamps are collected for gifts (集章).
    StampCard,
}

impl EventKind {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Sale => "sale",
            Self::StampCard => "stamp_card",
        }
    }
}

impl FromStr for EventKind {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = [Self::Market, Self::Sale, Self::StampCard]
            .into_iter()
            .find(|kind| kind.as_str() == word);
        found.ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// A sum that somebody counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Who.
    pub by: ActorId,
    /// How much.
    pub amount: Fen,
}

/// Two people came to the same sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The first.
    pub first: ActorId,
    /// The second, another person.
    pub second: ActorId,
    /// The sum.
    pub amount: Fen,
}

/// The takings were paid into the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Into which account.
    pub account: ReceivingAccountId,
    /// When.
    pub on: BusinessDay,
    /// The number on the slip.
    pub slip: String,
    /// By whom.
    pub by: ActorId,
}

/// Where an event's takings are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventState {
    /// Nobody has counted yet, or two counts differed.
    Planned,
    /// One person has counted.
    CountedOnce(Count),
    /// Two people came to the same sum.
    Counted(Counted),
    /// Paid into the bank; the bank's line is awaited.
    Deposited(Counted, Deposit),
    /// The bank's line was found: a gift.
    Booked(Counted, Deposit, GiftId),
}

impl EventState {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::CountedOnce(_) => "counted_once",
            Self::Counted(_) => "counted",
            Self::Deposited(..) => "deposited",
            Self::Booked(..) => "booked",
        }
    }
    /// What two people counted.
    pub const fn counted(&self) -> Option<&Counted> {
        match self {
            Self::Planned | Self::CountedOnce(_) => None,
            Self::Counted(counted) | Self::Deposited(counted, _) | Self::Booked(counted, ..) => Some(counted),
        }
    }
}

/// An off-line event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The unit that holds it.
    pub unit: UnitId,
    /// The project it raises for.
    pub project: ProjectId,
    /// Of what kind.
    pub kind: EventKind,
    /// Its title, which stands where a giver's name stands.
    pub title: String,
    /// When it is held.
    pub held_on: BusinessDay,
    /// Where its takings are.
    pub state: EventState,
    /// When it was planned.
    pub created_at: Instant,
}

/// A new event.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The unit that holds it.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// Of what kind.
    pub kind: EventKind,
    /// Its title.
    pub title: String,
    /// When it is held.
    pub held_on: BusinessDay,
    /// Made once by the form.
    pub key: String,
}

/// Somebody who asks for gifts at an event; sealed at once, so no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Person {
    /// Her name.
    pub name: String,
    /// Her guardian's name, of a minor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian: Option<String>,
    /// Where she, or her guardian, is reached.
    pub phone: String,
}

/// A new solicitor. No `Debug`: it names her.
#[derive(Clone)]
pub struct NewSolicitor {
    /// The event.
    pub event: EventId,
    /// Who.
    pub person: Person,
    /// Her age in years.
    pub age_years: u8,
    /// When the guardian consented, of a minor.
    pub consented_on: Option<BusinessDay>,
    /// Whether she is to handle cash: never a minor.
    pub handles_cash: bool,
    /// Made once by the form.
    pub key: String,
}

/// What kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A village or neighbourhood.
    Village,
    /// A shop.
    Shop,
    /// A firm.
    Firm,
}

impl SourceKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Village, Self::Shop, Self::Firm];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Village => "village",
            Self::Shop => "shop",
            Self::Firm => "firm",
        }
    }
}

impl FromStr for SourceKind {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// A village, shop or firm as keyed in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewSource {
    /// Of what kind.
    pub kind: SourceKind,
    /// Its name.
    pub name: String,
}

/// A village, shop or firm as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Its county.
    pub unit: UnitId,
    /// Of what kind.
    pub kind: SourceKind,
    /// Its name.
    pub name: String,
    /// Since when it is known.
    pub created_at: Instant,
    /// When it was ended, and why.
    pub ended: Option<(Instant, String)>,
}

/// How far a county is covered by one kind of source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The county.
    pub unit: UnitId,
    /// Of what kind.
    pub kind: SourceKind,
    /// How many are known.
    pub known: i64,
    /// How many of them have given at an event whose takings are booked.
    pub gave: i64,
    /// Their sum.
    pub sum: Fen,
}
