//! What is found of a person, what is kept and why, and the report.

use kernel::{BusinessDay, Instant};
use serde::Serialize;

kernel::ids! {
    /// An erasure of one person.
    ErasureId,
}

/// Orders that nobody paid, of one e-mail, that are looked at.
pub const ORDERS_MAX: i64 = 500;
/// Parts that a donor's own request destroys something of before it is told to be repeated: 500 gifts, some seconds.
pub const OWN_PARTS_MAX: usize = 5;
/// Parts that it looks at, those too of which all is kept.
pub const OWN_LOOKS_MAX: usize = 40;

/// Why something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepRule {
    /// Who gave stands on a receipt, which is kept with its voucher.
    Receipt,
    /// Money is to go back to her.
    Refund,
    /// Amount, day and number of each gift stand in the books, without a name.
    Books,
    /// The public log holds no personal data; its entries cannot be taken back.
    PublicLog,
    /// The audit trail says what was done, without a name.
    Trail,
}

impl KeepRule {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Refund => "refund",
            Self::Books => "books",
            Self::PublicLog => "public_log",
            Self::Trail => "trail",
        }
    }
    /// The parameter that says how long, where there is one.
    pub const fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Receipt => Some("receipt.identity_keep_years"),
            Self::Books => Some("books.voucher_keep_years"),
            Self::Trail => Some("sec.log_keep_months"),
            Self::Refund | Self::PublicLog => None,
        }
    }
}

/// Something that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = KeptOfPerson)]
pub struct Kept {
    /// Why.
    pub rule: KeepRule,
    /// How many gifts; 0 where it is nothing that is counted.
    pub gifts: u64,
    /// The last day of the one that is kept longest, where it is known.
    #[schema(value_type = Option<String>)]
    pub until: Option<BusinessDay>,
    /// The parameter that says how long.
    pub parameter: Option<&'static str>,
    /// Its law or rule, in its own language.
    pub source: Option<String>,
}

/// What was found to destroy, or was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
#[schema(as = ErasedOfPerson)]
pub struct Counts {
    /// Gifts whose giver is destroyed.
    pub gifts: u64,
    /// Mandates to give monthly; those that run end.
    pub mandates: u64,
    /// Agreements to be told of progress; those that run end.
    pub news: u64,
    /// Teams begun; they stay, without who began them.
    pub teams: u64,
    /// Orders that nobody paid.
    pub orders: u64,
}

impl Counts {
    /// Whether there is nothing.
    pub const fn is_nothing(self) -> bool {
        self.gifts + self.mandates + self.news + self.teams + self.orders == 0
    }
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            gifts: self.gifts + other.gifts,
            mandates: self.mandates + other.mandates,
            news: self.news + other.news,
            teams: self.teams + other.teams,
            orders: self.orders + other.orders,
        }
    }
}

/// Whether it is about to be done or was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ErasureStage)]
pub enum Stage {
    /// Nothing was changed yet.
    Preview,
    /// It was destroyed.
    Done,
}

/// What an erasure finds or did. Holds nothing personal: it may be kept and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ErasureReport)]
pub struct Report {
    /// Before or after.
    pub stage: Stage,
    /// When.
    #[schema(value_type = String)]
    pub as_of: Instant,
    /// What is destroyed.
    pub erased: Counts,
    /// What is kept, and why.
    pub kept: Vec<Kept>,
    /// Where there are more gifts than one part holds: hand it in as `after` to go on.
    pub next: Option<String>,
}
