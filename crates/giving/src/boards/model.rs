//! What a board is made of.

use kernel::id::Id as _;
use kernel::{BusinessDay, CampaignId, Fen, GiftId, Instant, ProjectId, TeamId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// No team: sixteen zero bytes, so that the column can lead a key.
pub const NO_TEAM: [u8; 16] = [0; 16];

/// By what a board ranks. There is none by person, employee or village (rules.md R1.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// By county.
    County,
    /// By project.
    Project,
    /// By team.
    Team,
}

/// A word that is no kind of board.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no kind of board: county, project or team is expected")]
pub struct UnknownKind(pub String);

impl Kind {
    /// All of them, in the order of a page.
    pub const ALL: [Self; 3] = [Self::County, Self::Project, Self::Team];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Project => "project",
            Self::Team => "team",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

/// For what a gift counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dims {
    /// The project's unit.
    pub unit: UnitId,
    /// The project.
    pub project: ProjectId,
    /// The unit it is led to: by its tag, its team, or the project's own.
    pub county: UnitId,
    /// The team.
    pub team: Option<TeamId>,
}

impl Dims {
    /// The team's bytes as stored.
    pub fn team_bytes(&self) -> [u8; 16] {
        self.team.map_or(NO_TEAM, |team| team.bytes())
    }
}

/// How many gifts and how much; a change may be below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Gifts (person-times).
    pub gifts: i64,
    /// Their sum, net of what was given back.
    pub sum_fen: Fen,
}

/// A sum by project, county and team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// For what.
    pub dims: Dims,
    /// How much.
    pub tally: Tally,
}

/// How one gift stands for the boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its amount.
    pub amount: Fen,
    /// What was given back of it.
    pub refunded: Fen,
    /// Whether its import was taken back.
    pub returned: bool,
    /// Whether screening holds it.
    pub held: bool,
    /// Whether a pool's money is locked in it: a sponsor's own.
    pub sponsors: bool,
}

/// What a fact does to a gift that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So much of it was given back.
    Refunded(Fen),
    /// Its import was taken back.
    Returned,
    /// Screening holds it.
    Held,
    /// A reviewer cleared it.
    Cleared,
    /// A pool's money was locked in it.
    Sponsors,
}

/// A counted gift as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The gift.
    pub gift: GiftId,
    /// For what it counts.
    pub dims: Dims,
    /// How it stands.
    pub standing: Standing,
}

/// A frozen day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freeze {
    /// The day that had ended.
    pub day: BusinessDay,
    /// The last fact of the day: gifts confirmed by it count.
    pub place: i64,
    /// How far it was known which of these gifts were held or given back: what screening found in the day's last
    /// seconds it says after midnight.
    pub seen: i64,
    /// When it was written.
    pub frozen_at: Instant,
}

/// One line of a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The county, project or team.
    pub id: [u8; 16],
    /// 1, 2, 2, 4.
    pub place: i64,
    /// Its name; for a team whose name does not stand on boards, nothing.
    pub name: Option<String>,
    /// Its sums.
    pub tally: Tally,
    /// People living there, for counties with a loaded figure.
    pub people: Option<i64>,
    /// Fen for each thousand people, rounded down.
    pub per_thousand_fen: Option<Fen>,
}

/// A board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// By what.
    pub kind: Kind,
    /// The lines, largest sum first.
    pub lines: Vec<Line>,
    /// What counts for no line: gifts led to no county or team.
    pub unplaced: Tally,
    /// Counties without a population figure, for the view per head.
    pub without_people: usize,
}
