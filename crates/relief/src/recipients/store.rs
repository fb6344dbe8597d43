//! The table `goods_recipient`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::Recipient;
use crate::{DispatchId, LotId, RecipientId, SignatureId};

/// Recipients of one order that are read: two thousand of each of its lots and some.
const RECIPIENTS_MAX: i64 = 10_000;

fn read(row: &Row) -> Result<Recipient, DbError> {
    Ok(Recipient {
        id: row.id("id")?,
        lot: row.id("lot_id")?,
        n: row.int("n")?,
        quantity: row.int("quantity")?,
        shown: row.text("name_shown")?,
        sealed: row.bytes("name_sealed")?,
        signed_at: row.opt_instant("signed_at")?,
    })
}

/// The recipients of an order, lot by lot in the order of their lists.
pub(super) async fn list(at: &mut impl Reads, dispatch: DispatchId) -> Result<Vec<Recipient>, DbError> {
    let rows = at
        .query(
            "SELECT id, lot_id, n, quantity, name_shown, name_sealed, signed_at FROM goods_recipient
             WHERE dispatch_id = ?1 ORDER BY lot_id, n LIMIT ?2",
            params![(dispatch,), RECIPIENTS_MAX],
        )
        .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn insert(
    tx: &mut Tx,
    (unit, dispatch): (UnitId, DispatchId),
    new: &Recipient,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_recipient (id, unit_id, dispatch_id, lot_id, n, quantity, name_shown, name_sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (new.id,),
            (unit,),
            (dispatch,),
            (new.lot,),
            new.n,
            new.quantity,
            &new.shown,
            new.sealed.clone(),
        ],
    )
    .await
    .map(drop)
}

/// Takes those off the list of a lot who have not signed.
pub(super) async fn remove_open(tx: &mut Tx, dispatch: DispatchId, lot: LotId) -> Result<(), DbError> {
    let sql = "DELETE FROM goods_recipient WHERE dispatch_id = ?1 AND lot_id = ?2 AND signature_id IS NULL";
    tx.execute(sql, params![(dispatch,), (lot,)]).await.map(drop)
}

/// Notes the signature of who was handed the goods; the order is locked by the caller.
pub(crate) async fn sign(tx: &mut Tx, id: RecipientId, signature: SignatureId, now: Instant) -> Result<(), DbError> {
    let sql = "UPDATE goods_recipient SET signature_id = ?2, signed_at = ?3 WHERE id = ?1 AND signature_id IS NULL";
    tx.execute(sql, params![(id,), (signature,), now]).await.map(drop)
}
