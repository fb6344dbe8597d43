//! The sealed columns of the table `gift`, and what its order keeps beside it.

use db::{DbError, Reads, Tx, params};
use kernel::GiftId;

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
    let sql = "SELECT unit_id, secret_wrapped, payer_sealed, anonymous FROM gift WHERE id = ?1";
    let row = at.query_one(sql, params![(gift,)]).await?;
    row.map(|row| {
        Ok(Sealed {
            unit: row.id("unit_id")?,
            secret_wrapped: row.opt_bytes("secret_wrapped")?,
            payer_sealed: row.opt_bytes("payer_sealed")?,
            anonymous: row.flag("anonymous")?,
        })
    })
    .transpose()
}

/// Forgets the secret of a gift and what stands masked beside it, and the same of its order: the order's secret, what a
/// receipt needed, the donor's words.
pub(super) async fn forget(tx: &mut Tx, gift: GiftId) -> Result<(), DbError> {
    let nothing: Vec<u8> = Vec::new();
    let order = format!("UPDATE gift_order SET secret_wrapped = ?2, payer_sealed = ?2 WHERE id IN ({ORDERS})");
    tx.execute(&order, params![(gift,), nothing]).await?;
    let form = format!("UPDATE order_form SET receipt_sealed = NULL, email_index = NULL WHERE order_id IN ({ORDERS})");
    tx.execute(&form, params![(gift,)]).await?;
    let words = format!("DELETE FROM donor_message WHERE order_id IN ({ORDERS})");
    tx.execute(&words, params![(gift,)]).await?;
    let sql = "UPDATE gift SET secret_wrapped = NULL, payer_sealed = NULL, payer_masked = NULL, phone_month = NULL,
               phone_index = NULL WHERE id = ?1";
    tx.execute(sql, params![(gift,)]).await.map(drop)
}
