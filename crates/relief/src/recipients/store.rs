//! The tables `goods_recipient`, `goods_code_try`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::Recipient;
use crate::{DispatchId, LotId, RecipientId, SignatureId};

/// Recipients of one order that are read: two thousand of each of its lots and some.
const RECIPIENTS_MAX: i64 = 10_000;
/// Recipients of one order whose codes are kept apart.
const CODES_MAX: i64 = 100_000;

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

/// The recipients of one lot of an order, in the order of its list.
pub(super) async fn list_of_lot(
    at: &mut impl Reads,
    dispatch: DispatchId,
    lot: LotId,
) -> Result<Vec<Recipient>, DbError> {
    let rows = at
        .query(
            "SELECT id, lot_id, n, quantity, name_shown, name_sealed, signed_at FROM goods_recipient
             WHERE dispatch_id = ?1 AND lot_id = ?2 ORDER BY n LIMIT ?3",
            params![(dispatch,), (lot,), RECIPIENTS_MAX],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The ids of all recipients of an order.
pub(super) async fn ids(at: &mut impl Reads, dispatch: DispatchId) -> Result<Vec<RecipientId>, DbError> {
    let sql = "SELECT id FROM goods_recipient WHERE dispatch_id = ?1 ORDER BY lot_id, n LIMIT ?2";
    let rows = at.query(sql, params![(dispatch,), CODES_MAX]).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Wrong codes that were said for a lot of an order since its list was made.
pub(super) async fn tries(at: &mut impl Reads, dispatch: DispatchId, lot: LotId) -> Result<i64, DbError> {
    let sql = "SELECT tries FROM goods_code_try WHERE dispatch_id = ?1 AND lot_id = ?2";
    let row = at.query_one(sql, params![(dispatch,), (lot,)]).await?;
    row.map_or(Ok(0), |row| row.int("tries"))
}

pub(super) async fn count_try(tx: &mut Tx, dispatch: DispatchId, lot: LotId) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_code_try (dispatch_id, lot_id, tries) VALUES (?1, ?2, 1)
         ON CONFLICT (dispatch_id, lot_id) DO UPDATE SET tries = goods_code_try.tries + 1",
        params![(dispatch,), (lot,)],
    )
    .await
    .map(drop)
}

/// Forgets the wrong codes of a lot whose list is made anew.
pub(super) async fn forget_tries(tx: &mut Tx, dispatch: DispatchId, lot: LotId) -> Result<(), DbError> {
    let sql = "DELETE FROM goods_code_try WHERE dispatch_id = ?1 AND lot_id = ?2";
    tx.execute(sql, params![(dispatch,), (lot,)]).await.map(drop)
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
