//! The table `book_payout`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, PayoutId, UnitId};

use super::model::{Payout, PayoutState};

pub(super) const PAYOUT: &str =
    "SELECT id, unit_id, fund_id, channel, amount_fen, business_day, memo_code, state, requested_by,
    requested_at, decided_by, decided_at, journal_id FROM book_payout";

/// A payout's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Payout, DbError> {
    let missing = |column: &str| DbError::Row {
        column: column.to_owned(),
        why: "missing in this state".into(),
    };
    let decided = || {
        let by: ActorId = row.opt_id("decided_by")?.ok_or_else(|| missing("decided_by"))?;
        let at = row.opt_instant("decided_at")?.ok_or_else(|| missing("decided_at"))?;
        Ok::<_, DbError>((by, at))
    };
    let state = match row.text("state")?.as_str() {
        "approved" => {
            let (by, at) = decided()?;
            let journal = row.opt_id("journal_id")?.ok_or_else(|| missing("journal_id"))?;
            PayoutState::Approved { by, at, journal }
        }
        "rejected" => {
            let (by, at) = decided()?;
            PayoutState::Rejected { by, at }
        }
        _ => PayoutState::Requested,
    };
    Ok(Payout {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        fund: row.id("fund_id")?,
        channel: row.word("channel")?,
        amount: row.fen("amount_fen")?,
        business_day: row.day("business_day")?,
        memo_code: row.opt_text("memo_code")?,
        requested_by: row.id("requested_by")?,
        requested_at: row.instant("requested_at")?,
        state,
    })
}

/// The payout that was asked for under this key.
pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Payout>, DbError> {
    let sql = format!("{PAYOUT} WHERE unit_id = ?1 AND request_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

/// Reads a payout for deciding: no other transaction decides until this one ends.
pub(super) async fn lock(tx: &mut Tx, id: PayoutId) -> Result<Option<Payout>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let row = tx
        .query_one(&format!("{PAYOUT} WHERE id = ?1{lock}"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, payout: &Payout, key: &str) -> Result<(), DbError> {
    let row = params![
        (payout.id,),
        (payout.unit,),
        key,
        (payout.fund,),
        payout.channel.as_str(),
        payout.amount,
        payout.business_day,
        payout.memo_code.clone(),
        payout.state.as_str(),
        (payout.requested_by,),
        payout.requested_at
    ];
    let sql =
        "INSERT INTO book_payout (id, unit_id, request_key, fund_id, channel, amount_fen, business_day, memo_code,
            state, requested_by, requested_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    tx.execute(sql, row).await.map(drop)
}

/// Writes a decision; one that stands already is an error of the caller, who holds the row.
pub(super) async fn decide(tx: &mut Tx, payout: &Payout) -> Result<(), DbError> {
    let (by, at, journal) = match payout.state {
        PayoutState::Requested => return Ok(()),
        PayoutState::Approved { by, at, journal } => (by, at, Some(journal)),
        PayoutState::Rejected { by, at } => (by, at, None),
    };
    let sql = "UPDATE book_payout SET state = ?2, decided_by = ?3, decided_at = ?4, journal_id = ?5
        WHERE id = ?1 AND state = 'requested'";
    let row = params![(payout.id,), payout.state.as_str(), (by,), at, journal.map(|j| (j,))];
    tx.execute(sql, row).await.map(drop)
}
