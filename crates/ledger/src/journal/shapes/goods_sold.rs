//! What goods of the body were sold for: Dr where the money lies / Cr 4501 商品销售收入, limited as the goods were, in the fund
//! that takes it. The goods' own value leaves by the journal of their movement (art. 17 of the law on donations: what is
//! sold of gifts serves what they were given for).

use kernel::{Channel, Fen, FundId, UnitId};

use super::{When, positive};
use crate::chart::{AccountCode, Restriction};
use crate::journal::{Dimensions, Entry, Journal, JournalError, JournalKind};

/// Proceeds of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoodsSold {
    /// Whose books.
    pub unit: UnitId,
    /// The fund that takes the money.
    pub fund: FundId,
    /// How the goods were limited, and so the money is.
    pub restriction: Restriction,
    /// Where the money lies.
    pub paid_into: Channel,
    /// How much, above zero.
    pub amount: Fen,
}

/// The journal.
///
/// # Errors
/// [`JournalError`].
pub fn journal(what: &GoodsSold, when: When) -> Result<Journal, JournalError> {
    let amount = positive(what.amount)?;
    let income = match what.restriction {
        Restriction::Restricted => AccountCode::SALES_RESTRICTED,
        Restriction::Unrestricted | Restriction::None => AccountCode::SALES_UNRESTRICTED,
    };
    let dims = |code| Dimensions::general(what.unit, code).in_fund(Some(what.fund));
    let entries = vec![
        Entry::debit(dims(AccountCode::asset_of(what.paid_into)), amount),
        Entry::credit(dims(income), amount)?,
    ];
    Journal::new(
        JournalKind::GoodsSold,
        when.id,
        when.posting_day,
        when.business_day,
        entries,
    )
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{BusinessDay, JournalId, SeededRng};

    use super::*;

    fn posted(restriction: Restriction, fen: i64) -> Result<Vec<(&'static str, i64)>, JournalError> {
        let day = BusinessDay::parse("2026-05-08").expect("a day");
        let when = When {
            id: JournalId::new(day.start(), &SeededRng::new(1)),
            posting_day: day,
            business_day: day,
        };
        let what = GoodsSold {
            unit: UnitId::from_bytes([7; 16]),
            fund: FundId::from_bytes([5; 16]),
            restriction,
            paid_into: Channel::Bank,
            amount: Fen::new(fen),
        };
        let journal = journal(&what, when)?;
        assert!(
            journal.entries().iter().all(|entry| entry.dims.fund == Some(what.fund)),
            "money stands in a fund"
        );
        Ok(journal
            .entries()
            .iter()
            .map(|entry| (entry.dims.code.as_str(), entry.amount.get()))
            .collect())
    }

    #[test]
    fn proceeds_are_sales_limited_as_the_goods_were() {
        assert_eq!(
            posted(Restriction::Unrestricted, 900),
            Ok(vec![("1002", 900), ("450101", -900)])
        );
        assert_eq!(
            posted(Restriction::Restricted, 900),
            Ok(vec![("1002", 900), ("450102", -900)])
        );
        assert_eq!(posted(Restriction::Restricted, 0), Err(JournalError::NotPositive));
    }
}
