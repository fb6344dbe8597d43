//! The tables `match_settlement` and `match_settled_share`, and what the decisions of a pool come to fund by fund.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Fen, FundId, JournalId, UnitId};
use ledger::Restriction;
use ledger::journal::shapes::sponsor_paid::SponsorShare;

use super::model::Settlement;
use crate::matching::{Pool, PoolId};

/// Settlements of one pool: a sponsor pays in parts, by the month at most.
pub(super) const SETTLEMENTS_MAX: i64 = 1_000;

const SETTLEMENT: &str =
    "SELECT pool_id, number, amount_fen, paid_on, memo_code, booked_by, booked_at FROM match_settlement";

/// A settlement's row as a value: the one place.
fn read(row: &Row) -> Result<Settlement, DbError> {
    Ok(Settlement {
        pool: row.id("pool_id")?,
        number: row.int("number")?,
        amount: row.fen("amount_fen")?,
        paid_on: row.day("paid_on")?,
        memo_code: row.opt_text("memo_code")?,
        booked_by: row.id("booked_by")?,
        booked_at: row.instant("booked_at")?,
    })
}

/// What of a pool's money may be wanted, settled or not: all that is locked, or, of a closed pool, what it gave.
pub(super) async fn promised(at: &mut impl Reads, pool: &Pool) -> Result<Fen, DbError> {
    let sql = "SELECT CASE WHEN p.state = 'closed' THEN t.given_fen ELSE p.locked_fen END AS fen
        FROM match_pool p JOIN match_tally t ON t.unit_id = p.unit_id AND t.pool_id = p.id WHERE p.id = ?1";
    let row = at.query_one(sql, params![(pool.id,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("fen"))
}

/// The pool in whose settlement a journal was booked. Settlements are few, and asked about when one is reversed.
pub(super) async fn pool_of(at: &mut impl Reads, journal: JournalId) -> Result<Option<(UnitId, PoolId)>, DbError> {
    let sql = "SELECT unit_id, pool_id FROM match_settled_share WHERE journal_id = ?1 LIMIT 1";
    let row = at.query_one(sql, params![(journal,)]).await?;
    row.map(|row| Ok((row.id("unit_id")?, row.id("pool_id")?))).transpose()
}

/// What was matched and not taken back, fund by fund. It reads every decision of the pool, which nobody asks for often.
pub(super) async fn matched(at: &mut impl Reads, pool: &Pool) -> Result<Vec<(FundId, Restriction, Fen)>, DbError> {
    let sql = "SELECT p.fund_id, p.restriction, CAST(SUM(d.given_fen) AS BIGINT) AS matched_fen
        FROM match_decision d JOIN project p ON p.id = d.project_id
        WHERE d.unit_id = ?1 AND d.pool_id = ?2 AND d.given_fen <> 0
        GROUP BY p.fund_id, p.restriction ORDER BY p.fund_id, p.restriction";
    let rows = at.query(sql, params![(pool.unit,), (pool.id,)]).await?;
    let read = |row: &Row| Ok((row.id("fund_id")?, row.word("restriction")?, row.fen("matched_fen")?));
    rows.iter().map(read).collect()
}

/// What each fund got, journal by journal.
pub(super) async fn shares(at: &mut impl Reads, pool: &Pool) -> Result<Vec<(JournalId, SponsorShare)>, DbError> {
    let sql = "SELECT journal_id, fund_id, restriction, amount_fen FROM match_settled_share
        WHERE unit_id = ?1 AND pool_id = ?2 ORDER BY number, journal_id, fund_id";
    let rows = at.query(sql, params![(pool.unit,), (pool.id,)]).await?;
    let read = |row: &Row| {
        let share = SponsorShare {
            fund: row.id("fund_id")?,
            restriction: row.word("restriction")?,
            amount: row.fen("amount_fen")?,
        };
        Ok((row.id("journal_id")?, share))
    };
    rows.iter().map(read).collect()
}

/// The settlements of a pool, oldest first.
pub(super) async fn settlements(at: &mut impl Reads, pool: &Pool) -> Result<Vec<Settlement>, DbError> {
    let sql = format!("{SETTLEMENT} WHERE unit_id = ?1 AND pool_id = ?2 ORDER BY number LIMIT {SETTLEMENTS_MAX}");
    let rows = at.query(&sql, params![(pool.unit,), (pool.id,)]).await?;
    rows.iter().map(read).collect()
}

/// The settlement that was asked for under this key, in whichever pool.
pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Settlement>, DbError> {
    let sql = format!("{SETTLEMENT} WHERE unit_id = ?1 AND request_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

/// The last number given; the pool is held.
pub(super) async fn last_number(tx: &mut Tx, unit: UnitId, pool: PoolId) -> Result<i64, DbError> {
    let sql = "SELECT COALESCE(MAX(number), 0) AS number FROM match_settlement WHERE unit_id = ?1 AND pool_id = ?2";
    let row = tx.query_one(sql, params![(unit,), (pool,)]).await?;
    row.map_or(Ok(0), |row| row.int("number"))
}

pub(super) async fn insert(tx: &mut Tx, unit: UnitId, settlement: &Settlement, key: &str) -> Result<(), DbError> {
    let row = params![
        (unit,),
        (settlement.pool,),
        settlement.number,
        key,
        settlement.amount,
        settlement.paid_on,
        settlement.memo_code.as_deref(),
        (settlement.booked_by,),
        settlement.booked_at
    ];
    let sql = "INSERT INTO match_settlement (unit_id, pool_id, number, request_key, amount_fen, paid_on, memo_code,
            booked_by, booked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn insert_share(
    tx: &mut Tx,
    (unit, settlement): (UnitId, &Settlement),
    share: &SponsorShare,
    journal: JournalId,
) -> Result<(), DbError> {
    let row = params![
        (unit,),
        (settlement.pool,),
        settlement.number,
        (share.fund,),
        share.restriction.as_str(),
        share.amount,
        (journal,)
    ];
    let sql = "INSERT INTO match_settled_share (unit_id, pool_id, number, fund_id, restriction, amount_fen, journal_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.execute(sql, row).await.map(drop)
}
