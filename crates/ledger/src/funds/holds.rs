//! The table `book_agency_hold`: what of the money held for others stands behind a promise.

use db::{DbError, Reads, Tx, params};
use kernel::{Fen, FundId, Instant, UnitId};

use crate::LedgerError;

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
