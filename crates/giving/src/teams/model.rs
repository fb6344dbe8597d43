//! Teams, channel tags, wall entries.

use kernel::{Fen, GiftId, Instant, ProjectId, TeamId, UnitId};
use serde::{Deserialize, Serialize};

/// The longest title, in characters: a line of a board on a phone.
pub const TITLE_CHARS_MAX: usize = 30;
/// The longest words, in characters.
pub const WORDS_CHARS_MAX: usize = 300;

/// Where a team is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamState {
    /// Waits for moderation; nobody sees it.
    Draft,
    /// Gifts may be led to it.
    Open {
        /// Since when.
        opened_at: Instant,
    },
    /// Over, or refused when it never was open.
    Closed {
        /// When it was opened, if ever.
        opened_at: Option<Instant>,
        /// When it was closed.
        closed_at: Instant,
        /// Why.
        why: String,
    },
}

impl TeamState {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open { .. } => "open",
            Self::Closed { .. } => "closed",
        }
    }
    /// Whether its page is shown: it was opened once.
    pub const fn is_public(&self) -> bool {
        match self {
            Self::Draft => false,
            Self::Open { .. } => true,
            Self::Closed { opened_at, .. } => opened_at.is_some(),
        }
    }
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// The county it counts for.
    pub unit: UnitId,
    /// The project it raises for.
    pub project: ProjectId,
    /// Its name.
    pub title: String,
    /// What it says of itself.
    pub words: String,
    /// What it wants to raise.
    pub target: Option<Fen>,
    /// Where it is.
    pub state: TeamState,
    /// When it was started.
    pub created_at: Instant,
}

/// Who starts a team and how to reach her; sealed at once, so no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Starter {
    /// Her name.
    pub name: String,
    /// Her telephone.
    pub phone: String,
}

/// What a new team needs. No `Debug`: it names its starter.
#[derive(Clone)]
pub struct NewTeam {
    /// The project's code.
    pub project: String,
    /// The county it counts for; the project's unit when nothing is said.
    pub county: Option<UnitId>,
    /// Its name.
    pub title: String,
    /// What it says of itself.
    pub words: String,
    /// What it wants to raise.
    pub target: Option<Fen>,
    /// Who starts it.
    pub starter: Starter,
    /// Made once by the form: the same key is the same team.
    pub key: String,
}

/// A word that leads gifts to a county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelTag {
    /// The word.
    pub code: String,
    /// The unit.
    pub unit: UnitId,
    /// What it stands for: a poster, a talk, a school.
    pub label: String,
    /// When it ended.
    pub closed_at: Option<Instant>,
}

/// A gift on a team's wall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallEntry {
    /// The gift; never shown in a list, since it leads to its certificate.
    pub gift: GiftId,
    /// The masked name; none for anonymous gifts, hidden names and sums below the minimum.
    pub name: Option<String>,
    /// The amount net of what was given back.
    pub amount: Fen,
    /// When it was paid.
    pub at: Instant,
    /// The words beside the gift, where they may be shown.
    pub message: Option<String>,
}
