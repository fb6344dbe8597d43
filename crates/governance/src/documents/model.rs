//! Documents, who received them, their files.

use kernel::{ActorId, FileId, Instant, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

kernel::ids! {
    /// A document that was sent.
    DocumentId,
    /// A file that was handed in to be sent.
    DocumentFileId,
}

/// The longest key of a document, in characters.
pub const KEY_CHARS_MAX: usize = 64;
/// The longest title, in characters: two lines of a head.
pub const TITLE_CHARS_MAX: usize = 120;
/// The longest text, in characters; more is a file.
pub const BODY_CHARS_MAX: usize = 20_000;
/// The longest reason of a withdrawal, in characters.
pub const REASON_CHARS_MAX: usize = 200;
/// Files of one document.
pub const PARTS_MAX: usize = 10;
/// The longest name of a file, in characters.
pub const PART_NAME_CHARS_MAX: usize = 100;
/// Units that one document is sent to.
pub const RECIPIENTS_MAX: usize = 500;
/// The largest file: a scan of some dozen pages.
pub const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Where a document stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Sent.
    Sent,
    /// Taken back; its number stays.
    Withdrawn {
        /// When.
        at: Instant,
        /// By whom.
        by: ActorId,
        /// Why.
        reason: String,
    },
}

/// The word of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentState)]
pub enum StateWord {
    /// Sent.
    Sent,
    /// Taken back.
    Withdrawn,
}

impl State {
    /// Its word.
    pub const fn word(&self) -> StateWord {
        match self {
            Self::Sent => StateWord::Sent,
            Self::Withdrawn { .. } => StateWord::Withdrawn,
        }
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The unit that sent it.
    pub unit: UnitId,
    /// The year of its number.
    pub year: i64,
    /// 1, 2, 3 … of the unit in the year.
    pub number: i64,
    /// As it is printed: 沂水县〔2026〕3号.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The document that it answers.
    pub reply_to: Option<DocumentId>,
    /// Until when it is to be confirmed.
    pub confirm_by: Option<Instant>,
    /// By whom.
    pub sent_by: ActorId,
    /// When.
    pub sent_at: Instant,
    /// Where it stands.
    pub state: State,
}

/// What a unit did with a document that it received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The unit.
    pub unit: UnitId,
    /// Who read it there first, and when.
    pub read: Option<(ActorId, Instant)>,
    /// Who confirmed that it came, and when.
    pub confirmed: Option<(ActorId, Instant)>,
    /// When the unit was reminded last.
    pub reminded_at: Option<Instant>,
}

/// A file of a document, under the name it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// The hash of its bytes.
    pub sha256: [u8; 32],
}

/// To whom a document goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// The unit right above.
    Above,
    /// The units right below.
    Children,
    /// All units below.
    AllBelow,
    /// These, below or above.
    Chosen(Vec<UnitId>),
}

/// A document about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// What the sender's form made once: sent twice, it is one document.
    pub key: String,
    /// The unit that sends it.
    pub unit: UnitId,
    /// To whom.
    pub to: To,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its files, which were handed in before.
    pub parts: Vec<Part>,
    /// The document that it answers.
    pub reply_to: Option<DocumentId>,
    /// Until when it is to be confirmed.
    pub confirm_by: Option<Instant>,
}

/// A file that was handed in, with where its sealed bytes lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The hash of its bytes.
    pub sha256: [u8; 32],
    /// `application/pdf`, `image/png` or `image/jpeg`.
    pub media_type: String,
    /// How many bytes.
    pub length: i64,
    /// Where its sealed bytes lie.
    pub file: FileId,
    /// The secret they are sealed under, wrapped.
    pub secret_wrapped: Vec<u8>,
}
