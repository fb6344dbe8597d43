//! The account ledger (明细账): every entry of an account in the order of booking, page after page.
//!
//! There is no index of postings by account, because the hot path would pay for it at every gift. Instead the
//! balances tell on which days the account has entries, and a journal's id carries the moment of booking, so each
//! such day is one range of the postings' own key.

use std::collections::VecDeque;

use db::{DbError, Reads, Row, params};
use kernel::id::Id;
use kernel::{BusinessDay, Fen, JournalId};

use super::{Part, Period};
use crate::chart::AccountCode;
use crate::journal::store::{DIMENSIONS, dimensions};
use crate::journal::{Dimensions, JournalKind};

/// Entries of one page at most.
pub const LIMIT_MAX: usize = 50_000;
/// Days looked into for one page; a page that needs more comes back short, with a cursor.
const DAYS_MAX: i64 = 400;

/// One entry of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The journal.
    pub journal: JournalId,
    /// Its line there, from 1.
    pub line: i64,
    /// What kind of journal it is.
    pub kind: JournalKind,
    /// When it was booked.
    pub posting_day: BusinessDay,
    /// When it happened.
    pub business_day: BusinessDay,
    /// Which account of the books.
    pub dims: Dimensions,
    /// Debit above zero, credit below.
    pub amount: Fen,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The day to go on with.
    pub day: BusinessDay,
    /// The last entry given; nothing when the day was not begun.
    pub after: Option<(JournalId, i64)>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPage {
    /// Entries by posting day, journal and line.
    pub entries: Vec<LedgerEntry>,
    /// Where to go on; nothing at the end.
    pub next: Option<Cursor>,
}

/// A page of the ledger of an account over a period of posting days.
///
/// # Errors
/// Any [`DbError`].
pub async fn read(
    at: &mut impl Reads,
    part: &Part<'_>,
    code: AccountCode,
    period: Period,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<LedgerPage, DbError> {
    let limit = limit.clamp(1, LIMIT_MAX);
    let from = cursor.map_or(period.from, |c| c.day);
    let mut days = days_with_entries(at, part, code, Period { from, to: period.to }).await?;
    let whole = days.len() as i64 >= DAYS_MAX;
    let mut entries = Vec::new();
    let mut last_day = None;
    while let Some(day) = days.pop_front() {
        let after = cursor.filter(|c| c.day == day).and_then(|c| c.after);
        let wanted = limit - entries.len() + 1;
        entries.extend(of_day(at, part, code, day, after, wanted).await?);
        if entries.len() > limit {
            entries.truncate(limit);
            let next = entries.last().map(|e| Cursor {
                day,
                after: Some((e.journal, e.line)),
            });
            return Ok(LedgerPage { entries, next });
        }
        last_day = Some(day);
    }
    let next = last_day.filter(|_| whole).map(|day| Cursor {
        day: day.plus_days(1),
        after: None,
    });
    Ok(LedgerPage { entries, next })
}

async fn days_with_entries(
    at: &mut impl Reads,
    part: &Part<'_>,
    code: AccountCode,
    period: Period,
) -> Result<VecDeque<BusinessDay>, DbError> {
    let mut values = params![period.from, period.to, code.as_str(), DAYS_MAX];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT DISTINCT b.day FROM book_account a JOIN book_balance b ON b.unit_id = a.unit_id AND b.account_id = a.id
         WHERE a.code = ?3 AND b.day >= ?1 AND b.day <= ?2 AND {condition} ORDER BY b.day LIMIT ?4"
    );
    at.query(&sql, values).await?.iter().map(|row| row.day("day")).collect()
}

async fn of_day(
    at: &mut impl Reads,
    part: &Part<'_>,
    code: AccountCode,
    day: BusinessDay,
    after: Option<(JournalId, i64)>,
    limit: usize,
) -> Result<Vec<LedgerEntry>, DbError> {
    let (first, last) = key_range(day);
    let (journal, line) = after.unwrap_or((first, 0));
    let mut values = params![(journal,), line, (last,), day, code.as_str(), limit as i64];
    let condition = part.condition(&mut values);
    let sql = format!(
        "SELECT p.journal_id, p.line, p.kind, p.posting_day, p.business_day, p.amount_fen, {DIMENSIONS}
         FROM posting p JOIN book_account a ON a.id = p.account_id
         WHERE (p.journal_id, p.line) > (?1, ?2) AND p.journal_id < ?3 AND p.posting_day = ?4 AND a.code = ?5
           AND {condition} ORDER BY p.journal_id, p.line LIMIT ?6"
    );
    at.query(&sql, values).await?.iter().map(entry).collect()
}

/// The ids that journals of a posting day can have: a day of grace on both sides, as the journal's own check gives.
fn key_range(day: BusinessDay) -> (JournalId, JournalId) {
    let bound = |day: BusinessDay| {
        let millis = (day.start().micros() / 1_000).max(0).cast_unsigned();
        let mut bytes = [0u8; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        JournalId::from_bytes(bytes)
    };
    (bound(day.plus_days(-1)), bound(day.plus_days(2)))
}

fn entry(row: &Row) -> Result<LedgerEntry, DbError> {
    Ok(LedgerEntry {
        journal: row.id("journal_id")?,
        line: row.int("line")?,
        kind: row.word("kind")?,
        posting_day: row.day("posting_day")?,
        business_day: row.day("business_day")?,
        dims: dimensions(row)?,
        amount: row.fen("amount_fen")?,
    })
}
