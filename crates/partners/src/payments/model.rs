//! Payments as values.

use kernel::{ActorId, Fen, FundId, Instant, JournalId, UnitId};
use ledger::Restriction;

use crate::agreements::TargetKind;
use crate::word::words;
use crate::{AgreementId, PaymentId, PurchaseId};

words! {
    /// Where a payment is.
    PaymentState {
        /// Ordered; another person books it.
        Proposed = "proposed",
        /// In the books.
        Paid = "paid",
        /// Given up before it was booked.
        Withdrawn = "withdrawn",
    }
}

/// A payment to be proposed.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Under which agreement.
    pub agreement: AgreementId,
    /// What makes it the same payment when it is sent again.
    pub key: String,
    /// Counted in.
    pub kind: TargetKind,
    /// Out of which fund.
    pub fund: FundId,
    /// Which money of it.
    pub restriction: Restriction,
    /// How much.
    pub amount: Fen,
    /// What it is for; never a person's name.
    pub purpose: String,
    /// The purchase it pays.
    pub purchase: Option<PurchaseId>,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Whose.
    pub unit: UnitId,
    /// Under which agreement.
    pub agreement: AgreementId,
    /// Counted in.
    pub kind: TargetKind,
    /// Out of which fund.
    pub fund: FundId,
    /// Which money of it.
    pub restriction: Restriction,
    /// How much is ordered to be paid.
    pub amount: Fen,
    /// What it is for.
    pub purpose: String,
    /// The purchase it pays.
    pub purchase: Option<PurchaseId>,
    /// Where it is.
    pub state: PaymentState,
    /// Year and number.
    pub number: (i64, i64),
    /// Who proposed it.
    pub made_by: ActorId,
    /// When.
    pub made_at: Instant,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// The journal that paid it.
    pub journal: Option<JournalId>,
}

impl Payment {
    /// The number as it stands on papers: `XZ-2026-0001` (协作拨付).
    pub fn paper(&self) -> String {
        crate::series::paper("XZ", self.number)
    }
}
