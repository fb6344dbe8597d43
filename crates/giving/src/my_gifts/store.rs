//! The tables `donor_code`, `donor_session`, `refund_wish`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, GiftId, Instant, UnitId};

use super::model::{AskId, CODES_PER_HOUR, Session, StoredCode, TRIES_MAX, Wish, WishId, WishState};

/// When this contact asked for codes since `since`; one more than the rule needs to know is enough.
pub(super) async fn asked_at(at: &mut impl Reads, index: &[u8], since: Instant) -> Result<Vec<Instant>, DbError> {
    let sql = "SELECT asked_at FROM donor_code WHERE contact_index = ?1 AND asked_at > ?2
        ORDER BY asked_at DESC LIMIT ?3";
    let rows = at.query(sql, params![index, since, CODES_PER_HOUR + 1]).await?;
    rows.iter().map(|row| row.instant("asked_at")).collect()
}

pub(super) async fn insert_code(tx: &mut Tx, unit: UnitId, code: &StoredCode, now: Instant) -> Result<(), DbError> {
    let sql =
        "INSERT INTO donor_code (id, unit_id, contact_kind, contact_index, code_hash, tries, asked_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let row = params![
        (code.id,),
        (unit,),
        code.kind.as_str(),
        code.index.clone(),
        code.hash.clone(),
        0,
        now,
        code.expires_at
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Codes that nobody can use any more leave nothing behind.
pub(super) async fn forget_old(tx: &mut Tx, before: Instant) -> Result<(), DbError> {
    tx.execute("DELETE FROM donor_code WHERE expires_at < ?1", params![before])
        .await?;
    tx.execute("DELETE FROM donor_session WHERE expires_at < ?1", params![before])
        .await
        .map(drop)
}

pub(super) async fn code(at: &mut impl Reads, id: AskId) -> Result<Option<StoredCode>, DbError> {
    let sql = "SELECT id, contact_kind, contact_index, code_hash, expires_at FROM donor_code WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map(|row| {
        Ok(StoredCode {
            id: row.id("id")?,
            kind: row.word("contact_kind")?,
            index: row.bytes("contact_index")?,
            hash: row.bytes("code_hash")?,
            expires_at: row.instant("expires_at")?,
        })
    })
    .transpose()
}

/// Counts a try; whether one was left. The row stays held until the end of the transaction.
pub(super) async fn count_try(tx: &mut Tx, id: AskId) -> Result<bool, DbError> {
    let sql = "UPDATE donor_code SET tries = tries + 1 WHERE id = ?1 AND tries < ?2 AND used_at IS NULL";
    Ok(tx.execute(sql, params![(id,), TRIES_MAX]).await? > 0)
}

pub(super) async fn mark_used(tx: &mut Tx, id: AskId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE donor_code SET used_at = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), now]).await.map(drop)
}

pub(super) async fn insert_session(
    tx: &mut Tx,
    unit: UnitId,
    (hash, session): (&[u8], &Session),
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO donor_session (hash, unit_id, contact_kind, contact_index, opened_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = params![
        hash,
        (unit,),
        session.kind.as_str(),
        session.index.clone(),
        now,
        session.expires_at
    ];
    tx.execute(sql, row).await.map(drop)
}

pub(super) async fn session(at: &mut impl Reads, hash: &[u8]) -> Result<Option<Session>, DbError> {
    let sql = "SELECT contact_kind, contact_index, expires_at FROM donor_session WHERE hash = ?1";
    let row = at.query_one(sql, params![hash]).await?;
    row.map(|row| {
        Ok(Session {
            kind: row.word("contact_kind")?,
            index: row.bytes("contact_index")?,
            expires_at: row.instant("expires_at")?,
        })
    })
    .transpose()
}

/// Ends a session; whether there was one.
pub(super) async fn end_session(tx: &mut Tx, hash: &[u8]) -> Result<bool, DbError> {
    let sql = "DELETE FROM donor_session WHERE hash = ?1";
    Ok(tx.execute(sql, params![hash]).await? > 0)
}

const WISH: &str = "SELECT id, unit_id, gift_id, reason, state, wished_at FROM refund_wish";

pub(super) fn read_wish(row: &Row) -> Result<Wish, DbError> {
    Ok(Wish {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        gift: row.id("gift_id")?,
        reason: row.word("reason")?,
        state: row.word("state")?,
        wished_at: row.instant("wished_at")?,
    })
}

pub(super) fn select_wishes(rest: &str) -> String {
    format!("{WISH} {rest}")
}

/// The wish that waits for a gift.
pub(super) async fn waiting_wish(at: &mut impl Reads, unit: UnitId, gift: GiftId) -> Result<Option<Wish>, DbError> {
    let sql = select_wishes("WHERE unit_id = ?1 AND gift_id = ?2 AND state = 'waiting'");
    at.query_one(&sql, params![(unit,), (gift,)])
        .await?
        .as_ref()
        .map(read_wish)
        .transpose()
}

pub(super) async fn wish(at: &mut impl Reads, id: WishId) -> Result<Option<Wish>, DbError> {
    let sql = select_wishes("WHERE id = ?1");
    at.query_one(&sql, params![(id,)])
        .await?
        .as_ref()
        .map(read_wish)
        .transpose()
}

pub(super) async fn insert_wish(tx: &mut Tx, wish: &Wish) -> Result<(), DbError> {
    let sql =
        "INSERT INTO refund_wish (id, unit_id, gift_id, reason, state, wished_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = params![
        (wish.id,),
        (wish.unit,),
        (wish.gift,),
        wish.reason.as_str(),
        wish.state.as_str(),
        wish.wished_at
    ];
    tx.execute(sql, row).await.map(drop)
}

/// Decides a wish that waits; whether it did.
pub(super) async fn decide_wish(
    tx: &mut Tx,
    wish: &Wish,
    state: WishState,
    (by, now): (ActorId, Instant),
) -> Result<bool, DbError> {
    let sql = "UPDATE refund_wish SET state = ?3, decided_by = ?4, decided_at = ?5
        WHERE unit_id = ?1 AND id = ?2 AND state = 'waiting'";
    let row = params![(wish.unit,), (wish.id,), state.as_str(), (by,), now];
    Ok(tx.execute(sql, row).await? > 0)
}
