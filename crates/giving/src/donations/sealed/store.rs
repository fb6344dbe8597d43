//! What is personal in the tables `gift`, `gift_order` and `gift_review`, and what an order keeps beside it.

use db::{Backend, DbError, Param as _, Reads, Row, Tx, params, wide_values};
use kernel::{GiftId, ReceivingAccountId, UnitId};

use super::Sealed;

/// The orders that a gift paid, directly or through a provider's account.
const ORDERS: &str = "SELECT o.id FROM gift g JOIN gift_order o
        ON o.unit_id = g.unit_id AND o.account_id = g.account_id AND o.trade_no = g.trade_no WHERE g.id = ?1
    UNION SELECT a.order_id FROM gift g JOIN payment_attempt a
        ON a.unit_id = g.unit_id AND a.account_id = g.account_id AND a.trade_no = g.trade_no WHERE g.id = ?1";

/// The sealed part of a gift.
///
/// # Errors
/// Any [`DbError`].
pub async fn load(at: &mut impl Reads, gift: GiftId) -> Result<Option<Sealed>, DbError> {
    let sql = "SELECT unit_id, secret_wrapped, payer_sealed, phone_index, anonymous FROM gift WHERE id = ?1";
    let row = at.query_one(sql, params![(gift,)]).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Sealed, DbError> {
    Ok(Sealed {
        unit: row.id("unit_id")?,
        secret_wrapped: row.opt_bytes("secret_wrapped")?,
        payer_sealed: row.opt_bytes("payer_sealed")?,
        phone_index: row.opt_bytes("phone_index")?,
        anonymous: row.flag("anonymous")?,
    })
}

/// The sealed parts of many gifts, in no order; what does not exist is left out.
///
/// # Errors
/// Any [`DbError`].
pub async fn load_many(at: &mut impl Reads, gifts: &[GiftId]) -> Result<Vec<(GiftId, Sealed)>, DbError> {
    if gifts.is_empty() {
        return Ok(Vec::new());
    }
    let values = gifts.iter().map(|gift| (*gift,).param()).collect();
    let ids = wide_values(at.backend(), 1, gifts.len());
    let sql =
        format!("SELECT id, unit_id, secret_wrapped, payer_sealed, phone_index, anonymous FROM gift WHERE id IN {ids}");
    let rows = at.query(&sql, values).await?;
    rows.iter().map(|row| Ok((row.id("id")?, read(row)?))).collect()
}

/// The number of a gift's payment, by which orders and held lines name it.
pub(super) struct Number {
    pub unit: UnitId,
    pub account: ReceivingAccountId,
    pub trade_no: String,
}

/// Reads a gift's number for deciding; the gift is held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, gift: GiftId) -> Result<Option<Number>, DbError> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let sql = format!("SELECT unit_id, account_id, trade_no FROM gift WHERE id = ?1{lock}");
    let row = tx.query_one(&sql, params![(gift,)]).await?;
    row.map(|row| {
        Ok(Number {
            unit: row.id("unit_id")?,
            account: row.id("account_id")?,
            trade_no: row.text("trade_no")?,
        })
    })
    .transpose()
}

/// Forgets the secret of a gift and what stands masked beside it.
pub(super) async fn forget_gift(tx: &mut Tx, gift: GiftId) -> Result<u64, DbError> {
    let sql = "UPDATE gift SET secret_wrapped = NULL, payer_sealed = NULL, payer_masked = NULL, phone_month = NULL,
               phone_index = NULL WHERE id = ?1 AND secret_wrapped IS NOT NULL";
    tx.execute(sql, params![(gift,)]).await
}

/// Forgets who placed the orders that became a gift: that of its own number, and that of the number under which it was
/// held before it was accepted. An order's columns cannot be empty; no bytes at all say that it was erased.
pub(super) async fn forget_orders(tx: &mut Tx, gift: GiftId, number: &Number) -> Result<u64, DbError> {
    let sql = "UPDATE gift_order SET secret_wrapped = ?5, payer_sealed = ?5
               WHERE unit_id = ?1 AND account_id = ?2 AND secret_wrapped <> ?5 AND (trade_no = ?3 OR trade_no IN
                   (SELECT trade_no FROM gift_review WHERE unit_id = ?1 AND account_id = ?2 AND accepted_gift_id = ?4))";
    let nothing: Vec<u8> = Vec::new();
    tx.execute(
        sql,
        params![(number.unit,), (number.account,), &number.trade_no, (gift,), nothing],
    )
    .await
}

/// Forgets the payers of held lines: of the one from which the gift was accepted, and of those with its number that
/// became no gift of their own. A line that did, or is about to, is that gift's own and is erased with it.
pub(super) async fn forget_held_lines(tx: &mut Tx, gift: GiftId, number: &Number) -> Result<u64, DbError> {
    let sql = "UPDATE gift_review SET secret_wrapped = NULL, payer_sealed = NULL, payer_masked = NULL
               WHERE unit_id = ?1 AND account_id = ?2 AND secret_wrapped IS NOT NULL
                 AND (accepted_gift_id = ?4 OR (trade_no = ?3 AND state IN ('waiting', 'dismissed')))";
    let row = params![(number.unit,), (number.account,), &number.trade_no, (gift,)];
    tx.execute(sql, row).await
}

/// Forgets the donor of the order that a gift paid through a provider, and what any order of the gift keeps beside it:
/// what a receipt needed, the donor's words. Returns how many orders lost their secret.
pub(super) async fn forget_forms(tx: &mut Tx, gift: GiftId) -> Result<u64, DbError> {
    let nothing: Vec<u8> = Vec::new();
    let order = format!(
        "UPDATE gift_order SET secret_wrapped = ?2, payer_sealed = ?2 WHERE secret_wrapped <> ?2 AND id IN ({ORDERS})"
    );
    let orders = tx.execute(&order, params![(gift,), nothing]).await?;
    let form = format!("UPDATE order_form SET receipt_sealed = NULL, email_index = NULL WHERE order_id IN ({ORDERS})");
    tx.execute(&form, params![(gift,)]).await?;
    let words = format!("DELETE FROM donor_message WHERE order_id IN ({ORDERS})");
    tx.execute(&words, params![(gift,)]).await?;
    Ok(orders)
}
