//! Grants of money as values.

use governance::approvals::CaseId;
use kernel::{ActorId, Fen, FundId, Instant, JournalId, UnitId};
use ledger::Restriction;

use crate::vouchers::PaperKind;
use crate::word::words;
use crate::{GrantId, RequestId};

words! {
    /// Where a grant is.
    GrantState {
        /// Proposed; the group decides.
        Proposed = "proposed",
        /// Before those who decide it by a case of the house's approvals.
        Asked = "asked",
        /// Decided: its payment order stands.
        Approved = "approved",
        /// Decided against.
        Refused = "refused",
        /// The money is paid.
        Paid = "paid",
    }
}

/// A grant to be proposed.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// The request it answers.
    pub request: RequestId,
    /// What makes it the same grant when it is sent again.
    pub key: String,
    /// Out of which fund.
    pub fund: FundId,
    /// Which money of it.
    pub restriction: Restriction,
    /// How much.
    pub amount: Fen,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose.
    pub unit: UnitId,
    /// The request it answers.
    pub request: RequestId,
    /// Out of which fund.
    pub fund: FundId,
    /// Which money of it.
    pub restriction: Restriction,
    /// How much.
    pub amount: Fen,
    /// Where it is.
    pub state: GrantState,
    /// The case that decides it, once it was put before one.
    pub case: Option<CaseId>,
    /// Year and number of its payment order, once decided.
    pub number: Option<(i64, i64)>,
    /// Who proposed it.
    pub made_by: ActorId,
    /// When.
    pub made_at: Instant,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// The journal that paid it.
    pub journal: Option<JournalId>,
}

impl Grant {
    /// The number of its payment order as it stands on papers: `FK-2026-0001`.
    pub fn paper(&self) -> Option<String> {
        self.number.map(|number| PaperKind::PaymentOrder.number(number))
    }
}
