//! What a bill says, line by line, and what it says about itself.

use std::fmt;

use kernel::{Fen, Instant};

use super::mask::mask;
use super::reason::{RefuseReason, SkipReason};

/// One data row, classified. Every data row becomes exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Money given.
    Gift(GiftLine),
    /// Understood, and no gift.
    Skipped {
        /// The row as a person sees it, from 1 (in a text: the line).
        row: u32,
        /// Why.
        reason: SkipReason,
    },
    /// Looks like a payment and cannot be read.
    Refused {
        /// The row as a person sees it, from 1 (in a text: the line).
        row: u32,
        /// Why.
        reason: RefuseReason,
    },
}

/// A gift as a bill tells it. Its `Debug` shows names masked and no memo (law 12).
#[derive(Clone, PartialEq, Eq)]
pub struct GiftLine {
    /// The row as a person sees it, from 1 (in a text: the line).
    pub row: u32,
    /// The provider's number as text, or one made here. It may repeat inside a file: the store decides.
    pub trade_no: String,
    /// Whether the number was made here, from time, family, account, amount, masked payer and occurrence.
    pub trade_no_made: bool,
    /// The number of the order that was paid, as the merchant's own shop gave it, where the bill tells it too.
    pub order_no: Option<String>,
    /// Above zero.
    pub amount: Fen,
    /// When it was paid; the business day is its Beijing day.
    pub paid_at: Instant,
    /// False when the bill tells only the day; `paid_at` is then 00:00 Beijing time.
    pub time_known: bool,
    /// The payer as the bill names them, unmasked: to be sealed.
    pub payer_name: Option<String>,
    /// The payer's words: personal data too.
    pub memo: Option<String>,
}

impl fmt::Debug for GiftLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GiftLine")
            .field("row", &self.row)
            .field("trade_no", &self.trade_no)
            .field("order_no", &self.order_no)
            .field("amount", &self.amount)
            .field("paid_at", &self.paid_at)
            .field("payer_name", &self.payer_name.as_deref().map(mask))
            .field("memo", &self.memo.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

/// Which rows a stated total covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Money in (in plain gift lists: every row).
    Income,
    /// Money out.
    Outgo,
    /// Neither, by the bill's own words.
    Neutral,
    /// All rows.
    All,
}

/// A total that the file states, beside what its data rows add up to: gifts, skipped and refused rows alike, as far as
/// their amount can be read, so that it says whether the file was read whole. It never refuses anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlTotal {
    /// Where it stands.
    pub row: u32,
    /// How the file marks it, such as `=SUM(C:C)`, `人民币合计` or `收入`.
    pub label: String,
    /// Which rows it covers.
    pub scope: Scope,
    /// The sum that the file states.
    pub stated: Fen,
    /// The sum that was found.
    pub found: Fen,
    /// The number of rows that the file states, if it does.
    pub stated_count: Option<u64>,
    /// The number of rows that was found.
    pub found_count: u64,
}

impl ControlTotal {
    /// Whether sum and, where stated, number agree.
    pub fn ties(&self) -> bool {
        self.stated == self.found && self.stated_count.is_none_or(|count| count == self.found_count)
    }
}

/// A number of rows that the file states without a sum (`共43笔记录`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlCount {
    /// Where it stands.
    pub row: u32,
    /// Which rows it covers.
    pub scope: Scope,
    /// The number stated.
    pub stated: u64,
    /// The number found.
    pub found: u64,
}

/// What is known when a file was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Data rows: gifts + skipped + refused. Titles, footers and rows that hold only a total are not rows.
    pub rows_read: u64,
    /// Gift lines given out.
    pub gifts: u64,
    /// Rows skipped.
    pub skipped: u64,
    /// Rows refused.
    pub refused: u64,
    /// The sum of the gift lines.
    pub sum: Fen,
    /// Totals that the file states, in the order of their rows.
    pub control_totals: Vec<ControlTotal>,
    /// Row counts that the file states without a sum.
    pub control_counts: Vec<ControlCount>,
    /// Footers, signatures and notes under the header, by row (at most a hundred are listed).
    pub footers: Vec<u32>,
    /// The sheet that was read; empty for a text.
    pub sheet: String,
    /// Sheets that were not read.
    pub other_sheets: Vec<String>,
}
