//! A notice: what it says, about what, and what became of it.

use std::fmt;
use std::str::FromStr;

use kernel::{ActorId, CampaignId, FileId, Instant, ProjectId, UnitId};
use serde::{Deserialize, Serialize};

kernel::ids! {
    /// A version of a notice.
    NoticeId,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Anything a unit announces.
    Announcement,
    /// How a project gets on (项目进展).
    Progress,
    /// What money was used for (资金使用).
    Spending,
    /// Goods received and given out (物资).
    Goods,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Announcement, Self::Progress, Self::Spending, Self::Goods];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announcement => "announcement",
            Self::Progress => "progress",
            Self::Spending => "spending",
            Self::Goods => "goods",
        }
    }
}

impl FromStr for NoticeKind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| word.to_owned())
    }
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NoticeTexts)]
pub struct Texts {
    /// One line.
    pub title: String,
    /// Plain text: paragraphs between blank lines, headings that begin with “## ”, items that begin with “- ”.
    pub body: String,
    /// The title in English; empty: there is no English.
    #[serde(default)]
    pub title_en: String,
    /// The body in English; empty: there is no English.
    #[serde(default)]
    pub body_en: String,
}

/// What a draft is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is about.
    pub kind: NoticeKind,
    /// The campaign it is about.
    pub campaign: Option<CampaignId>,
    /// The project it is about.
    pub project: Option<ProjectId>,
    /// What it says.
    pub texts: Texts,
}

/// A part of a body as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = NoticeBlock)]
pub enum Block {
    /// A heading.
    Heading {
        /// Its text.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// Its lines.
        lines: Vec<String>,
    },
    /// A list.
    Items {
        /// Its items.
        items: Vec<String>,
    },
}

/// When and under which number a version was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// The year of its number.
    pub year: i64,
    /// Its number within unit and year, the same for all its versions.
    pub number: i64,
    /// When.
    pub at: Instant,
    /// The fingerprint of its text.
    pub sha256: [u8; 32],
}

/// What became of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeState {
    /// Being written, or decided.
    Draft,
    /// Published.
    Published(Publication),
    /// Published, and put right by a later version.
    Corrected {
        /// How it was published.
        publication: Publication,
        /// The later version.
        by: NoticeId,
        /// Since when.
        at: Instant,
    },
    /// Published and withdrawn.
    Withdrawn {
        /// How it was published.
        publication: Publication,
        /// Since when.
        at: Instant,
        /// Why, as the public reads it.
        reason: String,
    },
    /// Given up before it was published.
    Dropped {
        /// Since when.
        at: Instant,
    },
}

/// The word of a [`NoticeState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateWord {
    /// Being written, or decided.
    Draft,
    /// Published.
    Published,
    /// Put right by a later version.
    Corrected,
    /// Withdrawn.
    Withdrawn,
    /// Given up.
    Dropped,
}

impl StateWord {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Draft,
        Self::Published,
        Self::Corrected,
        Self::Withdrawn,
        Self::Dropped,
    ];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Corrected => "corrected",
            Self::Withdrawn => "withdrawn",
            Self::Dropped => "dropped",
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

impl NoticeState {
    /// Its word.
    pub const fn word(&self) -> StateWord {
        match self {
            Self::Draft => StateWord::Draft,
            Self::Published(_) => StateWord::Published,
            Self::Corrected { .. } => StateWord::Corrected,
            Self::Withdrawn { .. } => StateWord::Withdrawn,
            Self::Dropped { .. } => StateWord::Dropped,
        }
    }
    /// How it was published, if it was.
    pub const fn publication(&self) -> Option<&Publication> {
        match self {
            Self::Published(publication)
            | Self::Corrected { publication, .. }
            | Self::Withdrawn { publication, .. } => Some(publication),
            Self::Draft | Self::Dropped { .. } => None,
        }
    }
}

/// A version of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// The unit that says it.
    pub unit: UnitId,
    /// What it is about.
    pub kind: NoticeKind,
    /// The campaign it is about.
    pub campaign: Option<CampaignId>,
    /// The project it is about.
    pub project: Option<ProjectId>,
    /// What it says.
    pub texts: Texts,
    /// 1, and one more for each correction.
    pub version: i64,
    /// The version it corrects.
    pub corrects: Option<NoticeId>,
    /// What became of it.
    pub state: NoticeState,
    /// Who began it.
    pub created_by: ActorId,
    /// When.
    pub created_at: Instant,
}

/// A file of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The stored file.
    pub file: FileId,
    /// The hash of its bytes.
    pub sha256: [u8; 32],
    /// `application/pdf`, `image/png` or `image/jpeg`.
    pub media_type: String,
    /// How many bytes.
    pub length: i64,
    /// What it is called.
    pub name: String,
}
