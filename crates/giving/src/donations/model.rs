//! What a gift is on its way in.

use kernel::id::Id;
use kernel::{BusinessDay, Fen, GiftId, Instant, ProjectId, ReceivingAccountId, ReviewId};
use serde::{Deserialize, Serialize};

use super::receipts::ReceiptWish;

/// Longest trade number kept: WeChat and bank files have up to 46 characters.
pub const TRADE_NO_CHARS_MAX: usize = 64;
/// Longest name kept: real bank files have cells that list 150 donors in 2,000 characters.
pub const NAME_CHARS_MAX: usize = 4_000;
/// Largest single gift, in fen: above a hundred thousand million yuan something is wrong with the sender.
pub const AMOUNT_FEN_MAX: i64 = 10_000_000_000_000;

/// Who pays, as told. Sealed under the gift's secret; never logged, so no `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payer {
    /// The payer's number at the payment provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The payer's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The payer's telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// For whom the gift is made, when another pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The payer's own words (付款附言).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

/// How a gift came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A signed payment notice.
    Notice,
    /// Keyed in at the counter.
    Counter,
    /// A line of a bill file.
    Import,
    /// A held line that a person accepted.
    Review,
    /// A line of a platform's matching statement: the match that the platform granted.
    PlatformMatch,
}

impl Source {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Counter => "counter",
            Self::Import => "import",
            Self::Review => "review",
            Self::PlatformMatch => "platform_match",
        }
    }
}

/// A paid gift on its way in, parsed and trusted.
#[derive(Clone)]
pub struct Incoming {
    /// The account that received the money.
    pub account: ReceivingAccountId,
    /// The project it is for.
    pub project: ProjectId,
    /// The payment's number, unique in the account.
    pub trade_no: String,
    /// The amount, above zero.
    pub amount: Fen,
    /// When it was paid.
    pub paid_at: Instant,
    /// The business day it counts for; by default the Beijing day of `paid_at`.
    pub business_day: BusinessDay,
    /// Who paid.
    pub payer: Payer,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
    /// What the giver said about a receipt; most say nothing.
    pub receipt: Option<ReceiptWish>,
    /// How it came.
    pub source: Source,
}

/// Why a gift cannot come in as it is. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Zero, negative or absurd.
    #[error("the amount must be above zero and below 100,000,000,000 yuan")]
    Amount,
    /// Empty, too long, or with characters that no payment number has.
    #[error("the trade number must have 1 to 64 visible characters")]
    TradeNo,
    /// A name or number that is too long or has control characters.
    #[error("{0} is too long or has control characters")]
    Payer(&'static str),
    /// The time lies before 1990 or after tomorrow.
    #[error("the time of payment is not plausible")]
    PaidAt,
}

/// A clock elsewhere may run ahead of ours by this much.
const SKEW_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// 1990-01-01: before any bill a society could still import.
const EARLIEST_MICROS: i64 = 631_152_000_000_000;

impl Incoming {
    /// Checks what no source may send.
    ///
    /// # Errors
    /// [`Refusal`], naming the field.
    pub fn check(&self, now: Instant) -> Result<(), Refusal> {
        if !(1..=AMOUNT_FEN_MAX).contains(&self.amount.get()) {
            return Err(Refusal::Amount);
        }
        let number_ok = |c: char| !c.is_control() && !c.is_whitespace();
        if self.trade_no.is_empty()
            || self.trade_no.chars().count() > TRADE_NO_CHARS_MAX
            || !self.trade_no.chars().all(number_ok)
        {
            return Err(Refusal::TradeNo);
        }
        for (field, value) in [
            ("payer.id", &self.payer.id),
            ("payer.name", &self.payer.name),
            ("payer.phone", &self.payer.phone),
            ("payer.on_behalf_of", &self.payer.on_behalf_of),
            ("payer.memo", &self.payer.memo),
        ] {
            let fine = |text: &String| text.chars().count() <= NAME_CHARS_MAX && !text.chars().any(char::is_control);
            if !value.as_ref().is_none_or(fine) {
                return Err(Refusal::Payer(field));
            }
        }
        if self.paid_at.micros() < EARLIEST_MICROS || self.paid_at > now.plus_micros(SKEW_MICROS) {
            return Err(Refusal::PaidAt);
        }
        Ok(())
    }
}

/// What became of a gift that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new and durable.
    Recorded(GiftId),
    /// It was known with the same amount: the first record's id.
    Known(GiftId),
    /// Its number is known with another amount.
    Held {
        /// The review that waits for a decision.
        review: ReviewId,
        /// The gift that has the number.
        known: GiftId,
    },
}

/// The certificate's id is the gift's with the version nibble 8 instead of 7, so that each has its own public form
/// and neither needs a look-up.
pub fn certificate_id(gift: GiftId) -> GiftId {
    let mut bytes = gift.bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    GiftId::from_bytes(bytes)
}

/// The gift behind a certificate's id; `None` when it is not one.
pub fn gift_of_certificate(certificate: GiftId) -> Option<GiftId> {
    let mut bytes = certificate.bytes();
    if bytes[6] >> 4 != 8 {
        return None;
    }
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    Some(GiftId::from_bytes(bytes))
}
