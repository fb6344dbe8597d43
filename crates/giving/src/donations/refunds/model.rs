//! What a refund is.

use std::str::FromStr;

use kernel::{ActorId, BusinessDay, Fen, GiftId, Instant, JournalId, MoneyError, RefundId, UnitId};
use serde::{Deserialize, Serialize};

/// Why money is given back (R1.33; 慈善法 111 for unlawful raising).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// Paid by mistake: wrong amount, wrong receiver.
    WrongPayment,
    /// Paid twice.
    DuplicatePayment,
    /// Raised unlawfully; the authority orders it returned.
    UnlawfulRaising,
    /// The campaign or agreement is void or cancelled, as its plan provides.
    CampaignCancelled,
    /// Its import was taken back: no money moved.
    ImportReversal,
    /// A match shrank with the gift it matched: the sponsor's money went back to the pool or to the sponsor.
    MatchShrunk,
}

impl RefundReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::WrongPayment,
        Self::DuplicatePayment,
        Self::UnlawfulRaising,
        Self::CampaignCancelled,
        Self::ImportReversal,
        Self::MatchShrunk,
    ];
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongPayment => "wrong_payment",
            Self::DuplicatePayment => "duplicate_payment",
            Self::UnlawfulRaising => "unlawful_raising",
            Self::CampaignCancelled => "campaign_cancelled",
            Self::ImportReversal => "import_reversal",
            Self::MatchShrunk => "match_shrunk",
        }
    }
}

impl FromStr for RefundReason {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|r| r.as_str() == word)
            .ok_or_else(|| word.to_owned())
    }
}

/// Where a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    /// Asked for; holds its amount of the gift until decided.
    Requested,
    /// Approved and booked.
    Approved {
        /// By whom.
        by: ActorId,
        /// When.
        at: Instant,
        /// The journal in the books.
        journal: JournalId,
    },
    /// Rejected.
    Rejected {
        /// By whom.
        by: ActorId,
        /// When.
        at: Instant,
    },
}

impl RefundState {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
        }
    }
}

/// A refund of a gift, whole or in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The unit in whose books the gift stands.
    pub unit: UnitId,
    /// The gift.
    pub gift: GiftId,
    /// The amount, above zero.
    pub amount: Fen,
    /// Why.
    pub reason: RefundReason,
    /// Who asked.
    pub requested_by: ActorId,
    /// When.
    pub requested_at: Instant,
    /// The day it counts for: of the approval, or of the request while it waits.
    pub business_day: BusinessDay,
    /// Where it is.
    pub state: RefundState,
}

/// What may still be asked for, or approved, of a gift: without what was approved and, for another request, what
/// waits. `None` when the gift was taken back with its import.
///
/// # Errors
/// [`MoneyError::Overflow`], which sums below a gift's amount never meet.
pub fn remaining(gift: Fen, refunds: &[Refund], but: Option<RefundId>) -> Result<Option<Fen>, MoneyError> {
    if refunds.iter().any(|r| r.reason == RefundReason::ImportReversal) {
        return Ok(None);
    }
    let held = refunds
        .iter()
        .filter(|r| Some(r.id) != but && !matches!(r.state, RefundState::Rejected { .. }));
    gift.minus(Fen::sum(held.map(|r| r.amount))?).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::id::Id as _;

    fn refund(n: u8, fen: i64, state: RefundState) -> Refund {
        Refund {
            id: RefundId::from_bytes([n; 16]),
            unit: UnitId::from_bytes([1; 16]),
            gift: GiftId::from_bytes([2; 16]),
            amount: Fen::new(fen),
            reason: RefundReason::WrongPayment,
            requested_by: ActorId::from_bytes([3; 16]),
            requested_at: Instant::from_micros(0),
            business_day: Instant::from_micros(0).business_day(),
            state,
        }
    }

    #[test]
    fn what_waits_is_held_and_what_was_rejected_is_free() {
        let rejected = RefundState::Rejected {
            by: ActorId::from_bytes([4; 16]),
            at: Instant::from_micros(1),
        };
        let all = [refund(1, 30, RefundState::Requested), refund(2, 50, rejected)];
        assert_eq!(remaining(Fen::new(100), &all, None), Ok(Some(Fen::new(70))));
        assert_eq!(remaining(Fen::new(100), &all, Some(all[0].id)), Ok(Some(Fen::new(100))));
    }

    #[test]
    fn of_a_gift_taken_back_nothing_is_left() {
        let mut back = refund(1, 100, RefundState::Requested);
        back.reason = RefundReason::ImportReversal;
        assert_eq!(remaining(Fen::new(100), &[back], None), Ok(None));
    }

    #[test]
    fn every_reason_is_read_back_from_its_word() {
        for reason in RefundReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }
}
