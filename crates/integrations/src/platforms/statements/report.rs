//! What bringing a statement in says when it ends.

use kernel::Fen;
use serde::Serialize;
use serde_json::{Value, json};

use super::rules::Difference;
use crate::bills::RefuseReason;
use crate::platforms::model::{PlatformCode, StatementId};

/// Rows and differences listed one by one; beyond this they are only counted.
pub(super) const LISTED_MAX: usize = 10_000;

/// Gifts, or matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Part {
    /// Lines that count.
    pub lines: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
    /// New in the books.
    pub new: i64,
    /// There already, with the same amount.
    pub known: i64,
    /// Their number came with another amount meanwhile: they wait for a review.
    pub held: i64,
}

/// A row and why it is no line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RowNote {
    /// The file.
    pub file: String,
    /// The row as a person sees it, from 1.
    pub row: u32,
    /// The reason's stable code.
    pub reason: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

impl RowNote {
    pub(super) fn refused(file: &str, row: u32, reason: RefuseReason) -> Self {
        Self {
            file: file.to_owned(),
            row,
            reason: reason.code(),
            zh: reason.words_zh(),
            en: reason.words_en(),
        }
    }

    pub(super) fn skipped(file: &str, row: u32, reason: &'static str) -> Self {
        let (zh, en) = match reason {
            super::reading::RETURNED => ("已退款，不计入", "given back; it does not count"),
            "repeated" => ("重复行，只计一次", "the same line again; it counts once"),
            _ => ("未支付成功，不计入", "not paid; it does not count"),
        };
        Self {
            file: file.to_owned(),
            row,
            reason,
            zh,
            en,
        }
    }
}

/// What came by one channel tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TagSum {
    /// The tag; empty for orders without one.
    pub tag: String,
    /// Whether a unit here has it.
    pub known: bool,
    /// Gifts.
    pub gifts: i64,
    /// Their sum, in fen.
    #[schema(value_type = i64)]
    pub sum_fen: Fen,
}

/// The report of one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StatementReport {
    /// The platform.
    pub platform: PlatformCode,
    /// The settlement's number.
    pub number: String,
    /// The files.
    pub files: Vec<String>,
    /// Gifts.
    pub gifts: Part,
    /// Matches.
    pub matches: Part,
    /// Given back to donors out of this settlement.
    #[schema(value_type = i64)]
    pub refund_fen: Fen,
    /// Kept by the platform or its payment provider.
    #[schema(value_type = i64)]
    pub fee_fen: Fen,
    /// Paid out.
    #[schema(value_type = i64)]
    pub net_fen: Fen,
    /// Rows that count for nothing.
    pub skipped: Vec<RowNote>,
    /// Rows that cannot be read: then nothing is stored.
    pub refused: Vec<RowNote>,
    /// Gifts that the platform gave back and that stand in the books here: to be refunded here by two people.
    pub returned_known: Vec<String>,
    /// What does not tie: then nothing is stored.
    pub differences: Vec<Difference>,
    /// What came by which channel tag.
    pub tags: Vec<TagSum>,
    /// Whether counts and sums tie to the settlement.
    pub ties: bool,
    /// Whether nothing was stored now.
    pub changed_nothing: bool,
    /// Whether all of it was booked before.
    pub repeated: bool,
    /// The statement, once begun.
    #[serde(skip)]
    pub statement: Option<StatementId>,
}

impl StatementReport {
    /// What of it goes into a fact: counts and sums.
    pub(super) fn facts(&self) -> Value {
        json!({
            "platform": self.platform,
            "number": self.number,
            "gifts": self.gifts.lines,
            "gift_fen": self.gifts.sum_fen,
            "matches": self.matches.lines,
            "match_fen": self.matches.sum_fen,
            "refund_fen": self.refund_fen,
            "fee_fen": self.fee_fen,
            "net_fen": self.net_fen,
        })
    }
}
