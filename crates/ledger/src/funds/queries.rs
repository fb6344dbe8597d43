//! What a fund holds and what moved in it: read from the balances, a few rows a day however many gifts there were.

use db::{Reads, Row, params};
use kernel::{BusinessDay, Fen, FundId};

use crate::LedgerError;
use crate::chart::{AccountCode, Restriction, is_agency_asset, is_money, is_net};

/// Lines of one statement: ten years of days with three movements each.
const LINES_MAX: i64 = 10_000;

/// What a fund holds, in whichever unit's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Money of its own, in whichever pocket.
    pub money: Fen,
    /// Money held for others.
    pub agency: Fen,
    /// Restricted net assets, income and expense counted in.
    pub restricted: Fen,
    /// Unrestricted net assets, likewise.
    pub unrestricted: Fen,
    /// The last day on which anything moved.
    pub last_moved: Option<BusinessDay>,
}

/// What moved on one account of a fund on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The posting day.
    pub day: BusinessDay,
    /// The account: income, expense or net assets.
    pub code: AccountCode,
    /// Debits: what went out.
    pub debit: Fen,
    /// Credits: what came in.
    pub credit: Fen,
}

/// What a fund holds at the end of a day; today's end for what it holds now.
///
/// # Errors
/// [`LedgerError::Db`], [`LedgerError::Money`].
pub async fn position(at: &mut impl Reads, fund: FundId, until: BusinessDay) -> Result<Position, LedgerError> {
    let sql = "SELECT a.code, CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS fen, MAX(b.day) AS day
        FROM book_account a JOIN book_balance b ON b.unit_id = a.unit_id AND b.account_id = a.id
        WHERE a.fund_id = ?1 AND b.day <= ?2 GROUP BY a.code";
    let mut position = Position::default();
    for row in at.query(sql, params![(fund,), until]).await? {
        let (code, fen): (AccountCode, Fen) = (row.word("code")?, row.fen("fen")?);
        position.last_moved = position.last_moved.max(row.opt_day("day")?);
        if is_money(code) {
            position.money = position.money.plus(fen)?;
        } else if is_agency_asset(code) {
            position.agency = position.agency.plus(fen)?;
        } else if is_net(code, Restriction::Restricted) {
            position.restricted = position.restricted.minus(fen)?;
        } else if is_net(code, Restriction::Unrestricted) {
            position.unrestricted = position.unrestricted.minus(fen)?;
        }
    }
    Ok(position)
}

/// What moved in a fund over posting days, both ends included: income, expense and net assets, by day.
///
/// # Errors
/// [`LedgerError::Db`].
pub async fn moved(
    at: &mut impl Reads,
    fund: FundId,
    (from, to): (BusinessDay, BusinessDay),
) -> Result<Vec<Moved>, LedgerError> {
    let sql = "SELECT b.day, a.code, CAST(COALESCE(SUM(b.debit_fen), 0) AS BIGINT) AS debit_fen,
            CAST(COALESCE(SUM(b.credit_fen), 0) AS BIGINT) AS credit_fen
        FROM book_account a JOIN book_balance b ON b.unit_id = a.unit_id AND b.account_id = a.id
        WHERE a.fund_id = ?1 AND b.day >= ?2 AND b.day <= ?3 AND a.restriction <> 'none'
        GROUP BY b.day, a.code ORDER BY b.day, a.code LIMIT ?4";
    let rows = at.query(sql, params![(fund,), from, to, LINES_MAX]).await?;
    let read = |row: &Row| {
        Ok(Moved {
            day: row.day("day")?,
            code: row.word("code")?,
            debit: row.fen("debit_fen")?,
            credit: row.fen("credit_fen")?,
        })
    };
    rows.iter().map(read).collect()
}
