//! The entries of the public log: a closed vocabulary, one text for each value, nothing a person could be known by.
//!
//! An entry holds enciphered ids, words of fixed lists, amounts in fen as decimal text, business days and commitments;
//! there is no field a free text could stand in. [`decode`] accepts only what [`Leaf::encode`] writes.

use std::collections::BTreeMap;
use std::fmt;

use kernel::{BusinessDay, Channel, Fen};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::goods::{Goes, Goods, MOVES_MAX, Stands};
pub use self::notice::{NoticePublished, NoticeWithdrawn};
pub use self::stated::{Figures, Sm3Root, Stated};
use super::canonical::canonical;
use super::lint;
use crate::tlog::Hash;
use crate::tlog::entries::ENTRY_BYTES_MAX;

/// Characters of an enciphered id: 16 bytes in base32.
const ID_CHARS: usize = 26;
/// The version of the vocabulary.
pub const VERSION: u8 = 1;
/// The most gifts of one bundle: its entry stays below the format's bound on length.
pub const MEMBERS_MAX: usize = 256;

/// Why bytes are not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not of the vocabulary.
    #[error("not an entry of this log: {0}")]
    Vocabulary(String),
    /// Of the vocabulary, but not in its one text.
    #[error("an entry is not in its canonical form: {0}")]
    Form(&'static str),
    /// It could tell something about a person.
    #[error("an entry holds what looks like {0}")]
    Personal(&'static str),
}

/// An enciphered id, 26 characters of a–z and 2–7.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PublicId(String);

impl PublicId {
    /// Takes a text.
    ///
    /// # Errors
    /// [`LeafError::Vocabulary`].
    pub fn new(text: &str) -> Result<Self, LeafError> {
        let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        // The last letter has two bits to spare: only the spelling with zeros is one.
        let ended = text.ends_with(['a', 'e', 'i', 'm', 'q', 'u', 'y', '4']);
        if text.len() == ID_CHARS && plain && ended {
            Ok(Self(text.to_owned()))
        } else {
            Err(LeafError::Vocabulary(
                "an id is not 26 characters of a-z and 2-7".into(),
            ))
        }
    }
    /// From 16 bytes as they are.
    pub fn from_bytes(bytes: &[u8; 16]) -> Self {
        Self(data_encoding::BASE32_NOPAD.encode(bytes).to_ascii_lowercase())
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The same as a number, for whoever holds many.
    pub fn number(&self) -> u128 {
        let five = |letter: u8| match letter {
            b'a'..=b'z' => letter - b'a',
            _ => letter.wrapping_sub(b'2').wrapping_add(26) & 31,
        };
        let (first, last) = self.0.as_bytes().split_at(ID_CHARS - 1);
        let number = first
            .iter()
            .fold(0u128, |number, letter| number << 5 | u128::from(five(*letter)));
        // 16 bytes fill 25 letters and three bits of the last.
        last.iter()
            .fold(number, |number, letter| number << 3 | u128::from(five(*letter) >> 2))
    }
}
impl fmt::Debug for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for PublicId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// What a field of the vocabulary is written as.
macro_rules! as_text {
    ($module:ident, $type:ty, $write:expr, $read:expr) => {
        mod $module {
            use super::*;
            pub fn serialize<S: Serializer>(value: &$type, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&$write(value))
            }
            pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                let text = String::deserialize(from)?;
                $read(&text).ok_or_else(|| D::Error::custom("a field is not of its kind"))
            }
        }
    };
}

fn read_fen(text: &str) -> Option<Fen> {
    let fen: i64 = text.parse().ok()?;
    (fen != 0 && fen.to_string() == text).then_some(Fen::new(fen))
}
as_text!(fen, Fen, |f: &Fen| f.get().to_string(), read_fen);
as_text!(channel, Channel, |c: &Channel| c.as_str().to_owned(), |t: &str| t
    .parse()
    .ok());
as_text!(hash, Hash, |h: &Hash| h.to_base64(), |t: &str| Hash::from_base64(t)
    .ok());

/// A commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(#[serde(with = "hash")] pub Hash);

/// Something personal about a gift that its entry commits to without telling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The name that the certificate prints.
    Donor,
}

impl Field {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Donor => "donor",
        }
    }
}

/// Why a gift is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its import was taken back.
    ImportTakenBack,
}

/// A gift, or a match: its sponsor's gift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The entry's id.
    pub id: PublicId,
    /// The unit of the project.
    pub unit: PublicId,
    /// The project.
    pub proj: PublicId,
    /// How it came.
    #[serde(with = "channel")]
    pub chan: Channel,
    /// The business day.
    pub day: BusinessDay,
    /// The amount in fen.
    #[serde(with = "fen")]
    pub amt: Fen,
    /// What is committed to.
    pub c: BTreeMap<Field, Commitment>,
    /// The pool of a match; none where a donation platform granted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PublicId>,
}

impl Received {
    /// Whether it is a match.
    pub fn is_match(&self) -> bool {
        self.chan == Channel::Match
    }
}

/// On what money was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The work itself.
    Programme,
    /// Running the body.
    Management,
    /// Raising donations.
    Fundraising,
    /// Passed on to those for whom it was held.
    PassedOn,
}

impl Purpose {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Programme => "programme",
            Self::Management => "management",
            Self::Fundraising => "fundraising",
            Self::PassedOn => "passed_on",
        }
    }
}

/// Money spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The entry's id.
    pub id: PublicId,
    /// The unit in whose books it stands.
    pub unit: PublicId,
    /// The fund; none for the unit's general money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund: Option<PublicId>,
    /// The project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proj: Option<PublicId>,
    /// On what.
    pub on: Purpose,
    /// The business day.
    pub day: BusinessDay,
    /// The amount in fen.
    #[serde(with = "fen")]
    pub amt: Fen,
}

/// A pool of matching money whose rule was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// The entry's id.
    pub id: PublicId,
    /// Its unit.
    pub unit: PublicId,
    /// The pool.
    pub pool: PublicId,
    /// The day.
    pub day: BusinessDay,
    /// The commitment to the seed of its draws, as its page shows it.
    #[serde(with = "hash")]
    pub draw: Hash,
}

/// Money of an earlier entry given back: of a gift, of a match, of an expenditure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// The entry's id.
    pub id: PublicId,
    /// The earlier entry.
    pub of: PublicId,
    /// The day it went back.
    pub day: BusinessDay,
    /// The amount in fen.
    #[serde(with = "fen")]
    pub amt: Fen,
}

/// A management fee taken from a named fund into the unit's general money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// The entry's id.
    pub id: PublicId,
    /// The unit in whose books it stands.
    pub unit: PublicId,
    /// The fund.
    pub fund: PublicId,
    /// The business day.
    pub day: BusinessDay,
    /// The amount in fen.
    #[serde(with = "fen")]
    pub amt: Fen,
}

/// A key of the log that replaces another: both sign for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotated {
    /// The entry's id.
    pub id: PublicId,
    /// The day it was made.
    pub day: BusinessDay,
    /// The public half of the one before, Ed25519.
    #[serde(with = "hash")]
    pub old: Hash,
    /// The public half of the new one.
    #[serde(with = "hash")]
    pub new: Hash,
}

/// An earlier entry put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// The entry's id.
    pub id: PublicId,
    /// The gift's entry.
    pub of: PublicId,
    /// The day of the correction.
    pub day: BusinessDay,
    /// What is added to the amount, in fen: below zero where it was too much.
    #[serde(with = "fen")]
    pub diff: Fen,
    /// Why.
    pub why: Why,
}

/// A member of a bundle: a gift whose entry stays in the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The id of its entry.
    pub id: PublicId,
    /// The leaf hash of its entry.
    #[serde(with = "hash")]
    pub h: Hash,
}

/// Gifts too few to stand alone: projects and days in which fewer than k gave, put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The entry's id.
    pub id: PublicId,
    /// The unit of their projects.
    pub unit: PublicId,
    /// The earliest business day of a member.
    pub from: BusinessDay,
    /// The latest.
    pub to: BusinessDay,
    /// The sum of the members, in fen.
    #[serde(with = "fen")]
    pub sum: Fen,
    /// The members, in the order of their ids.
    pub members: Vec<Member>,
}

/// The openings of an earlier entry were destroyed at the donor's wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The entry's id.
    pub id: PublicId,
    /// The gift's entry.
    pub of: PublicId,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum Leaf {
    /// A gift.
    #[serde(rename = "donation.received")]
    Received(Received),
    /// Money of it given back.
    #[serde(rename = "donation.refunded")]
    Refunded(Refunded),
    /// It put right.
    #[serde(rename = "donation.corrected")]
    Corrected(Corrected),
    /// Gifts too few to stand alone.
    #[serde(rename = "donation.bundle")]
    Bundle(Bundle),
    /// Openings destroyed.
    #[serde(rename = "erased")]
    Erased(Erased),
    /// A match.
    #[serde(rename = "match.granted")]
    Granted(Received),
    /// Money of it gone back with the gift it matched.
    #[serde(rename = "match.reversed")]
    Reversed(Refunded),
    /// Matches too few to stand alone.
    #[serde(rename = "match.bundle")]
    MatchBundle(Bundle),
    /// Money spent.
    #[serde(rename = "spend.paid")]
    Paid(Paid),
    /// An expenditure taken back.
    #[serde(rename = "spend.reversed")]
    Unpaid(Refunded),
    /// The rule of a pool published.
    #[serde(rename = "pool.published")]
    PoolPublished(Pool),
    /// A fee taken from a fund.
    #[serde(rename = "fee.charged")]
    Fee(Fee),
    /// Goods moved.
    #[serde(rename = "goods.moved")]
    Goods(Goods),
    /// What the society says its gifts come to.
    #[serde(rename = "totals.stated")]
    Stated(Stated),
    /// A notice published.
    #[serde(rename = "notice.published")]
    NoticePublished(NoticePublished),
    /// A notice withdrawn.
    #[serde(rename = "notice.withdrawn")]
    NoticeWithdrawn(NoticeWithdrawn),
    /// The log's key replaced.
    #[serde(rename = "key.rotated")]
    KeyRotated(KeyRotated),
    /// The tree's root over SM3.
    #[serde(rename = "root.sm3")]
    Sm3Root(Sm3Root),
}

impl Leaf {
    /// The entry's id.
    pub fn id(&self) -> &PublicId {
        match self {
            Self::Received(l) | Self::Granted(l) => &l.id,
            Self::Refunded(l) | Self::Reversed(l) | Self::Unpaid(l) => &l.id,
            Self::Corrected(l) => &l.id,
            Self::Bundle(l) | Self::MatchBundle(l) => &l.id,
            Self::Erased(l) => &l.id,
            Self::Paid(l) => &l.id,
            Self::PoolPublished(l) => &l.id,
            Self::Fee(l) => &l.id,
            Self::Goods(l) => &l.id,
            Self::Stated(l) => &l.id,
            Self::NoticePublished(l) => &l.id,
            Self::NoticeWithdrawn(l) => &l.id,
            Self::KeyRotated(l) => &l.id,
            Self::Sm3Root(l) => &l.id,
        }
    }

    /// The gift or match, where it is one.
    pub const fn gift(&self) -> Option<&Received> {
        match self {
            Self::Received(l) | Self::Granted(l) => Some(l),
            _ => None,
        }
    }

    /// The bundle, where it is one.
    pub const fn bundle(&self) -> Option<&Bundle> {
        match self {
            Self::Bundle(l) | Self::MatchBundle(l) => Some(l),
            _ => None,
        }
    }

    /// The word of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Received(_) => "donation.received",
            Self::Refunded(_) => "donation.refunded",
            Self::Corrected(_) => "donation.corrected",
            Self::Bundle(_) => "donation.bundle",
            Self::Erased(_) => "erased",
            Self::Granted(_) => "match.granted",
            Self::Reversed(_) => "match.reversed",
            Self::MatchBundle(_) => "match.bundle",
            Self::Paid(_) => "spend.paid",
            Self::Unpaid(_) => "spend.reversed",
            Self::PoolPublished(_) => "pool.published",
            Self::Fee(_) => "fee.charged",
            Self::Goods(_) => "goods.moved",
            Self::Stated(_) => "totals.stated",
            Self::NoticePublished(_) => "notice.published",
            Self::NoticeWithdrawn(_) => "notice.withdrawn",
            Self::KeyRotated(_) => "key.rotated",
            Self::Sm3Root(_) => "root.sm3",
        }
    }

    /// The entry as JSON, with its version.
    ///
    /// # Errors
    /// [`LeafError::Form`], which entries of this type never meet.
    pub fn to_value(&self) -> Result<serde_json::Value, LeafError> {
        let mut value = serde_json::to_value(self).map_err(|_| LeafError::Form("it cannot be written"))?;
        if let Some(map) = value.as_object_mut() {
            map.insert("v".into(), VERSION.into());
        }
        Ok(value)
    }

    /// The one text of this entry, looked over for what could tell about a person.
    ///
    /// # Errors
    /// [`LeafError`]: the rules of its kind, the lint, the length.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        self.check()?;
        let text = match quick::text(self)? {
            Some(text) => text,
            None => self.slow_text()?,
        };
        if text.len() > ENTRY_BYTES_MAX {
            return Err(LeafError::Form("it is longer than an entry may be"));
        }
        Ok(text.into_bytes())
    }

    /// The text by way of a JSON value.
    fn slow_text(&self) -> Result<String, LeafError> {
        let value = self.to_value()?;
        lint::check(&value)?;
        canonical(&value)
    }

    fn check(&self) -> Result<(), LeafError> {
        let refuse = |why: &str| Err(LeafError::Vocabulary(why.to_owned()));
        match self {
            Self::Received(l) | Self::Granted(l) if !l.amt.is_positive() => refuse("a gift’s amount is above zero"),
            Self::Received(l) if l.is_match() || l.pool.is_some() => refuse("a match stands under its own kind"),
            Self::Granted(l) if !l.is_match() => refuse("what is no match stands under its own kind"),
            Self::Refunded(l) | Self::Reversed(l) | Self::Unpaid(l) if !l.amt.is_positive() => {
                refuse("what goes back is above zero")
            }
            Self::Paid(l) if !l.amt.is_positive() => refuse("what is spent is above zero"),
            Self::Fee(l) if !l.amt.is_positive() => refuse("a fee is above zero"),
            Self::Stated(l) if !l.says.is_real() => refuse("a stated figure is below zero"),
            Self::NoticePublished(l) if !l.is_numbered() => refuse("a notice’s number or version is none"),
            Self::Goods(l) if !l.is_ordered() => refuse("movements of goods are out of order"),
            Self::Bundle(l) | Self::MatchBundle(l) => {
                let ordered = l.members.windows(2).all(|pair| pair[0].id < pair[1].id);
                let counted = (2..=MEMBERS_MAX).contains(&l.members.len());
                if ordered && counted && l.sum.is_positive() && l.from <= l.to {
                    Ok(())
                } else {
                    refuse("a bundle’s members, sum or days are out of order")
                }
            }
            _ => Ok(()),
        }
    }
}

/// Reads an entry: known kind, known fields, and byte for byte the text that [`Leaf::encode`] writes.
///
/// # Errors
/// [`LeafError`].
pub fn decode(bytes: &[u8]) -> Result<Leaf, LeafError> {
    let leaf: Leaf = serde_json::from_slice(bytes).map_err(|e| LeafError::Vocabulary(e.to_string()))?;
    // Unknown and repeated keys, another order, spaces, another version: none of them is written again.
    if leaf.encode()? == bytes {
        Ok(leaf)
    } else {
        Err(LeafError::Form("written again it differs"))
    }
}

mod goods;
mod notice;
mod quick;
mod stated;

#[cfg(test)]
mod tests;
