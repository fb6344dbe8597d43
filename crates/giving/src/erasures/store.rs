//! What an erasure reads and forgets beside the things that forget themselves.

use db::{DbError, Reads, Tx, params};
use kernel::{GiftId, OrderId, UnitId};

use super::model::ORDERS_MAX;

/// Whether a wish or a refund of a gift waits to be decided.
pub(super) async fn money_waits(at: &mut impl Reads, (unit, gift): (UnitId, GiftId)) -> Result<bool, DbError> {
    let sql = "SELECT id FROM refund_wish WHERE unit_id = ?1 AND gift_id = ?2 AND state = 'waiting'
        UNION ALL SELECT id FROM gift_refund WHERE unit_id = ?1 AND gift_id = ?2 AND state = 'requested' LIMIT 1";
    let row = at.query_one(sql, params![(unit,), (gift,)]).await?;
    Ok(row.is_some())
}

/// Orders placed with an e-mail that became no gift.
pub(super) async fn unpaid(at: &mut impl Reads, email_index: &[u8]) -> Result<Vec<(OrderId, UnitId)>, DbError> {
    let sql = "SELECT o.id, o.unit_id FROM order_form f JOIN gift_order o ON o.id = f.order_id
        WHERE f.email_index = ?1
          AND NOT EXISTS (SELECT 1 FROM gift g
            WHERE g.unit_id = o.unit_id AND g.account_id = o.account_id AND g.trade_no = o.trade_no)
          AND NOT EXISTS (SELECT 1 FROM payment_attempt a JOIN gift g
              ON g.unit_id = a.unit_id AND g.account_id = a.account_id AND g.trade_no = a.trade_no
            WHERE a.order_id = o.id)
        ORDER BY o.id LIMIT ?2";
    let rows = at.query(sql, params![email_index, ORDERS_MAX]).await?;
    rows.iter().map(|row| Ok((row.id("id")?, row.id("unit_id")?))).collect()
}

/// Forgets who placed an order, what its form held and the words beside it; her name on payments of it that are held for
/// review goes too. No bytes at all say that it was erased.
pub(super) async fn forget_order(tx: &mut Tx, order: OrderId) -> Result<(), DbError> {
    let sql = "UPDATE gift_review SET secret_wrapped = NULL, payer_sealed = NULL, payer_masked = NULL
        WHERE secret_wrapped IS NOT NULL AND state IN ('waiting', 'dismissed') AND EXISTS (
            SELECT 1 FROM gift_order o WHERE o.id = ?1 AND o.unit_id = gift_review.unit_id
                AND o.account_id = gift_review.account_id AND o.trade_no = gift_review.trade_no
            UNION ALL SELECT 1 FROM payment_attempt a WHERE a.order_id = ?1 AND a.unit_id = gift_review.unit_id
                AND a.account_id = gift_review.account_id AND a.trade_no = gift_review.trade_no)";
    tx.execute(sql, params![(order,)]).await?;
    let sql = "UPDATE gift_order SET secret_wrapped = ?2, payer_sealed = ?2 WHERE id = ?1";
    tx.execute(sql, params![(order,), Vec::<u8>::new()]).await?;
    let sql = "UPDATE order_form SET receipt_sealed = NULL, email_index = NULL WHERE order_id = ?1";
    tx.execute(sql, params![(order,)]).await?;
    tx.execute("DELETE FROM donor_message WHERE order_id = ?1", params![(order,)])
        .await
        .map(drop)
}

/// Stops showing the giver of a gift that is kept: her masked name and her words go, what is sealed stays. How much went.
pub(super) async fn stop_showing(tx: &mut Tx, gift: GiftId) -> Result<u64, DbError> {
    let sql = "UPDATE gift SET payer_masked = NULL WHERE id = ?1 AND payer_masked IS NOT NULL";
    let name = tx.execute(sql, params![(gift,)]).await?;
    let sql = "DELETE FROM donor_message WHERE order_id IN (
        SELECT o.id FROM gift g JOIN gift_order o
            ON o.unit_id = g.unit_id AND o.account_id = g.account_id AND o.trade_no = g.trade_no WHERE g.id = ?1
        UNION SELECT a.order_id FROM gift g JOIN payment_attempt a
            ON a.unit_id = g.unit_id AND a.account_id = g.account_id AND a.trade_no = g.trade_no WHERE g.id = ?1)";
    Ok(name + tx.execute(sql, params![(gift,)]).await?)
}

/// Ends the codes and sessions of a contact. How many codes it asked for stays known for their hour.
pub(super) async fn forget_codes(tx: &mut Tx, index: &[u8]) -> Result<(), DbError> {
    let sql = "UPDATE donor_code SET used_at = asked_at WHERE contact_index = ?1 AND used_at IS NULL";
    tx.execute(sql, params![index]).await?;
    tx.execute("DELETE FROM donor_session WHERE contact_index = ?1", params![index])
        .await
        .map(drop)
}
