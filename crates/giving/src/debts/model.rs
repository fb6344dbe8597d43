//! A sponsor's debt and what was paid of it.

use kernel::{ActorId, BusinessDay, Fen, FundId, Instant};
use ledger::Restriction;

use crate::matching::PoolId;

/// What a pool's sponsor owes one fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// The fund.
    pub fund: FundId,
    /// Whose limits its money bears.
    pub restriction: Restriction,
    /// Matched and not taken back.
    pub matched: Fen,
    /// Paid and not reversed in the books.
    pub settled: Fen,
}

/// Money that a sponsor paid for the matches of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The pool.
    pub pool: PoolId,
    /// 1, 2, 3 … within the pool.
    pub number: i64,
    /// How much.
    pub amount: Fen,
    /// When it came, or was taken out of what was held.
    pub paid_on: BusinessDay,
    /// The number of the bank's line or the voucher.
    pub memo_code: Option<String>,
    /// Who booked it.
    pub booked_by: ActorId,
    /// When.
    pub booked_at: Instant,
}

/// The debt of a pool's sponsor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debt {
    /// Fund by fund.
    pub funds: Vec<Owed>,
    /// What was paid, oldest first.
    pub settlements: Vec<Settlement>,
}
