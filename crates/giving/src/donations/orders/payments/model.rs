//! What a payment of an order is.

use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Instant, OrderId, ReceivingAccountId, RefundId, UnitId};

use super::super::gateway::Provider;

/// Where a payment is at its provider, as last heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptState {
    /// It waits for the payer.
    Pending,
    /// It was paid.
    Paid {
        /// The provider's number.
        provider_no: String,
    },
    /// It can no longer be paid.
    Closed,
}

impl AttemptState {
    /// The word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid { .. } => "paid",
            Self::Closed => "closed",
        }
    }
    /// Whether it may still be paid.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Pending)
    }
}

/// An order on its way through one account of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The order.
    pub order: OrderId,
    /// The unit in whose books the payment will stand.
    pub unit: UnitId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The number under which it is paid.
    pub trade_no: String,
    /// The provider.
    pub provider: Provider,
    /// The way, by its word.
    pub way: String,
    /// Until when it may be paid.
    pub expires_at: Instant,
    /// When the provider was last asked or told us.
    pub checked_at: Instant,
    /// Where it is.
    pub state: AttemptState,
}

/// What a look at waiting payments did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Payments asked about.
    pub asked: usize,
    /// Of these, paid.
    pub paid: usize,
    /// Of these, closed.
    pub closed: usize,
    /// Refunds sent or asked about.
    pub refunds: usize,
}

/// What comparing a day's bill with our gifts found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The unit.
    pub unit: UnitId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The day.
    pub day: BusinessDay,
    /// Payments in the bill.
    pub lines: i64,
    /// Of these, gifts that we had with the same amount.
    pub agreed: i64,
    /// Of these, what notices had missed: gifts now.
    pub found: i64,
    /// Of these, held for review: another amount.
    pub held: i64,
    /// Numbers of gifts of ours that the bill does not have.
    pub missing: Vec<String>,
    /// Numbers of refunds in the bill that we did not ask for.
    pub refunds_unknown: Vec<String>,
    /// When it was made.
    pub at: Instant,
}

/// The number of a refund at the provider; always the same for the same refund.
pub fn refund_no(refund: RefundId) -> String {
    format!("R{}", hex(&refund.bytes()))
}

/// The refund behind its number at the provider, if it is one of ours.
pub fn refund_of(number: &str) -> Option<RefundId> {
    let bytes = data_encoding::HEXLOWER
        .decode(number.strip_prefix('R')?.as_bytes())
        .ok()?;
    Some(RefundId::from_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_is_found_again_by_its_number_and_no_other_number_is_one() {
        let refund = RefundId::from_bytes([0xab; 16]);
        let number = refund_no(refund);
        assert!(number.len() <= 64, "both providers take at most 64 characters");
        assert_eq!(refund_of(&number), Some(refund));
        assert_eq!(refund_of("R00"), None);
        assert_eq!(refund_of(&number[1..]), None);
    }
}
