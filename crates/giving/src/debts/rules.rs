//! How much is owed, and which fund gets how much of a payment.

use kernel::{Fen, MoneyError};
use ledger::journal::shapes::sponsor_paid::SponsorShare;

use super::model::Owed;

/// What one fund is owed; below zero where it got more than its matches are now.
///
/// # Errors
/// [`MoneyError`].
pub fn owed(one: &Owed) -> Result<Fen, MoneyError> {
    one.matched.minus(one.settled)
}

/// What is owed in all: what some funds got too much stands against what others lack.
///
/// # Errors
/// [`MoneyError`].
pub fn owed_in_all(funds: &[Owed]) -> Result<Fen, MoneyError> {
    funds.iter().try_fold(Fen::ZERO, |sum, one| sum.plus(owed(one)?))
}

/// Which fund gets how much of a payment, in the order of the funds; what some got too much is given to the others first.
/// None when more is paid than is owed.
///
/// # Errors
/// [`MoneyError`].
pub fn shares(funds: &[Owed], amount: Fen) -> Result<Option<Vec<SponsorShare>>, MoneyError> {
    if amount > owed_in_all(funds)? {
        return Ok(None);
    }
    let mut left = amount;
    let mut shares = Vec::with_capacity(funds.len());
    let mut give = |one: &Owed, amount: Fen| {
        if amount != Fen::ZERO {
            shares.push(SponsorShare {
                fund: one.fund,
                restriction: one.restriction,
                amount,
            });
        }
    };
    for one in funds {
        let due = owed(one)?;
        if due < Fen::ZERO {
            left = left.minus(due)?;
            give(one, due);
        }
    }
    for one in funds {
        let part = owed(one)?.min(left).max(Fen::ZERO);
        left = left.minus(part)?;
        give(one, part);
    }
    Ok(Some(shares))
}

#[cfg(test)]
mod tests {
    use kernel::FundId;
    use kernel::id::Id as _;
    use ledger::Restriction;

    use super::*;

    fn funds(sums: &[(i64, i64)]) -> Vec<Owed> {
        let one = |(number, (matched, settled)): (u8, &(i64, i64))| Owed {
            fund: FundId::from_bytes([number; 16]),
            restriction: Restriction::Restricted,
            matched: Fen::new(*matched),
            settled: Fen::new(*settled),
        };
        (1..).zip(sums).map(one).collect()
    }

    fn told(sums: &[(i64, i64)], amount: i64) -> Option<Vec<(u8, i64)>> {
        let shares = shares(&funds(sums), Fen::new(amount)).expect("small sums")?;
        let one = |share: SponsorShare| (share.fund.bytes()[0], share.amount.get());
        Some(shares.into_iter().map(one).collect())
    }

    #[test]
    fn a_payment_fills_the_funds_in_their_order() {
        assert_eq!(told(&[(100, 0), (50, 20), (40, 0)], 120), Some(vec![(1, 100), (2, 20)]));
        assert_eq!(told(&[(100, 100), (50, 20), (40, 0)], 70), Some(vec![(2, 30), (3, 40)]));
    }

    #[test]
    fn what_a_fund_got_too_much_goes_to_the_others() {
        assert_eq!(told(&[(100, 0), (50, 80)], 70), Some(vec![(2, -30), (1, 100)]));
        assert_eq!(told(&[(100, 0), (50, 80)], 1), Some(vec![(2, -30), (1, 31)]));
    }

    #[test]
    fn more_than_is_owed_is_not_taken() {
        assert_eq!(told(&[(100, 40)], 61), None);
        assert_eq!(told(&[(100, 0), (50, 80)], 71), None);
        assert_eq!(told(&[], 1), None);
    }
}
