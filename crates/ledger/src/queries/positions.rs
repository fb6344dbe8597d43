//! What balance sheet and cash-flow statement are made of: balances by account, and what was brought forward.

use std::collections::BTreeMap;

use db::{Reads, Value, params};
use kernel::{BusinessDay, Fen, MoneyError};

use super::Part;
use crate::LedgerError;
use crate::chart::AccountCode;

/// Debit less credit of each account.
pub(super) type ByCode = BTreeMap<AccountCode, Fen>;

/// One line of a statement with two columns of amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairLine {
    /// Stable key.
    pub key: &'static str,
    /// The official name.
    pub zh: &'static str,
    /// The name in English.
    pub en: &'static str,
    /// The first column: the end of the period, or this year.
    pub now: Fen,
    /// The second: the beginning of the year, or last year.
    pub before: Fen,
}

/// The year in which a day lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Year {
    /// Its first day.
    pub first: BusinessDay,
    /// The day asked for.
    pub day: BusinessDay,
}

impl Year {
    pub fn of(day: BusinessDay) -> Self {
        Self {
            first: day.plus_days(1 - i64::from(day.date().ordinal())),
            day,
        }
    }
    /// The whole year before.
    pub fn before(self) -> Self {
        Self::of(self.first.plus_days(-1))
    }
}

/// Turnover by account over posting days up to and with `to`, from `from` on or from the beginning.
pub(super) async fn moved(
    at: &mut impl Reads,
    part: &Part<'_>,
    from: Option<BusinessDay>,
    to: BusinessDay,
) -> Result<ByCode, LedgerError> {
    let mut values = params![from.map_or(0, BusinessDay::to_number), to];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT a.code, CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS fen
         FROM book_balance b JOIN book_account a ON a.id = b.account_id
         WHERE b.day >= ?1 AND b.day <= ?2 AND {condition} GROUP BY a.code"
    );
    collected(at, &sql, values).await
}

/// What was brought forward in these days, reversals of it taken off again. It moved nothing: it was there.
pub(super) async fn brought_forward(at: &mut impl Reads, part: &Part<'_>, year: Year) -> Result<ByCode, LedgerError> {
    let mut values = params![year.first, year.day];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT a.code, CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT) AS fen
         FROM journal j JOIN posting p ON p.journal_id = j.id JOIN book_account a ON a.id = p.account_id
         LEFT JOIN journal o ON o.unit_id = j.unit_id AND o.id = j.reverses
         WHERE (j.kind = 'opening' OR o.kind = 'opening')
           AND p.posting_day >= ?1 AND p.posting_day <= ?2 AND {condition} GROUP BY a.code"
    );
    collected(at, &sql, values).await
}

/// What goods in kind moved in these days: value came and went, no money did.
pub(super) async fn in_kind(at: &mut impl Reads, part: &Part<'_>, year: Year) -> Result<ByCode, LedgerError> {
    let mut values = params![year.first, year.day];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT a.code, CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT) AS fen
         FROM journal j JOIN posting p ON p.journal_id = j.id JOIN book_account a ON a.id = p.account_id
         WHERE j.kind IN ('goods_received', 'goods_issued')
           AND p.posting_day >= ?1 AND p.posting_day <= ?2 AND {condition} GROUP BY a.code"
    );
    collected(at, &sql, values).await
}

async fn collected(at: &mut impl Reads, sql: &str, values: Vec<Value>) -> Result<ByCode, LedgerError> {
    let mut found = ByCode::new();
    for row in at.query(sql, values).await? {
        found.insert(row.word("code")?, row.fen("fen")?);
    }
    Ok(found)
}

/// The sum of two.
pub(super) fn plus(mut one: ByCode, other: &ByCode) -> Result<ByCode, MoneyError> {
    for (code, fen) in other {
        let sum = one.entry(*code).or_default();
        *sum = sum.plus(*fen)?;
    }
    Ok(one)
}

/// One less the other.
pub(super) fn minus(mut one: ByCode, other: &ByCode) -> Result<ByCode, MoneyError> {
    for (code, fen) in other {
        let sum = one.entry(*code).or_default();
        *sum = sum.minus(*fen)?;
    }
    Ok(one)
}

/// Debit less credit of the accounts that are wanted.
pub(super) fn sum(of: &ByCode, wanted: impl Fn(AccountCode) -> bool) -> Result<Fen, MoneyError> {
    Fen::sum(of.iter().filter(|(code, _)| wanted(**code)).map(|(_, fen)| *fen))
}
