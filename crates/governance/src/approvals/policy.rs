//! A policy: the stages of a decision as a document that is versioned and checked once, when it is published.

use std::collections::BTreeSet;

use platform::identity::{Permission, Role, rules as powers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The ten minutes from request to decision (十分钟), the limit of a stage that names none.
pub const LIMIT_S_DEFAULT: i64 = 600;
/// The longest limit: what rests for a quarter of a year was never decided.
const LIMIT_S_MAX: i64 = 90 * 86_400;
/// Below a minute nobody has read the case.
const LIMIT_S_MIN: i64 = 60;
/// More stages than the six of the project review, with room for parallel ones.
pub const STAGES_MAX: usize = 20;
/// The largest committee.
pub const PEOPLE_MAX: usize = 50;
/// The longest title of a policy or stage, in characters.
const TITLE_CHARS_MAX: usize = 60;
/// The longest key, in characters.
const KEY_CHARS_MAX: usize = 40;
/// Items of a score sheet that a person still weighs apart.
const SHEET_MAX: usize = 20;
/// The most one item of a sheet may bring.
const SCORE_MAX: i64 = 1_000;
/// Kinds of paper one stage asks for.
const PAPERS_MAX: usize = 20;

/// Who decides what in which order about one kind of subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalPolicy)]
pub struct Policy {
    /// Its name for people.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// Whether what it is about needs an approved case at all.
    #[serde(default)]
    pub required: bool,
    /// How an emergency goes faster; nothing: it does not.
    #[serde(default)]
    pub fast_lane: Option<FastLane>,
    /// The stages; one may only stand after those that are listed before it.
    pub stages: Vec<Stage>,
}

/// The emergency lane: fewer stages now, the papers afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalFastLane)]
pub struct FastLane {
    /// The stages that are walked; the others are left out.
    pub stages: Vec<String>,
    /// Seconds after the approval within which the papers of all stages are handed in.
    pub papers_within_s: i64,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalStage)]
pub struct Stage {
    /// Its word: `committee`.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// The stages that must have passed before it opens; none: it opens with the case. Stages after the same ones run
    /// beside each other.
    #[serde(default)]
    pub after: Vec<String>,
    /// Who decides.
    pub who: Who,
    /// How many of them.
    pub how: How,
    /// Seconds they have.
    #[serde(default = "limit_default")]
    pub limit_s: i64,
    /// Who is asked too when the limit has passed.
    #[serde(default)]
    pub deputy: Option<Who>,
    /// What may be edited while it is open and nobody has decided.
    #[serde(default)]
    pub edits: Vec<Part>,
    /// Whether the case may be sent back.
    #[serde(default)]
    pub send_back: SendBack,
    /// Kinds of paper without which nobody can approve here.
    #[serde(default)]
    pub papers: Vec<String>,
    /// The items to score, where the stage is decided by scores.
    #[serde(default)]
    pub sheet: Vec<ScoreItem>,
    /// How many of those who could decide are drawn by lot; nothing: all of them decide.
    #[serde(default)]
    pub draw: Option<i64>,
}

const fn limit_default() -> i64 {
    LIMIT_S_DEFAULT
}

/// Who decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ApprovalWho)]
pub enum Who {
    /// The holders of a role.
    Role {
        /// The role.
        role: Role,
        /// In which unit.
        at: Level,
    },
    /// These people, by their user names.
    People {
        /// Their user names.
        people: Vec<String>,
    },
    /// A committee.
    Committee {
        /// What it is called.
        name: String,
        /// The user names of its members.
        people: Vec<String>,
    },
    /// A body outside the house; somebody of the house records what it found.
    Outside {
        /// What it is called.
        body: String,
        /// Who records its finding.
        recorder: Role,
        /// In which unit.
        at: Level,
    },
}

impl Who {
    /// The role and the unit, where it is a role.
    pub const fn role(&self) -> Option<(Role, Level)> {
        match self {
            Self::Role { role, at } | Self::Outside { recorder: role, at, .. } => Some((*role, *at)),
            Self::People { .. } | Self::Committee { .. } => None,
        }
    }
    /// The user names, where it names people.
    pub fn people(&self) -> &[String] {
        match self {
            Self::People { people } | Self::Committee { people, .. } => people,
            Self::Role { .. } | Self::Outside { .. } => &[],
        }
    }
}

/// In which unit a role is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalLevel)]
pub enum Level {
    /// The unit of the case, or the nearest above it that has such a person.
    Own,
    /// The unit above, or the nearest above that.
    Above,
    /// The society of the installation.
    Top,
    /// Any unit but that of the case: co-hosts check each other.
    Peers,
}

/// How many must agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ApprovalHow)]
pub enum How {
    /// Whoever comes first decides.
    Any,
    /// All; who abstains is left out.
    All,
    /// So many of them.
    Number {
        /// How many approvals.
        needed: i64,
    },
    /// A vote.
    Vote {
        /// How many must have voted, abstentions counted.
        quorum: Share,
        /// How many must approve …
        majority: Share,
        /// … of whom.
        of: Base,
    },
    /// Sheets of scores: as soon as enough are in, their mean decides.
    Scores {
        /// How many sheets.
        needed: i64,
        /// The mean total that passes.
        pass: i64,
    },
}

impl How {
    /// How many must be there for the stage to be decided at all.
    pub const fn seats_min(&self) -> i64 {
        match self {
            Self::Any | Self::All | Self::Vote { .. } => 1,
            Self::Number { needed } | Self::Scores { needed, .. } => *needed,
        }
    }
}

/// A part of a number of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalShare)]
pub enum Share {
    /// At least one more than half.
    MoreThanHalf,
    /// At least two thirds.
    TwoThirds,
    /// All.
    All,
}

impl Share {
    /// The fewest people that are this part of so many.
    pub const fn least(self, of: i64) -> i64 {
        match self {
            Self::MoreThanHalf => of / 2 + 1,
            Self::TwoThirds => (2 * of + 2) / 3,
            Self::All => of,
        }
    }
}

/// Of whom a majority is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalBase)]
pub enum Base {
    /// All members (全体).
    Members,
    /// Those who voted, abstentions counted (到会).
    Present,
}

/// Whether a stage may send a case back, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalSendBack)]
pub enum SendBack {
    /// It may not.
    #[default]
    No,
    /// Mended, it comes back to this stage; what passed stays passed.
    Here,
    /// Mended, it begins anew.
    Start,
}

/// A part of a case that may be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalPart)]
pub enum Part {
    /// Its title.
    Title,
    /// Its summary.
    Summary,
    /// Its papers: more are added, none is taken away.
    Papers,
}

/// One item of a score sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalScoreItem)]
pub struct ScoreItem {
    /// Its word.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// The most it may bring; the least is 0.
    pub max: i64,
}

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}")]
pub struct PolicyFault {
    /// Where: `stages.committee.how`.
    pub at: String,
    /// What is expected.
    pub why: &'static str,
}

type Checked = Result<(), PolicyFault>;

fn fault(at: impl Into<String>, why: &'static str) -> PolicyFault {
    PolicyFault { at: at.into(), why }
}

fn demand(holds: bool, at: impl Into<String>, why: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(fault(at, why)) }
}

/// A short word of a-z, 0-9 and _.
pub fn is_key(text: &str) -> bool {
    let fits = (1..=KEY_CHARS_MAX).contains(&text.len());
    fits && text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_title(text: &str) -> bool {
    let chars = text.trim().chars().count();
    (1..=TITLE_CHARS_MAX).contains(&chars) && !text.chars().any(char::is_control)
}

impl Policy {
    /// Whether the document is whole: keys, order, limits, numbers that can be reached.
    ///
    /// # Errors
    /// The first [`PolicyFault`].
    pub fn check(&self) -> Checked {
        demand(is_title(&self.title), "title", "one line of 1 to 60 characters")?;
        let count = self.stages.len();
        demand((1..=STAGES_MAX).contains(&count), "stages", "1 to 20 stages")?;
        let mut before: BTreeSet<&str> = BTreeSet::new();
        for stage in &self.stages {
            stage.check(&before)?;
            before.insert(&stage.key);
        }
        let Some(lane) = &self.fast_lane else { return Ok(()) };
        let known = !lane.stages.is_empty() && lane.stages.iter().all(|key| before.contains(key.as_str()));
        demand(known, "fast_lane.stages", "one or more of the stages")?;
        let within = (LIMIT_S_MIN..=LIMIT_S_MAX).contains(&lane.papers_within_s);
        demand(within, "fast_lane.papers_within_s", "60 seconds to 90 days")
    }

    /// All user names it names.
    pub fn user_names(&self) -> BTreeSet<String> {
        let groups = self
            .stages
            .iter()
            .flat_map(|stage| [Some(&stage.who), stage.deputy.as_ref()]);
        groups.flatten().flat_map(Who::people).cloned().collect()
    }

    /// The place of a stage in the list.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage.key == key)
    }
}

impl Stage {
    fn check(&self, before: &BTreeSet<&str>) -> Checked {
        let at = |field: &str| format!("stages.{}.{field}", self.key);
        demand(is_key(&self.key), "stages.key", "a word of a-z, 0-9 and _")?;
        demand(!before.contains(self.key.as_str()), at("key"), "a word of its own")?;
        demand(is_title(&self.title), at("title"), "one line of 1 to 60 characters")?;
        let earlier = self.after.iter().all(|key| before.contains(key.as_str()));
        demand(earlier, at("after"), "stages that are listed before it")?;
        let limit = (LIMIT_S_MIN..=LIMIT_S_MAX).contains(&self.limit_s);
        demand(limit, at("limit_s"), "60 seconds to 90 days")?;
        self.who.check(&at("who"))?;
        if let Some(deputy) = &self.deputy {
            deputy.check(&at("deputy"))?;
        }
        let papers = self.papers.len() <= PAPERS_MAX && self.papers.iter().all(|kind| is_key(kind));
        demand(papers, at("papers"), "at most 20 words of a-z, 0-9 and _")?;
        self.check_how(&at)
    }

    fn check_how(&self, at: &impl Fn(&str) -> String) -> Checked {
        let outside = matches!(self.who, Who::Outside { .. });
        demand(
            !outside || self.how == How::Any,
            at("how"),
            "an outside body speaks with one voice: any",
        )?;
        let most = match (self.draw, self.who.people().len()) {
            (Some(drawn), 0) => Some(drawn),
            (Some(drawn), people) => Some(drawn.min(people as i64)),
            (None, 0) => None,
            (None, people) => Some(people as i64),
        };
        demand(
            self.draw.is_none_or(|drawn| (1..=PEOPLE_MAX as i64).contains(&drawn)),
            at("draw"),
            "1 to 50 people",
        )?;
        let needed = self.how.seats_min();
        let reachable = needed >= 1 && needed <= most.unwrap_or(PEOPLE_MAX as i64);
        demand(reachable, at("how"), "a number that those who decide can reach")?;
        let How::Scores { pass, .. } = self.how else {
            return demand(
                self.sheet.is_empty(),
                at("sheet"),
                "a sheet belongs to a stage decided by scores",
            );
        };
        let keys: BTreeSet<&str> = self.sheet.iter().map(|item| item.key.as_str()).collect();
        let whole = (1..=SHEET_MAX).contains(&self.sheet.len())
            && keys.len() == self.sheet.len()
            && self
                .sheet
                .iter()
                .all(|item| is_key(&item.key) && is_title(&item.title) && (1..=SCORE_MAX).contains(&item.max));
        demand(
            whole,
            at("sheet"),
            "1 to 20 items with words of their own, each up to 1,000",
        )?;
        let total: i64 = self.sheet.iter().map(|item| item.max).sum();
        demand(
            (1..=total).contains(&pass),
            at("how.pass"),
            "1 to the total of the sheet",
        )
    }
}

impl Who {
    fn check(&self, at: &str) -> Checked {
        if let Some((role, _)) = self.role() {
            // Administrators run the house and decide about nothing in it.
            return demand(
                powers::allows(role, Permission::ApprovalDecide),
                at,
                "a role that may decide",
            );
        }
        let people = self.people();
        let own: BTreeSet<&String> = people.iter().collect();
        let fits = (1..=PEOPLE_MAX).contains(&people.len()) && own.len() == people.len();
        demand(fits, at, "1 to 50 user names, each once")?;
        match self {
            Self::Committee { name, .. } => demand(is_title(name), at, "a name of 1 to 60 characters"),
            _ => Ok(()),
        }
    }
}
