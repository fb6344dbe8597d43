//! The tables `goods_grant`, `goods_grant_decision`.

use db::{DbError, Reads, Row, Tx, params};
use governance::approvals::CaseId;
use kernel::{ActorId, Fen, Instant, JournalId, UnitId};

use super::model::{Grant, GrantState};
use crate::lists::model::PlanDecision;
use crate::{GrantId, RequestId};

pub(super) const GRANT: &str =
    "SELECT id, unit_id, request_id, fund_id, restriction, amount_fen, state, year, number, made_by, made_at,
    paid_at, journal_id, case_id FROM goods_grant";

/// A grant's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Grant, DbError> {
    Ok(Grant {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        request: row.id("request_id")?,
        fund: row.id("fund_id")?,
        restriction: row.word("restriction")?,
        amount: row.fen("amount_fen")?,
        state: row.word("state")?,
        case: row.opt_id("case_id")?,
        number: row.opt_int("year")?.zip(row.opt_int("number")?),
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
        paid_at: row.opt_instant("paid_at")?,
        journal: row.opt_id("journal_id")?,
    })
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Grant>, DbError> {
    let sql = format!("{GRANT} WHERE unit_id = ?1 AND grant_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn grant(at: &mut impl Reads, id: GrantId) -> Result<Option<Grant>, DbError> {
    let row = at.query_one(&format!("{GRANT} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// A grant, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: GrantId) -> Result<Option<Grant>, DbError> {
    tx.execute("UPDATE goods_grant SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    grant(tx, id).await
}

/// What stands granted of a request, proposals counted in.
pub(super) async fn granted(at: &mut impl Reads, request: RequestId) -> Result<Fen, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM goods_grant
         WHERE request_id = ?1 AND state <> 'refused'";
    let row = at.query_one(sql, params![(request,)]).await?;
    row.map_or(Ok(Fen::ZERO), |row| row.fen("fen"))
}

pub(super) async fn insert(tx: &mut Tx, grant: &Grant, key: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_grant (id, unit_id, grant_key, request_id, fund_id, restriction, amount_fen, state, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            (grant.id,),
            (grant.unit,),
            key,
            (grant.request,),
            (grant.fund,),
            grant.restriction.as_str(),
            grant.amount,
            grant.state.as_str(),
            (grant.made_by,),
            grant.made_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn insert_decision(
    tx: &mut Tx,
    id: GrantId,
    (by, now): (ActorId, Instant),
    (decision, words): (PlanDecision, &str),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_grant_decision (grant_id, actor_id, decision, words, decided_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(id,), (by,), decision.as_str(), words, now],
    )
    .await
    .map(drop)
}

pub(super) async fn approvals(at: &mut impl Reads, id: GrantId) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM goods_grant_decision WHERE grant_id = ?1 AND decision = 'approve'";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

pub(super) async fn decide(
    tx: &mut Tx,
    id: GrantId,
    (state, number): (GrantState, Option<(i64, i64)>),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_grant SET state = ?2, year = ?3, number = ?4, decided_at = ?5 WHERE id = ?1",
        params![
            (id,),
            state.as_str(),
            number.map(|(year, _)| year),
            number.map(|(_, number)| number),
            now
        ],
    )
    .await
    .map(drop)
}

/// Notes the case before which a grant was put.
pub(super) async fn asked(tx: &mut Tx, id: GrantId, case: CaseId) -> Result<(), DbError> {
    let sql = "UPDATE goods_grant SET state = 'asked', case_id = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), (case,)]).await.map(drop)
}

/// Gives a grant back to the desk.
pub(super) async fn proposed(tx: &mut Tx, id: GrantId) -> Result<(), DbError> {
    let sql = "UPDATE goods_grant SET state = 'proposed' WHERE id = ?1";
    tx.execute(sql, params![(id,)]).await.map(drop)
}

pub(super) async fn paid(
    tx: &mut Tx,
    id: GrantId,
    journal: JournalId,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_grant SET state = 'paid', journal_id = ?2, paid_by = ?3, paid_at = ?4 WHERE id = ?1",
        params![(id,), (journal,), (by,), now],
    )
    .await
    .map(drop)
}
