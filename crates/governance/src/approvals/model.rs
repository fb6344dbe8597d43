//! A case: what was asked, what happened to it, where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use kernel::id::{Id, hex};
use kernel::{ActorId, Instant, UnitId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::policy::{Part, Policy};

kernel::ids! {
    /// A case put before those who decide.
    CaseId,
    /// The thing a case is about, whatever its kind: the 16 bytes of its own id.
    SubjectId,
    /// A file that was handed in as a paper.
    FiledId,
    /// Minutes that were drawn.
    MinutesId,
}

/// The largest file of a paper: a scanned agreement of some dozen pages.
pub const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// A file that was handed in as a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOfCase {
    /// The hash of its bytes, by which a case names it.
    pub sha256: [u8; 32],
    /// `application/pdf`, `image/png` or `image/jpeg`.
    pub media_type: String,
    /// How many bytes.
    pub length: i64,
}

/// Messages of one case at most: a long night's talk.
pub const MESSAGES_MAX: i64 = 1_000;

/// A message in the thread of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// 1, 2, 3 … in its case.
    pub number: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: ActorId,
    /// In her words; empty where a file says it all.
    pub words: String,
    /// The file that goes with it.
    pub sha256: Option<[u8; 32]>,
    /// What the file is called here; empty without one.
    pub file_name: String,
    /// Whether it was withdrawn: its place stays, its words are shown to nobody.
    pub withdrawn: Option<Withdrawn>,
}

/// That a message was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawn {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: ActorId,
}

/// The 32 bytes behind 64 hexadecimal digits.
pub fn digest_of(text: &str) -> Option<[u8; 32]> {
    let (first, second) = text.split_at_checked(32)?;
    let (first, second) = (from_hex::<FiledId>(first)?, from_hex::<FiledId>(second)?);
    let mut out = [0; 32];
    out[..16].copy_from_slice(&first.bytes());
    out[16..].copy_from_slice(&second.bytes());
    Some(out)
}

/// The longest title of a case, in characters: a phone's line.
pub const TITLE_CHARS_MAX: usize = 100;
/// The longest summary or words of a decision, in characters.
pub const WORDS_CHARS_MAX: usize = 4_000;
/// Papers of one case.
pub const PAPERS_MAX: usize = 60;
/// What happened to one case at most: a large committee in some rounds.
pub const ENTRIES_MAX: usize = 2_000;
/// People who are party to a case.
pub const PARTIES_MAX: usize = 50;

/// The policy a case was put under; the unit of zeros is what ships with the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// The unit that published it; it holds for all below that publish none.
    pub unit: UnitId,
    /// The kind of subject.
    pub subject_kind: String,
    /// 1, 2, 3 … in its unit and kind.
    pub version: i64,
    /// The document.
    pub policy: Policy,
    /// When; nothing for what ships.
    pub published_at: Option<Instant>,
}

/// An id as hexadecimal text inside stored entries, which never leave the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hex<I>(pub I);

impl<I: Id> Serialize for Hex<I> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex(&self.0.bytes()))
    }
}

impl<'de, I: Id> Deserialize<'de> for Hex<I> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
        from_hex(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("32 hexadecimal digits are expected"))
    }
}

/// An id from 32 hexadecimal digits, as facts and jobs hold it.
pub fn from_hex<I: Id>(text: &str) -> Option<I> {
    let digits = text.as_bytes();
    let mut bytes = [0; 16];
    if digits.len() != 32 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(I::from_bytes(bytes))
}

/// A paper of a case: its words or its fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalPaper)]
pub struct Paper {
    /// Its kind, as stages ask for it: `budget`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// SHA-256 of the file in hexadecimal; empty: the words are the paper.
    #[serde(default)]
    pub sha256: String,
    /// Its words, or where it lies.
    #[serde(default)]
    pub words: String,
}

/// What changes of a case; what is `None` stays, papers are added.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalChange)]
pub struct Change {
    /// Another title.
    #[serde(default)]
    pub title: Option<String>,
    /// Another summary.
    #[serde(default)]
    pub summary: Option<String>,
    /// More papers.
    #[serde(default)]
    pub papers: Vec<Paper>,
}

impl Change {
    /// The parts it touches.
    pub fn parts(&self) -> BTreeSet<Part> {
        let touched = [
            (Part::Title, self.title.is_some()),
            (Part::Summary, self.summary.is_some()),
            (Part::Papers, !self.papers.is_empty()),
        ];
        touched
            .into_iter()
            .filter(|(_, is)| *is)
            .map(|(part, _)| part)
            .collect()
    }
}

/// What somebody says at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalVerdict)]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No.
    Refuse,
    /// To be mended first.
    SendBack,
    /// Present, without a vote.
    Abstain,
    /// A sheet of scores.
    Score,
}

impl Verdict {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::SendBack => "send_back",
            Self::Abstain => "abstain",
            Self::Score => "score",
        }
    }
}

/// A draw that anybody can repeat: order the tickets 1, 2, 3 … of the pool by SHA-256 of `seed:ticket`; the first are
/// drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// 32 random bytes in hexadecimal.
    pub seed: String,
    /// Who could be drawn; the first has ticket 1.
    pub pool: Vec<Hex<ActorId>>,
}

/// What happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// It was put before those who decide.
    Submitted {
        /// Staff who are concerned and so decide nothing here.
        parties: Vec<Hex<ActorId>>,
        /// Why it takes the emergency lane; nothing: it does not.
        hurry: Option<String>,
        /// Title, summary, papers.
        content: Change,
    },
    /// A stage opened.
    Opened {
        /// Which.
        stage: String,
        /// Who decides.
        seats: Vec<Hex<ActorId>>,
        /// The unit in which they hold the role.
        unit: Option<Hex<UnitId>>,
        /// How they were drawn, where they were.
        draw: Option<Draw>,
    },
    /// Somebody who came to the role later takes a seat where anyone decides.
    Seated {
        /// Where.
        stage: String,
        /// Who.
        person: Hex<ActorId>,
    },
    /// Somebody decided.
    Acted {
        /// Where.
        stage: String,
        /// What.
        verdict: Verdict,
        /// In her words.
        words: String,
        /// Her sheet.
        scores: BTreeMap<String, i64>,
    },
    /// Somebody said that she is concerned.
    Declared {
        /// In her words.
        words: String,
    },
    /// It was edited while a stage was open.
    Amended {
        /// In which.
        stage: String,
        /// What.
        content: Change,
    },
    /// It was mended and put again.
    Resubmitted {
        /// What changed.
        content: Change,
        /// What was done about it.
        words: String,
    },
    /// Half of a stage's time is over: those who owe a decision were reminded.
    Reminded {
        /// Which.
        stage: String,
    },
    /// A stage's time is over, or nobody is left to decide: the deputies were asked.
    Escalated {
        /// Which.
        stage: String,
        /// Whom.
        deputies: Vec<Hex<ActorId>>,
        /// The unit in which they hold the role.
        unit: Option<Hex<UnitId>>,
    },
    /// A vote's time is over and its quorum was there: it counts as it stands.
    VoteClosed {
        /// Which.
        stage: String,
    },
    /// Papers that the emergency lane owed were handed in.
    PapersCompleted {
        /// Which.
        papers: Vec<Paper>,
    },
    /// Papers that the emergency lane owes are overdue.
    PapersReminded,
    /// The asker took it back.
    Withdrawn {
        /// Why.
        words: String,
    },
}

impl Event {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "submitted",
            Self::Opened { .. } => "opened",
            Self::Seated { .. } => "seated",
            Self::Acted { .. } => "acted",
            Self::Declared { .. } => "declared",
            Self::Amended { .. } => "amended",
            Self::Resubmitted { .. } => "resubmitted",
            Self::Reminded { .. } => "reminded",
            Self::Escalated { .. } => "escalated",
            Self::VoteClosed { .. } => "vote_closed",
            Self::PapersCompleted { .. } => "papers_completed",
            Self::PapersReminded => "papers_reminded",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
    /// The papers that came in with it.
    pub fn papers(&self) -> &[Paper] {
        match self {
            Self::Submitted { content, .. } | Self::Amended { content, .. } | Self::Resubmitted { content, .. } => {
                &content.papers
            }
            Self::PapersCompleted { papers } => papers,
            _ => &[],
        }
    }
    /// The stage it belongs to.
    pub fn stage(&self) -> Option<&str> {
        match self {
            Self::Opened { stage, .. }
            | Self::Seated { stage, .. }
            | Self::Acted { stage, .. }
            | Self::Amended { stage, .. }
            | Self::Reminded { stage }
            | Self::Escalated { stage, .. }
            | Self::VoteClosed { stage } => Some(stage),
            _ => None,
        }
    }
}

/// One line of a case's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3 …
    pub number: i64,
    /// When.
    pub at: Instant,
    /// Who; nobody for what the clock did.
    pub by: Option<ActorId>,
    /// What.
    pub event: Event,
}

/// Where a case is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Being decided.
    Open,
    /// With its asker, to be mended.
    SentBack {
        /// By which stage.
        stage: String,
    },
    /// Approved.
    Approved {
        /// When.
        at: Instant,
    },
    /// Refused.
    Refused {
        /// When.
        at: Instant,
        /// By which stage.
        stage: String,
    },
    /// Taken back.
    Withdrawn {
        /// When.
        at: Instant,
    },
}

impl Outcome {
    /// The state's word.
    pub const fn state(&self) -> CaseState {
        match self {
            Self::Open => CaseState::Open,
            Self::SentBack { .. } => CaseState::SentBack,
            Self::Approved { .. } => CaseState::Approved,
            Self::Refused { .. } => CaseState::Refused,
            Self::Withdrawn { .. } => CaseState::Withdrawn,
        }
    }
    /// When it ended, if it did.
    pub const fn ended_at(&self) -> Option<Instant> {
        match self {
            Self::Approved { at } | Self::Refused { at, .. } | Self::Withdrawn { at } => Some(*at),
            Self::Open | Self::SentBack { .. } => None,
        }
    }
}

/// The word of an [`Outcome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalCaseState)]
pub enum CaseState {
    /// Being decided.
    Open,
    /// With its asker, to be mended.
    SentBack,
    /// Approved.
    Approved,
    /// Refused.
    Refused,
    /// Taken back by its asker.
    Withdrawn,
}

impl CaseState {
    const ALL: [Self; 5] = [
        Self::Open,
        Self::SentBack,
        Self::Approved,
        Self::Refused,
        Self::Withdrawn,
    ];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SentBack => "sent_back",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for CaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word “{0}”")]
pub struct UnknownWord(pub String);

impl FromStr for CaseState {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// What somebody said at a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What.
    pub verdict: Verdict,
    /// The total of her sheet.
    pub total: i64,
}

/// A stage that waits for its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    /// Since when.
    pub opened_at: Instant,
    /// Until when.
    pub deadline: Instant,
    /// Who decides.
    pub seats: BTreeSet<ActorId>,
    /// The unit in which they hold the role.
    pub unit: Option<UnitId>,
    /// The unit in which the deputies do.
    pub deputy_unit: Option<UnitId>,
    /// What was said so far.
    pub acts: BTreeMap<ActorId, Act>,
    /// Whether the silent were reminded.
    pub is_reminded: bool,
    /// Whether the deputies were asked.
    pub is_escalated: bool,
    /// Whether nobody is left who could decide it.
    pub is_short: bool,
}

impl Sitting {
    /// Those who owe a word still.
    pub fn waiting(&self) -> impl Iterator<Item = ActorId> {
        self.seats.iter().copied().filter(|who| !self.acts.contains_key(who))
    }
}

/// Where a stage is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageState {
    /// Its turn has not come.
    Waiting,
    /// Left out by the emergency lane.
    Skipped,
    /// It waits for its people.
    Open(Sitting),
    /// Passed.
    Passed {
        /// When.
        at: Instant,
    },
    /// Refused the case, sent it back, or stood beside one that did.
    Closed,
}

/// Where a case stands, with all that the next decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who asked.
    pub asker: ActorId,
    /// 1, and one more with each time it was mended.
    pub round: i64,
    /// Whether it takes the emergency lane.
    pub is_fast: bool,
    /// The stages, in the order of the policy.
    pub stages: Vec<StageState>,
    /// Those who are concerned: parties, and who said so.
    pub concerned: BTreeSet<ActorId>,
    /// The kinds of paper that are there.
    pub papers: BTreeSet<String>,
    /// When owed papers are due, while some are.
    pub papers_due: Option<Instant>,
    /// Whether overdue papers were asked for.
    pub papers_reminded: bool,
    /// The title now.
    pub title: String,
    /// The summary now.
    pub summary: String,
    /// Where it is.
    pub outcome: Outcome,
    /// The number of the last entry.
    pub last: i64,
    /// How many papers there are.
    pub papers_count: usize,
}
