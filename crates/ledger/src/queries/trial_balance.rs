//! The trial balance (科目余额表): per account what was there, what moved, what remains.

use db::{Reads, params};
use kernel::{Fen, MoneyError};

use super::{Part, Period};
use crate::LedgerError;
use crate::chart::AccountCode;

/// One account of the chart over all funds and projects of the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub code: AccountCode,
    /// Before the period: debit above zero.
    pub opening: Fen,
    /// Debits of the period.
    pub debit: Fen,
    /// Credits of the period.
    pub credit: Fen,
    /// After the period: debit above zero.
    pub closing: Fen,
}

/// Debits and credits that must be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sides {
    /// The debit side.
    pub debit: Fen,
    /// The credit side.
    pub credit: Fen,
}

impl Sides {
    fn add(&mut self, signed: Fen) -> Result<(), MoneyError> {
        if signed.is_positive() {
            self.debit = self.debit.plus(signed)?;
        } else {
            self.credit = self.credit.minus(signed)?;
        }
        Ok(())
    }
    /// Whether the books balance.
    pub fn agree(&self) -> bool {
        self.debit == self.credit
    }
}

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrialBalance {
    /// Accounts that ever had an entry, by code.
    pub lines: Vec<Line>,
    /// Balances before the period.
    pub opening: Sides,
    /// What moved in the period.
    pub turnover: Sides,
    /// Balances after the period.
    pub closing: Sides,
}

/// The trial balance of a part of the books over a period of posting days.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn read(at: &mut impl Reads, part: &Part<'_>, period: Period) -> Result<TrialBalance, LedgerError> {
    let mut values = params![period.from, period.to];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT a.code,
            CAST(COALESCE(SUM(CASE WHEN b.day < ?1 THEN b.debit_fen - b.credit_fen ELSE 0 END), 0) AS BIGINT) AS opening,
            CAST(COALESCE(SUM(CASE WHEN b.day >= ?1 THEN b.debit_fen ELSE 0 END), 0) AS BIGINT) AS debit,
            CAST(COALESCE(SUM(CASE WHEN b.day >= ?1 THEN b.credit_fen ELSE 0 END), 0) AS BIGINT) AS credit
         FROM book_balance b JOIN book_account a ON a.id = b.account_id
         WHERE b.day <= ?2 AND {condition} GROUP BY a.code ORDER BY a.code"
    );
    let mut table = TrialBalance::default();
    for row in at.query(&sql, values).await? {
        let code = row.word::<AccountCode>("code")?;
        let (opening, debit, credit) = (row.fen("opening")?, row.fen("debit")?, row.fen("credit")?);
        let closing = opening.plus(debit)?.minus(credit)?;
        table.opening.add(opening)?;
        table.closing.add(closing)?;
        table.turnover.debit = table.turnover.debit.plus(debit)?;
        table.turnover.credit = table.turnover.credit.plus(credit)?;
        table.lines.push(Line {
            code,
            opening,
            debit,
            credit,
            closing,
        });
    }
    Ok(table)
}

/// The sides of all balances as they stand, over the whole installation or a part: for `qiao report totals`.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn sides(at: &mut impl Reads, part: &Part<'_>) -> Result<Sides, LedgerError> {
    let mut values = params![];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT a.code, CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS closing
         FROM book_balance b JOIN book_account a ON a.id = b.account_id WHERE {condition} GROUP BY a.code"
    );
    let mut sides = Sides::default();
    for row in at.query(&sql, values).await? {
        sides.add(row.fen("closing")?)?;
    }
    Ok(sides)
}
