//! The nightly proof: all balances recomputed from the postings, every journal checked for zero, in bounded bites.
//!
//! `qiao doctor --deep` runs the same. A difference is a bug or a hand in the database; nothing here repairs it.

use std::collections::HashMap;

use db::{DbError, Reads, params};
use kernel::id::Id;
use kernel::{BookAccountId, BusinessDay, Fen, JournalId, UnitId};

use crate::LedgerError;
use crate::journal::store::{NONE, Turnover};

/// Postings summed in one statement: some tenths of a second each, so that a snapshot is not one endless query.
const POSTINGS_PER_BITE: i64 = 200_000;
/// Balances compared in one statement.
const BALANCES_PER_BITE: i64 = 5_000;
/// Findings told in full; more than this is one catastrophe, counted only.
pub const FINDINGS_MAX: usize = 100;

/// A balance that is not what its postings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The account.
    pub account: BookAccountId,
    /// The posting day.
    pub day: BusinessDay,
    /// As kept: debit, credit, entries.
    pub kept: (Fen, Fen, i64),
    /// As counted: debit, credit, entries.
    pub counted: (Fen, Fen, i64),
}

/// What the recount found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recount {
    /// Postings counted.
    pub postings: i64,
    /// Balances compared.
    pub balances: i64,
    /// Journals whose entries do not sum to zero, the first [`FINDINGS_MAX`].
    pub unbalanced: Vec<JournalId>,
    /// Journals that move money between funds without being of a kind that says so, the first [`FINDINGS_MAX`].
    pub crossing: Vec<JournalId>,
    /// Balances that differ, the first [`FINDINGS_MAX`].
    pub differences: Vec<Difference>,
    /// All findings, told or not.
    pub findings: i64,
}

impl Recount {
    /// Whether the books are as they should be.
    pub const fn agrees(&self) -> bool {
        self.findings == 0
    }
    fn find<T>(list: &mut Vec<T>, findings: &mut i64, found: T) {
        *findings += 1;
        if list.len() < FINDINGS_MAX {
            list.push(found);
        }
    }
}

type Counted = HashMap<(UnitId, BookAccountId, BusinessDay), Turnover>;

/// Recomputes everything from the postings. Hand it one snapshot, so that all is of one moment. Memory grows with the
/// number of balances (accounts times days), not with the number of postings.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn recount(at: &mut impl Reads) -> Result<Recount, LedgerError> {
    let mut result = Recount::default();
    let mut counted = Counted::new();
    let mut from = JournalId::from_bytes(NONE);
    loop {
        let upto = end_of_bite(at, from).await?;
        count(at, from, upto, &mut counted, &mut result).await?;
        check_zero(at, from, upto, &mut result).await?;
        let Some(next) = upto else { break };
        from = next;
    }
    compare(at, counted, &mut result).await?;
    Ok(result)
}

/// The first journal of the next bite; nothing at the end. A journal is never cut.
async fn end_of_bite(at: &mut impl Reads, from: JournalId) -> Result<Option<JournalId>, DbError> {
    let sql = "SELECT journal_id FROM posting WHERE journal_id >= ?1 ORDER BY journal_id LIMIT 1 OFFSET ?2";
    let row = at.query_one(sql, params![(from,), POSTINGS_PER_BITE]).await?;
    row.map(|row| row.id("journal_id")).transpose()
}

/// The condition of one bite with its parameters; the last one is open at its end.
fn bite(from: JournalId, upto: Option<JournalId>) -> (&'static str, Vec<db::Value>) {
    match upto {
        Some(upto) => ("p.journal_id >= ?1 AND p.journal_id < ?2", params![(from,), (upto,)]),
        None => ("p.journal_id >= ?1", params![(from,)]),
    }
}

async fn count(
    at: &mut impl Reads,
    from: JournalId,
    upto: Option<JournalId>,
    counted: &mut Counted,
    result: &mut Recount,
) -> Result<(), LedgerError> {
    let (condition, values) = bite(from, upto);
    let sql = format!(
        "SELECT a.unit_id, p.account_id, p.posting_day,
            CAST(SUM(CASE WHEN p.amount_fen > 0 THEN p.amount_fen ELSE 0 END) AS BIGINT) AS debit,
            CAST(SUM(CASE WHEN p.amount_fen < 0 THEN -p.amount_fen ELSE 0 END) AS BIGINT) AS credit,
            COUNT(*) AS entries
         FROM posting p JOIN book_account a ON a.id = p.account_id
         WHERE {condition} GROUP BY a.unit_id, p.account_id, p.posting_day"
    );
    for row in at.query(&sql, values).await? {
        let key = (row.id("unit_id")?, row.id("account_id")?, row.day("posting_day")?);
        let sums = counted.entry(key).or_default();
        sums.debit = sums.debit.plus(row.fen("debit")?)?;
        sums.credit = sums.credit.plus(row.fen("credit")?)?;
        let entries = row.int("entries")?;
        sums.entries += entries;
        result.postings += entries;
    }
    Ok(())
}

async fn check_zero(
    at: &mut impl Reads,
    from: JournalId,
    upto: Option<JournalId>,
    result: &mut Recount,
) -> Result<(), DbError> {
    let (condition, values) = bite(from, upto);
    let limit = FINDINGS_MAX + 1;
    let sql = format!(
        "SELECT p.journal_id FROM posting p WHERE {condition}
         GROUP BY p.journal_id HAVING SUM(p.amount_fen) <> 0 ORDER BY p.journal_id LIMIT {limit}"
    );
    for row in at.query(&sql, values.clone()).await? {
        Recount::find(&mut result.unbalanced, &mut result.findings, row.id("journal_id")?);
    }
    let sql = format!(
        "SELECT DISTINCT journal_id FROM (
            SELECT p.journal_id, a.fund_id FROM posting p JOIN book_account a ON a.id = p.account_id
            WHERE {condition} AND p.kind NOT IN ('fund_transfer', 'restriction_lifted', 'reversal')
            GROUP BY p.journal_id, a.unit_id, a.fund_id HAVING SUM(p.amount_fen) <> 0) AS crossed
         ORDER BY journal_id LIMIT {limit}"
    );
    for row in at.query(&sql, values).await? {
        Recount::find(&mut result.crossing, &mut result.findings, row.id("journal_id")?);
    }
    Ok(())
}

async fn compare(at: &mut impl Reads, mut counted: Counted, result: &mut Recount) -> Result<(), LedgerError> {
    let mut after = (UnitId::from_bytes(NONE), BookAccountId::from_bytes(NONE), 0i64);
    loop {
        let sql = "SELECT unit_id, account_id, day, debit_fen, credit_fen, entries FROM book_balance
                   WHERE (unit_id, account_id, day) > (?1, ?2, ?3) ORDER BY unit_id, account_id, day LIMIT ?4";
        let rows = at
            .query(sql, params![(after.0,), (after.1,), after.2, BALANCES_PER_BITE])
            .await?;
        for row in &rows {
            let key = (row.id("unit_id")?, row.id("account_id")?, row.day("day")?);
            let kept = (row.fen("debit_fen")?, row.fen("credit_fen")?, row.int("entries")?);
            let sums = counted.remove(&key).unwrap_or_default();
            let counted = (sums.debit, sums.credit, sums.entries);
            if kept != counted {
                let found = Difference {
                    account: key.1,
                    day: key.2,
                    kept,
                    counted,
                };
                Recount::find(&mut result.differences, &mut result.findings, found);
            }
            after = (key.0, key.1, key.2.to_number());
            result.balances += 1;
        }
        if (rows.len() as i64) < BALANCES_PER_BITE {
            break;
        }
    }
    let mut missing: Vec<_> = counted.into_iter().collect();
    missing.sort_unstable_by_key(|(key, _)| *key);
    for ((_, account, day), sums) in missing {
        let counted = (sums.debit, sums.credit, sums.entries);
        let found = Difference {
            account,
            day,
            kept: (Fen::ZERO, Fen::ZERO, 0),
            counted,
        };
        Recount::find(&mut result.differences, &mut result.findings, found);
    }
    Ok(())
}
