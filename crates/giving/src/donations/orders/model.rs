//! What an order is, and how it completes a payment.

use kernel::{Fen, GiftId, Instant, OrderId, ProjectId, ReceivingAccountId, Rng, UnitId};

use super::super::model::{Incoming, Payer};
use super::super::receipts::ReceiptWish;
use super::gateway::Provider;
use super::payments::{Attempt, AttemptState};

/// What our own trade numbers begin with.
pub const TRADE_NO_PREFIX: &str = "SQ";
/// How long an order waits for its payment: as long as a payment page stays open. Two hours.
pub const ORDER_LIFE_MICROS: i64 = 2 * 3_600 * 1_000_000;

/// The wish to give. No `Debug`: it names the payer.
pub struct NewOrder {
    /// The project's code.
    pub project: String,
    /// The amount.
    pub amount: Fen,
    /// Who will pay.
    pub payer: Payer,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
    /// What the giver said about a receipt.
    pub receipt: Option<ReceiptWish>,
}

/// An order as stored; the payer stays sealed.
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The unit in whose books the payment will stand.
    pub unit: UnitId,
    /// The account to which it is to be paid.
    pub account: ReceivingAccountId,
    /// The number under which it is to be paid.
    pub trade_no: String,
    /// The project.
    pub project: ProjectId,
    /// The amount.
    pub amount: Fen,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
    /// What the giver said about a receipt.
    pub receipt: Option<ReceiptWish>,
    /// Whether it is a month of a mandate.
    pub monthly: bool,
    /// The secret that seals the payer, wrapped; empty after erasure.
    pub secret_wrapped: Vec<u8>,
    /// The payer, sealed; empty after erasure.
    pub payer_sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Instant,
    /// Until when it waits.
    pub expires_at: Instant,
}

/// Where an order is; computed from its attempts, its gift and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    /// It was placed; no payment was begun.
    Created,
    /// A payment was begun and waits for the payer.
    Pending {
        /// With whom.
        provider: Provider,
    },
    /// It was paid, maybe late, maybe with another amount.
    Paid {
        /// The gift.
        gift: GiftId,
        /// What was paid.
        amount: Fen,
    },
    /// Its payment was closed before it was paid.
    Closed,
    /// It was not paid in time.
    Expired,
}

impl OrderState {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending { .. } => "pending",
            Self::Closed => "closed",
            Self::Paid { .. } => "paid",
            Self::Expired => "expired",
        }
    }
}

/// Where an order is: a payment counts whenever it came. `attempts` are oldest first.
pub fn state_of(order: &Order, attempts: &[Attempt], paid: Option<(GiftId, Fen)>, now: Instant) -> OrderState {
    if let Some((gift, amount)) = paid {
        return OrderState::Paid { gift, amount };
    }
    if now >= order.expires_at {
        return OrderState::Expired;
    }
    let open = attempts.iter().rev().find(|attempt| attempt.state.is_open());
    match (open, attempts.last()) {
        (Some(attempt), _) => OrderState::Pending {
            provider: attempt.provider,
        },
        // Paid, and held because of its amount: it waits for a person.
        (None, Some(last)) if matches!(last.state, AttemptState::Paid { .. }) => OrderState::Pending {
            provider: last.provider,
        },
        (None, Some(_)) => OrderState::Closed,
        (None, None) => OrderState::Created,
    }
}

/// `SQ`, the Beijing moment to the second, ten random digits: ordered like real trade numbers, not to be guessed.
pub fn trade_no(now: Instant, rng: &dyn Rng) -> String {
    let at = now.to_beijing();
    format!(
        "{TRADE_NO_PREFIX}{:04}{:02}{:02}{:02}{:02}{:02}{:010}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        rng.below(10_000_000_000)
    )
}

/// Completes a payment with what its order knows: the project when the notice named none (`unnamed`), the payer's
/// fields that the notice lacks, the wishes to stay anonymous and about a receipt. The amount is what was paid.
pub fn merge(incoming: &mut Incoming, order: &Order, payer: Payer, unnamed: bool) {
    if unnamed {
        incoming.project = order.project;
    }
    incoming.anonymous |= order.anonymous;
    incoming.receipt = incoming.receipt.or(order.receipt);
    let told = &mut incoming.payer;
    told.id = told.id.take().or(payer.id);
    told.name = told.name.take().or(payer.name);
    told.phone = told.phone.take().or(payer.phone);
    told.on_behalf_of = told.on_behalf_of.take().or(payer.on_behalf_of);
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededRng;
    use kernel::id::Id as _;

    use crate::donations::Source;

    fn order() -> Order {
        Order {
            id: OrderId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            account: ReceivingAccountId::from_bytes([3; 16]),
            trade_no: "SQ1".into(),
            project: ProjectId::from_bytes([4; 16]),
            amount: Fen::new(2_000),
            anonymous: true,
            receipt: Some(ReceiptWish::Waived),
            monthly: false,
            secret_wrapped: vec![],
            payer_sealed: vec![],
            created_at: Instant::from_micros(0),
            expires_at: Instant::from_micros(100),
        }
    }

    fn paid() -> Incoming {
        Incoming {
            account: ReceivingAccountId::from_bytes([3; 16]),
            project: ProjectId::from_bytes([9; 16]),
            trade_no: "SQ1".into(),
            amount: Fen::new(1_900),
            paid_at: Instant::from_micros(50),
            business_day: Instant::from_micros(50).business_day(),
            payer: Payer {
                name: Some("张三".into()),
                ..Payer::default()
            },
            anonymous: false,
            receipt: None,
            source: Source::Notice,
        }
    }

    #[test]
    fn an_order_fills_what_the_notice_lacks_and_never_the_amount() {
        let mut incoming = paid();
        let known = Payer {
            name: Some("李四".into()),
            phone: Some("13800000000".into()),
            ..Payer::default()
        };
        merge(&mut incoming, &order(), known, true);
        assert_eq!(incoming.project, ProjectId::from_bytes([4; 16]));
        assert_eq!(
            incoming.payer.name.as_deref(),
            Some("张三"),
            "what the notice says comes first"
        );
        assert_eq!(incoming.payer.phone.as_deref(), Some("13800000000"));
        assert!(incoming.anonymous);
        assert_eq!(incoming.receipt, Some(ReceiptWish::Waived));
        assert_eq!(incoming.amount, Fen::new(1_900));
    }

    #[test]
    fn a_project_that_the_notice_names_stays() {
        let mut incoming = paid();
        merge(&mut incoming, &order(), Payer::default(), false);
        assert_eq!(incoming.project, ProjectId::from_bytes([9; 16]));
    }

    #[test]
    fn a_late_payment_is_a_payment() {
        let (order, gift) = (order(), GiftId::from_bytes([7; 16]));
        let late = Instant::from_micros(100);
        assert_eq!(
            state_of(&order, &[], None, Instant::from_micros(99)),
            OrderState::Created
        );
        assert_eq!(state_of(&order, &[], None, late), OrderState::Expired);
        let paid = state_of(&order, &[], Some((gift, Fen::new(1_900))), late);
        assert_eq!(
            paid,
            OrderState::Paid {
                gift,
                amount: Fen::new(1_900)
            }
        );
    }

    #[test]
    fn trade_numbers_are_ordered_by_their_second() {
        let rng = SeededRng::new(1);
        let at = Instant::parse_rfc3339("2026-05-08T00:00:00Z").expect("a time");
        let first = trade_no(at, &rng);
        assert!(first.starts_with("SQ20260508080000"), "{first}");
        assert_eq!(first.len(), 26);
        assert!(first < trade_no(at.plus_micros(1_000_000), &rng));
    }
}
