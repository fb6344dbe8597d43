//! Published notices in the log: which one, its number, and the fingerprint of its text. The text itself stands on its page.

use kernel::BusinessDay;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{PublicId, hash};
use crate::tlog::Hash;

/// A small whole number as decimal text.
mod count {
    use super::*;
    pub fn serialize<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&number.to_string())
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        let text = String::deserialize(from)?;
        let number = text.parse::<i64>().ok().filter(|n| n.to_string() == text);
        number.ok_or_else(|| D::Error::custom("a number is expected"))
    }
}

/// A version of a notice was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePublished {
    /// The entry's id.
    pub id: PublicId,
    /// The unit that says it.
    pub unit: PublicId,
    /// The notice: its page is `/notices/<this>`.
    pub notice: PublicId,
    /// The year of its number.
    #[serde(with = "count")]
    pub year: i64,
    /// Its number within unit and year.
    #[serde(with = "count")]
    pub no: i64,
    /// 1, and one more for each correction.
    #[serde(with = "count")]
    pub ver: i64,
    /// The business day.
    pub day: BusinessDay,
    /// SHA-256 of its text, as `/notices/<id>/text` gives it.
    #[serde(with = "hash")]
    pub hash: Hash,
    /// The entry of the version that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<PublicId>,
}

impl NoticePublished {
    /// Whether number, year and version can be a real notice's, and a correction names what it corrects.
    pub(super) fn is_numbered(&self) -> bool {
        (2000..10_000).contains(&self.year) && self.no > 0 && self.ver > 0 && (self.ver == 1) == self.of.is_none()
    }
}

/// A notice was withdrawn; it stays to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeWithdrawn {
    /// The entry's id.
    pub id: PublicId,
    /// The entry of the version that was withdrawn.
    pub of: PublicId,
    /// The business day.
    pub day: BusinessDay,
}
