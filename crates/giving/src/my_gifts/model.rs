//! Who asks, what is asked.

use std::str::FromStr;

use kernel::{GiftId, Instant, UnitId};

use crate::donations::refunds::RefundReason;

kernel::ids! {
    /// One asking for a code.
    AskId,
    /// A wish for a refund.
    WishId,
}

/// Digits of a code: what a person can carry from one app to another.
pub const CODE_DIGITS: usize = 6;
/// How long a code lives: ten minutes, since a message may be slow.
pub const CODE_LIFE_MICROS: i64 = 10 * 60 * 1_000_000;
/// Tries of one code: five of a million.
pub const TRIES_MAX: i64 = 5;
/// Codes of one contact in an hour: who needs more has another trouble, and every message costs money.
pub const CODES_PER_HOUR: i64 = 5;
/// Between two codes of one contact: as long as a message takes.
pub const CODE_PAUSE_MICROS: i64 = 60 * 1_000_000;
/// How long a session lives: long enough to look through years of gifts.
pub const SESSION_LIFE_MICROS: i64 = 3_600 * 1_000_000;
/// How far back gifts are shown by telephone, in months: six years, beyond any receipt's use.
pub const MONTHS_BACK: i64 = 72;
/// How far back gifts are looked for to be copied or erased, in months: fifty years, longer than anybody gave here.
pub const EVER_MONTHS: i64 = 600;
/// Gifts on one page: what a phone scrolls through.
pub const PAGE_GIFTS: usize = 20;

/// What kind of contact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactKind {
    /// A telephone.
    Phone,
    /// An e-mail.
    Email,
}

impl ContactKind {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

impl FromStr for ContactKind {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "phone" => Ok(Self::Phone),
            "email" => Ok(Self::Email),
            other => Err(other.to_owned()),
        }
    }
}

/// A telephone or an e-mail as typed and read. No `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// What it is.
    pub kind: ContactKind,
    /// Eleven digits, or an address in lower case.
    pub text: String,
}

/// A code that was asked for, as stored.
pub(super) struct StoredCode {
    pub id: AskId,
    pub kind: ContactKind,
    pub index: Vec<u8>,
    pub hash: Vec<u8>,
    pub expires_at: Instant,
}

/// Who showed a right code.
#[derive(Clone)]
pub struct Session {
    /// By telephone or e-mail.
    pub kind: ContactKind,
    /// Its blind index.
    pub index: Vec<u8>,
    /// Until when.
    pub expires_at: Instant,
}

/// Where a wish is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WishState {
    /// Staff have not looked yet.
    Waiting,
    /// A refund was asked for.
    Taken,
    /// It is none of the cases of the rules; the donor was told.
    Declined,
}

impl WishState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Taken => "taken",
            Self::Declined => "declined",
        }
    }
}

impl FromStr for WishState {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Waiting, Self::Taken, Self::Declined]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| word.to_owned())
    }
}

/// A donor's wish for her money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Its id.
    pub id: WishId,
    /// The unit in whose books the gift stands.
    pub unit: UnitId,
    /// The gift.
    pub gift: GiftId,
    /// Why.
    pub reason: RefundReason,
    /// Where it is.
    pub state: WishState,
    /// When.
    pub wished_at: Instant,
}
