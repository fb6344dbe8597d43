//! What the society states about a unit: figures of its own books, to be held against the entries.

use std::ops::{Add, Sub};

use kernel::BusinessDay;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{PublicId, hash};
use crate::tlog::Hash;

/// Decimal text, as every figure of an entry.
mod figure {
    use super::*;
    pub fn serialize<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&number.to_string())
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        let text = String::deserialize(from)?;
        let number = text.parse::<i64>().ok().filter(|n| n.to_string() == text);
        number.ok_or_else(|| D::Error::custom("a figure is expected"))
    }
}

/// Gifts and matches of a unit: how many, and their sums in fen. A gift taken back counts nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Gifts.
    #[serde(with = "figure")]
    pub gifts: i64,
    /// Their sum.
    #[serde(with = "figure")]
    pub given: i64,
    /// Refunds.
    #[serde(with = "figure")]
    pub refunds: i64,
    /// Their sum.
    #[serde(with = "figure")]
    pub refunded: i64,
    /// Matches.
    #[serde(with = "figure")]
    pub matches: i64,
    /// Their sum.
    #[serde(with = "figure")]
    pub matched: i64,
    /// What of them went back.
    #[serde(with = "figure")]
    pub unmatched: i64,
}

impl Figures {
    /// Each figure with its word, in their order.
    pub const fn each(&self) -> [(&'static str, i64); 7] {
        [
            ("gifts", self.gifts),
            ("given", self.given),
            ("refunds", self.refunds),
            ("refunded", self.refunded),
            ("matches", self.matches),
            ("matched", self.matched),
            ("unmatched", self.unmatched),
        ]
    }

    /// Whether they can be of a real unit: none is below zero.
    pub(super) fn is_real(&self) -> bool {
        self.each().iter().all(|(_, figure)| *figure >= 0)
    }

    fn with(self, other: Self, each: fn(i64, i64) -> i64) -> Self {
        Self {
            gifts: each(self.gifts, other.gifts),
            given: each(self.given, other.given),
            refunds: each(self.refunds, other.refunds),
            refunded: each(self.refunded, other.refunded),
            matches: each(self.matches, other.matches),
            matched: each(self.matched, other.matched),
            unmatched: each(self.unmatched, other.unmatched),
        }
    }
}

/// Saturating: a figure at the bound agrees with no real one.
impl Add for Figures {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(other, i64::saturating_add)
    }
}

/// Saturating, as the sum.
impl Sub for Figures {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.with(other, i64::saturating_sub)
    }
}

/// What the society's books said of a unit, less what had no entry yet, when the log had so many entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// The entry's id.
    pub id: PublicId,
    /// The unit; those below it count for themselves.
    pub unit: PublicId,
    /// The day it was stated.
    pub day: BusinessDay,
    /// Of the first so many entries of this log.
    #[serde(with = "size")]
    pub size: u64,
    /// The figures.
    pub says: Figures,
}

/// The root of the tree over SM3 instead of SHA-256, of the first so many entries of this log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sm3Root {
    /// The entry's id.
    pub id: PublicId,
    /// The day it was computed.
    pub day: BusinessDay,
    /// Of how many entries.
    #[serde(with = "size")]
    pub size: u64,
    /// The root.
    #[serde(with = "hash")]
    pub root: Hash,
}

mod size {
    use super::*;
    pub fn serialize<S: Serializer>(number: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&number.to_string())
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        let number = text.parse::<u64>().ok().filter(|n| n.to_string() == text);
        number.ok_or_else(|| D::Error::custom("a number of entries is expected"))
    }
}
