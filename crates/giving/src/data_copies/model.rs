//! A copy: sections of records of fields, the same for every form in which it is written.

use std::str::FromStr;

use kernel::{Fen, GiftId, Instant};
use serde::{Deserialize, Serialize};

kernel::ids! {
    /// A copy that was given.
    CopyId,
}

/// Gifts of one copy: what is opened and read in a moment, and an answer of some hundred kilobytes. Who has given more
/// gets the next part after it.
pub const GIFTS_MAX: usize = 100;
/// Gifts looked at for one part: an officer's are looked for among those that stand elsewhere, for some hundred milliseconds.
/// Beyond it the part ends where it is, and says that there is more.
pub const LOOKED_AT_MAX: usize = 2_000;
/// Forms and wishes of one gift.
pub const OTHERS_MAX: i64 = 500;
/// Changes of one mandate: years of pausing every month.
pub const CHANGES_MAX: usize = 100;

/// Why an officer takes a copy. Words instead of free text: no personal data gets into the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyReason {
    /// The donor asked for it (个人信息保护法 45).
    DonorAsked,
    /// The guardian of a donor under fourteen asked for it.
    GuardianAsked,
    /// A close relative of a donor who died asked for it (个人信息保护法 49).
    RelativeAsked,
    /// An authority ordered it.
    AuthorityOrdered,
}

/// How a copy is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CopyForm)]
pub enum Form {
    /// For programs.
    Json,
    /// For people: a page to read and print.
    Html,
    /// For spreadsheets.
    Csv,
}

impl Form {
    /// The stable word, which is also the file's ending.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Csv => "csv",
        }
    }
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

impl FromStr for Form {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = [Self::Json, Self::Html, Self::Csv]
            .into_iter()
            .find(|form| form.as_str() == word);
        known.ok_or_else(|| word.to_owned())
    }
}

/// What a field says. No `Debug`: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub enum Said {
    /// Words.
    Text(String),
    /// A word of a fixed list, told in the reader's language where the catalogue knows it.
    Word(&'static str, String),
    /// An amount.
    Money(Fen),
}

/// A record: fields in their order. No `Debug`: it is personal.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Record(pub Vec<(&'static str, Said)>);

impl Record {
    /// Adds words, where there are any.
    pub fn text(&mut self, key: &'static str, text: Option<String>) {
        let text = text.filter(|text| !text.is_empty());
        self.0.extend(text.map(|text| (key, Said::Text(text))));
    }
    /// Adds a word of a list of the catalogue.
    pub fn word(&mut self, key: &'static str, list: &'static str, word: &str) {
        self.0.push((key, Said::Word(list, word.to_owned())));
    }
    /// Adds an amount.
    pub fn money(&mut self, key: &'static str, fen: Fen) {
        self.0.push((key, Said::Money(fen)));
    }
}

/// Records of one kind.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    /// Its word: `gifts`.
    pub key: &'static str,
    /// Its records.
    pub records: Vec<Record>,
}

/// All that is held about one donor, or a part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// When it was read.
    pub as_of: Instant,
    /// The sections, in their order; empty ones are there, too.
    pub sections: Vec<Section>,
    /// The last gift of this part, where there are older ones.
    pub more: Option<GiftId>,
}
