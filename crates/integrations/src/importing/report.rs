//! What an import says when it ends.

use std::path::Path;

use kernel::{Fen, ImportId};
use serde::Serialize;
use serde_json::json;

use super::ROWS_LISTED_MAX;
use crate::bills::{ControlTotal, Summary};

/// One row and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowReason {
    /// The row as a person sees it in the file, from 1.
    pub row: u32,
    /// The reason's stable code.
    pub reason: &'static str,
}

/// A total that the file states, beside what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Where it stands.
    pub row: u32,
    /// How the file marks it.
    pub label: String,
    /// The sum stated.
    pub stated_fen: Fen,
    /// The sum found.
    pub found_fen: Fen,
    /// The number of rows stated, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_count: Option<u64>,
    /// The number of rows found.
    pub found_count: u64,
    /// Whether both tie.
    pub ties: bool,
}

/// The report of one file. `rows_read` = new + known + held + skipped + refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file's name.
    pub file: String,
    /// The profile that fitted.
    pub profile: String,
    /// Data rows.
    pub rows_read: u64,
    /// Gifts recorded now.
    pub gifts_new: u64,
    /// Gifts that were there already.
    pub gifts_known: u64,
    /// Rows held for review.
    pub held: Vec<RowReason>,
    /// Rows understood that are no gifts.
    pub skipped: Vec<RowReason>,
    /// Rows that could not be read.
    pub refused: Vec<RowReason>,
    /// The sum of the gifts recorded now.
    pub sum_new_fen: Fen,
    /// Totals that the file states.
    pub control_totals: Vec<Control>,
    /// Whether nothing was stored: a dry run, or refused rows.
    pub changed_nothing: bool,
    /// The run, to take it back by.
    #[serde(skip)]
    pub import: Option<ImportId>,
}

impl FileReport {
    /// A report with what the first reading knows.
    pub fn begin(path: &Path, profile: &str, summary: &Summary) -> Self {
        Self {
            file: path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default(),
            profile: profile.to_owned(),
            rows_read: summary.rows_read,
            gifts_new: 0,
            gifts_known: 0,
            held: Vec::new(),
            skipped: Vec::new(),
            refused: Vec::new(),
            sum_new_fen: Fen::ZERO,
            control_totals: summary.control_totals.iter().map(control).collect(),
            changed_nothing: false,
            import: None,
        }
    }

    /// One more new gift.
    pub fn add_new(&mut self, amount: Fen) {
        self.gifts_new += 1;
        self.sum_new_fen = self.sum_new_fen.plus(amount).unwrap_or(Fen::MAX);
    }
    /// One more held row: its number is known with another amount.
    pub fn hold(&mut self, row: u32) {
        if self.held.len() < ROWS_LISTED_MAX {
            self.held.push(RowReason {
                row,
                reason: "another_amount",
            });
        }
    }
    /// One more refused row.
    pub fn refuse(&mut self, row: u32, reason: &'static str) {
        if self.refused.len() < ROWS_LISTED_MAX {
            self.refused.push(RowReason { row, reason });
        }
    }

    /// What of it goes into a fact: counts and sums, no names.
    pub fn facts(&self) -> serde_json::Value {
        json!({
            "profile": self.profile,
            "rows_read": self.rows_read,
            "gifts_new": self.gifts_new,
            "gifts_known": self.gifts_known,
            "held": self.held.len(),
            "skipped": self.skipped.len(),
            "refused": self.refused.len(),
            "sum_new_fen": self.sum_new_fen,
        })
    }
}

fn control(total: &ControlTotal) -> Control {
    Control {
        row: total.row,
        label: total.label.clone(),
        stated_fen: total.stated,
        found_fen: total.found,
        stated_count: total.stated_count,
        found_count: total.found_count,
        ties: total.ties(),
    }
}
