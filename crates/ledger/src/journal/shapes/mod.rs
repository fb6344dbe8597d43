//! One file per shape of a journal. Each is a pure function from what happened to a [`Journal`](super::Journal).

pub mod agency;
pub mod expenditure;
pub mod fund_move;
pub mod fund_transfer;
pub mod fundraising_cost;
pub mod gift_received;
pub mod gift_refunded;
pub mod goods;
pub mod goods_sold;
pub mod opening;
pub mod platform_payout;
pub mod restriction_lifted;
pub mod reversal;
pub mod settlement;
pub mod sponsor_paid;

use kernel::{BusinessDay, Fen, JournalId};

use super::JournalError;

/// What every shape needs to know: which journal, booked when, happened when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The journal's id, made on the posting day.
    pub id: JournalId,
    /// The day it is booked.
    pub posting_day: BusinessDay,
    /// The day it happened.
    pub business_day: BusinessDay,
}

/// The amount, if it is above zero.
fn positive(amount: Fen) -> Result<Fen, JournalError> {
    if amount.is_positive() {
        Ok(amount)
    } else {
        Err(JournalError::NotPositive)
    }
}
