//! The table `partner_payment`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, JournalId, UnitId};

use super::model::{Payment, PaymentState};
use crate::PaymentId;

pub(super) const PAYMENT: &str =
    "SELECT id, unit_id, agreement_id, kind, fund_id, restriction, amount_fen, purpose, purchase_id, state, year, number,
    made_by, made_at, paid_at, journal_id FROM partner_payment";

/// A payment's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Payment, DbError> {
    Ok(Payment {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        agreement: row.id("agreement_id")?,
        kind: row.word("kind")?,
        fund: row.id("fund_id")?,
        restriction: row.word("restriction")?,
        amount: row.fen("amount_fen")?,
        purpose: row.text("purpose")?,
        purchase: row.opt_id("purchase_id")?,
        state: row.word("state")?,
        number: (row.int("year")?, row.int("number")?),
        made_by: row.id("made_by")?,
        made_at: row.instant("made_at")?,
        paid_at: row.opt_instant("paid_at")?,
        journal: row.opt_id("journal_id")?,
    })
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Payment>, DbError> {
    let sql = format!("{PAYMENT} WHERE unit_id = ?1 AND payment_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

/// A payment, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: PaymentId) -> Result<Option<Payment>, DbError> {
    tx.execute("UPDATE partner_payment SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    let row = tx
        .query_one(&format!("{PAYMENT} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, new: &Payment, key: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_payment (id, unit_id, agreement_id, payment_key, kind, fund_id, restriction, amount_fen, purpose,
           purchase_id, state, year, number, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            (new.id,),
            (new.unit,),
            (new.agreement,),
            key,
            new.kind.as_str(),
            (new.fund,),
            new.restriction.as_str(),
            new.amount,
            &new.purpose,
            new.purchase.map(|purchase| (purchase,)),
            new.state.as_str(),
            new.number.0,
            new.number.1,
            (new.made_by,),
            new.made_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn paid(
    tx: &mut Tx,
    id: PaymentId,
    journal: JournalId,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_payment SET state = 'paid', journal_id = ?2, paid_by = ?3, paid_at = ?4 WHERE id = ?1",
        params![(id,), (journal,), (by,), now],
    )
    .await
    .map(drop)
}

pub(super) async fn put_state(tx: &mut Tx, id: PaymentId, state: PaymentState) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_payment SET state = ?2 WHERE id = ?1",
        params![(id,), state.as_str()],
    )
    .await
    .map(drop)
}
