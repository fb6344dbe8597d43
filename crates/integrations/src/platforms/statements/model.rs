//! Lines of a platform's files, and statements as stored.

use kernel::{ActorId, BusinessDay, Fen, ImportId, Instant, ProjectId, UnitId};

use crate::platforms::model::{PlatformCode, StatementId};
use crate::platforms::words::said;

said! {
    /// Where a statement stands.
    StatementState {
        /// Begun: the same files again add what is missing.
        Booking = "booking", "入账中", "being booked";
        /// Every gift and match of it stands in the books.
        Booked = "booked", "已入账", "booked";
    }
}

/// A gift of a detail file. No `Debug`: it may hold a name.
pub(super) struct GiftLine {
    pub(super) row: u32,
    pub(super) order_no: String,
    pub(super) project_no: String,
    pub(super) amount: Fen,
    pub(super) paid_at: Instant,
    pub(super) payer: Option<String>,
    pub(super) memo: Option<String>,
    pub(super) tag: Option<String>,
}

/// A match of a matching file.
pub(super) struct MatchLine {
    pub(super) row: u32,
    pub(super) match_no: String,
    pub(super) order_no: Option<String>,
    pub(super) project_no: String,
    pub(super) amount: Fen,
    pub(super) granted_at: Instant,
    pub(super) giver: Option<String>,
}

/// What a settlement says of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SettledPage {
    pub(super) gifts: i64,
    pub(super) gift_sum: Fen,
    pub(super) matches: Option<i64>,
    pub(super) match_sum: Fen,
    pub(super) refund_sum: Fen,
    pub(super) fee: Fen,
    pub(super) net: Fen,
}

/// How many, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) count: i64,
    pub(super) sum: Fen,
}

impl Tally {
    /// One more. Sums that do not fit stay at the largest number, which ties with nothing.
    pub(super) fn add(&mut self, amount: Fen) {
        self.count += 1;
        self.sum = self.sum.plus(amount).unwrap_or(Fen::MAX);
    }
}

/// A statement as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// The unit whose account it settles.
    pub unit: UnitId,
    /// The platform.
    pub platform: PlatformCode,
    /// The settlement's number.
    pub number: String,
    /// A hash of what it states and of the orders behind it.
    pub content: Vec<u8>,
    /// Where it stands.
    pub state: StatementState,
    /// Gifts.
    pub gifts: i64,
    /// Their sum.
    pub gift_sum: Fen,
    /// Matches.
    pub matches: i64,
    /// Their sum.
    pub match_sum: Fen,
    /// What was given back to donors out of it.
    pub refund_sum: Fen,
    /// What the platform or its payment provider kept.
    pub fee: Fen,
    /// What it pays out.
    pub net: Fen,
    /// The run that brought the gifts.
    pub import: Option<ImportId>,
    /// The run that brought the matches.
    pub match_import: Option<ImportId>,
    /// When it was begun.
    pub begun_at: Instant,
    /// By whom.
    pub begun_by: ActorId,
    /// When all of it stood in the books.
    pub booked_at: Option<Instant>,
    /// The day the payout arrived in the bank, once that is booked.
    pub arrived_on: Option<BusinessDay>,
}

/// What a stored statement says of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// The page.
    pub project_no: String,
    /// The project it raises for.
    pub project: ProjectId,
    /// Gifts.
    pub gifts: i64,
    /// Their sum.
    pub gift_sum: Fen,
    /// Matches.
    pub matches: i64,
    /// Their sum.
    pub match_sum: Fen,
    /// What was given back to donors.
    pub refund_sum: Fen,
    /// What was kept.
    pub fee: Fen,
    /// What it pays out.
    pub net: Fen,
}
