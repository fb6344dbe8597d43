//! The tables `book_fund_floor` and `book_agency_hold`, and the pockets of a fund.

use db::{DbError, Reads, Tx, params};
use kernel::{Fen, FundId, Instant, UnitId};

use crate::LedgerError;
use crate::chart::{AccountCode, is_money};

/// Sets what a fund must keep in a unit's books; zero: nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn set_floor(tx: &mut Tx, (unit, fund): (UnitId, FundId), floor: Fen, now: Instant) -> Result<(), DbError> {
    let sql = "INSERT INTO book_fund_floor (unit_id, fund_id, floor_fen, set_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (unit_id, fund_id) DO UPDATE SET floor_fen = excluded.floor_fen, set_at = excluded.set_at";
    tx.execute(sql, params![(unit,), (fund,), floor, now]).await.map(drop)
}

/// What a fund must keep.
pub(crate) async fn floor(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<Fen, DbError> {
    let sql = "SELECT floor_fen FROM book_fund_floor WHERE unit_id = ?1 AND fund_id = ?2";
    let row = at.query_one(sql, params![(unit,), (fund,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("floor_fen"))
}

/// Says how much of a fund's agency money stands behind `holder`; zero: nothing any more. Payouts leave it alone. Gives
/// what is then free of the money held for others, below zero where more is promised than is there. The fund's accounts
/// are held until the transaction ends.
///
/// # Errors
/// [`LedgerError`].
pub async fn hold_back(
    tx: &mut Tx,
    (unit, fund): (UnitId, FundId),
    (holder, amount): ([u8; 16], Fen),
    now: Instant,
) -> Result<Fen, LedgerError> {
    let held = crate::journal::store::held(tx, unit, Some(fund)).await?;
    if amount.is_positive() {
        let sql = "INSERT INTO book_agency_hold (unit_id, fund_id, holder, held_fen, set_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (unit_id, fund_id, holder) DO UPDATE SET held_fen = excluded.held_fen, set_at = excluded.set_at";
        let row = params![(unit,), (fund,), holder.to_vec(), amount, now];
        tx.execute(sql, row).await?;
    } else {
        let sql = "DELETE FROM book_agency_hold WHERE unit_id = ?1 AND fund_id = ?2 AND holder = ?3";
        tx.execute(sql, params![(unit,), (fund,), holder.to_vec()]).await?;
    }
    Ok(held.agency.minus(held_back(tx, unit, fund).await?)?)
}

/// What of a fund's agency money stands behind promises.
pub(crate) async fn held_back(at: &mut impl Reads, unit: UnitId, fund: FundId) -> Result<Fen, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(held_fen), 0) AS BIGINT) AS fen FROM book_agency_hold
        WHERE unit_id = ?1 AND fund_id = ?2";
    let row = at.query_one(sql, params![(unit,), (fund,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("fen"))
}

/// In which asset accounts a fund's own money lies, the fullest first.
pub(super) async fn pockets(
    at: &mut impl Reads,
    unit: UnitId,
    fund: FundId,
) -> Result<Vec<(AccountCode, Fen)>, LedgerError> {
    let sql = "SELECT a.code, CAST(COALESCE(SUM(b.debit_fen - b.credit_fen), 0) AS BIGINT) AS fen
        FROM book_account a JOIN book_balance b ON b.unit_id = a.unit_id AND b.account_id = a.id
        WHERE a.unit_id = ?1 AND a.fund_id = ?2 GROUP BY a.code";
    let mut pockets = Vec::new();
    for row in at.query(sql, params![(unit,), (fund,)]).await? {
        let (code, fen): (AccountCode, Fen) = (row.word("code")?, row.fen("fen")?);
        if is_money(code) && fen.is_positive() {
            pockets.push((code, fen));
        }
    }
    pockets.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(pockets)
}
