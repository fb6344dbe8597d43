//! What a payout is.

use kernel::{ActorId, BusinessDay, Channel, Fen, FundId, Instant, JournalId, PayoutId, UnitId};

/// Where a payout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayoutState {
    /// It waits for another person.
    Requested,
    /// The money was passed on.
    Approved {
        /// Who approved.
        by: ActorId,
        /// When.
        at: Instant,
        /// The journal in the books.
        journal: JournalId,
    },
    /// It was refused.
    Rejected {
        /// Who rejected.
        by: ActorId,
        /// When.
        at: Instant,
    },
}

impl PayoutState {
    /// The words of all states.
    pub const WORDS: [&'static str; 3] = ["requested", "approved", "rejected"];
    /// The word in the database and in JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
        }
    }
}

/// A payout of money held for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Its id.
    pub id: PayoutId,
    /// Whose books.
    pub unit: UnitId,
    /// The fund that keeps the money apart.
    pub fund: FundId,
    /// Out of which pocket.
    pub channel: Channel,
    /// The amount.
    pub amount: Fen,
    /// The day it is passed on.
    pub business_day: BusinessDay,
    /// The voucher's number.
    pub memo_code: Option<String>,
    /// Who asked.
    pub requested_by: ActorId,
    /// When.
    pub requested_at: Instant,
    /// Where it is.
    pub state: PayoutState,
}
