//! Decisions about sales. Pure.

use kernel::{ActorId, Channel};
use ledger::Restriction;

use super::model::{NewSale, Sale};
use crate::error::{ReliefError, invalid};
use crate::stock::Lot;
use crate::stock::rules::{check_quantity, check_text};

/// How the money of a lot is limited: as its giver limited the goods.
pub const fn restriction(lot: &Lot) -> Restriction {
    if lot.designated_for.is_some() {
        Restriction::Restricted
    } else {
        Restriction::Unrestricted
    }
}

/// Checks a sale's shape.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_new(new: &NewSale) -> Result<(), ReliefError> {
    check_text("key", &new.key, 1)?;
    check_text("buyer", &new.buyer, 1)?;
    check_text("reason", &new.reason, 1)?;
    check_quantity(new.quantity)?;
    if !new.amount.is_positive() {
        return Err(invalid("amount_fen", "an amount above zero is expected"));
    }
    if new.paid_into == Channel::Match {
        return Err(invalid(
            "paid_into",
            "money that came is expected: bank, cash, wechat, alipay",
        ));
    }
    Ok(())
}

/// Whether this person may undo a sale.
///
/// # Errors
/// [`ReliefError::State`] for one that is undone, [`ReliefError::SamePerson`] for who sold.
pub fn check_undo(sale: &Sale, by: ActorId) -> Result<(), ReliefError> {
    if sale.undone.is_some() {
        return Err(ReliefError::State {
            state: "undone",
            wanted: "sold",
        });
    }
    if sale.sold_by == by {
        return Err(ReliefError::SamePerson);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::Fen;
    use kernel::id::Id as _;

    use super::*;
    use crate::{LotId, PlaceId};

    fn new(fen: i64, buyer: &str, paid_into: Channel) -> NewSale {
        NewSale {
            lot: LotId::from_bytes([1; 16]),
            key: "1".into(),
            place: PlaceId::from_bytes([2; 16]),
            quantity: 10,
            amount: Fen::new(fen),
            paid_into,
            fund: None,
            buyer: buyer.into(),
            reason: "超过实际需要".into(),
        }
    }

    #[test]
    fn a_sale_has_a_price_a_buyer_and_money_that_came() {
        let field = |new: &NewSale| match check_new(new) {
            Ok(()) => "",
            Err(ReliefError::Invalid { field, .. }) => field,
            Err(other) => panic!("{other}"),
        };
        assert_eq!(field(&new(100, "示例贸易公司", Channel::Bank)), "");
        assert_eq!(field(&new(0, "示例贸易公司", Channel::Bank)), "amount_fen");
        assert_eq!(field(&new(100, " ", Channel::Bank)), "buyer");
        assert_eq!(field(&new(100, "示例贸易公司", Channel::Match)), "paid_into");
    }
}
