//! Units, certificates, accounts.

use std::fmt;
use std::str::FromStr;

use kernel::{ActorId, BusinessDay, Channel, FileId, Instant, ReceivingAccountId, RegionCode, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest name of a unit, account or issuer, in characters: what fits a certificate's line.
pub const NAME_CHARS_MAX: usize = 60;
/// The longest code of an account, in characters.
pub const CODE_CHARS_MAX: usize = 32;

/// A word that names nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word “{0}”")]
pub struct UnknownWord(pub String);

/// Whose books a unit's gifts stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Books {
    /// Its own.
    Own,
    /// Those of the nearest unit above that keeps books.
    Above,
}

/// Whether a unit works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitState {
    /// It works.
    Open,
    /// It was closed; its history stays.
    Closed {
        /// When.
        at: Instant,
    },
}

/// A society or branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The unit above, none for the society of the installation.
    pub parent: Option<UnitId>,
    /// The full name, as on its seal.
    pub name: String,
    /// A short name for tables: `沂水县`.
    pub short_name: String,
    /// Its region, which gives its level.
    pub region: RegionCode,
    /// Whose books.
    pub books: Books,
    /// `#rrggbb` of pages and papers.
    pub brand_color: String,
    /// How the public reaches it (R1.13: shown on every page that raises money).
    pub contact: String,
    /// The telephone donors may call; empty: none is named.
    pub phone: String,
    /// The office's address; empty: none is named.
    pub address: String,
    /// The image of its seal.
    pub seal: Option<FileId>,
    /// When it was entered.
    pub created_at: Instant,
    /// Whether it works.
    pub state: UnitState,
}

impl Unit {
    /// Whether it works.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, UnitState::Open)
    }
}

/// What happened to a unit's place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It was put below another unit.
    Moved {
        /// The unit above until then.
        from: Option<UnitId>,
        /// The unit above from then on.
        to: UnitId,
    },
    /// It was closed.
    Closed,
}

/// A move or a closing, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitChange {
    /// What happened.
    pub what: Happened,
    /// The day from which it holds.
    pub day: BusinessDay,
    /// Why: for staff.
    pub reason: String,
    /// Who did it.
    pub by: ActorId,
    /// When it was recorded.
    pub at: Instant,
}

/// What closing a unit needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The first day on which it no longer works: one that has come.
    pub day: BusinessDay,
    /// Why: for staff.
    pub reason: String,
}

/// What a new unit needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    /// The unit above, none for the first of the installation.
    pub parent: Option<UnitId>,
    /// The full name.
    pub name: String,
    /// A short name for tables; empty: the full name.
    pub short_name: String,
    /// Its region, which gives its level.
    pub region: RegionCode,
    /// Whose books.
    pub books: Books,
    /// `#rrggbb`; empty: the house's colour.
    pub brand_color: String,
    /// How the public reaches it.
    pub contact: String,
}

/// Whether a certificate may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStatus {
    /// In force between its days.
    Valid,
    /// Suspended by the authority.
    Suspended,
    /// Taken away; not to be asked for again for five years (慈善法 111).
    Revoked,
}

impl CertificateStatus {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }
}

impl FromStr for CertificateStatus {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Valid, Self::Suspended, Self::Revoked]
            .into_iter()
            .find(|s| s.as_str() == word)
            .ok_or_else(|| UnknownWord(word.to_owned()))
    }
}

/// A certificate for public fundraising (公开募捐资格证书, 慈善法 22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its number.
    pub number: String,
    /// The civil-affairs authority that gave it.
    pub issuer: String,
    /// The first day.
    pub valid_from: BusinessDay,
    /// The last day.
    pub valid_to: BusinessDay,
    /// Whether it may be used.
    pub status: CertificateStatus,
    /// The day from which the status holds: a certificate suspended today was in force yesterday.
    pub status_since: BusinessDay,
}

/// An account as staff see it; its secret stays sealed in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: ReceivingAccountId,
    /// The unit that owns it.
    pub unit: UnitId,
    /// The way gifts come in.
    pub channel: Channel,
    /// A name for people.
    pub name: String,
    /// The code in the address of payment notices.
    pub code: String,
    /// The account number with its middle masked; may be empty.
    pub masked_number: String,
    /// The first day.
    pub opened_on: BusinessDay,
    /// When it was closed.
    pub closed_at: Option<Instant>,
}

/// An account as the intake needs it. Its `Debug` leaves the secret out, sealed though it is.
#[derive(Clone)]
pub struct ReceivingAccount {
    /// Its id.
    pub id: ReceivingAccountId,
    /// The unit that owns it.
    pub unit_id: UnitId,
    /// The way gifts come in.
    pub channel: Channel,
    /// The code in the address of payment notices.
    pub code: String,
    /// The secret of payment notices, sealed for [`SECRET_PLACE`].
    pub sealed_secret: Vec<u8>,
    /// When it was closed; until then it takes gifts.
    pub closed_at: Option<Instant>,
}

/// The place for which an account's secret is sealed (`Keys::seal`, `Keys::open`).
pub const SECRET_PLACE: &str = "receiving_account.secret";

impl fmt::Debug for ReceivingAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivingAccount")
            .field("code", &self.code)
            .field("channel", &self.channel)
            .finish()
    }
}

/// What a new account needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The unit that owns it.
    pub unit: UnitId,
    /// The way gifts come in.
    pub channel: Channel,
    /// A name for people.
    pub name: String,
    /// 2 to 32 of `a-z`, `0-9` and `-`, beginning with a letter.
    pub code: String,
    /// The account number; only its masked form is kept.
    pub number: String,
    /// The first day.
    pub opened_on: BusinessDay,
}
