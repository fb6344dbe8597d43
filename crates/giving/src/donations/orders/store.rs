//! The table `gift_order`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Fen, GiftId, Instant, OrderId, ReceivingAccountId, UnitId};

use super::super::receipts::ReceiptWish;
use super::model::Order;

const ORDER: &str = "SELECT id, unit_id, account_id, trade_no, project_id, amount_fen, anonymous, secret_wrapped,
    payer_sealed, created_at, expires_at, receipt, monthly FROM gift_order";

fn read(row: &Row) -> Result<Order, DbError> {
    Ok(Order {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        account: row.id("account_id")?,
        trade_no: row.text("trade_no")?,
        project: row.id("project_id")?,
        amount: row.fen("amount_fen")?,
        anonymous: row.flag("anonymous")?,
        receipt: row.opt_word("receipt")?,
        monthly: row.flag("monthly")?,
        secret_wrapped: row.bytes("secret_wrapped")?,
        payer_sealed: row.bytes("payer_sealed")?,
        created_at: row.instant("created_at")?,
        expires_at: row.instant("expires_at")?,
    })
}

pub(super) async fn insert(tx: &mut Tx, order: &Order) -> Result<(), DbError> {
    let row = params![
        (order.id,),
        (order.unit,),
        (order.account,),
        &order.trade_no,
        (order.project,),
        order.amount,
        order.anonymous,
        order.secret_wrapped.clone(),
        order.payer_sealed.clone(),
        order.created_at,
        order.expires_at,
        order.receipt.map(ReceiptWish::as_str)
    ];
    let sql = "INSERT INTO gift_order (id, unit_id, account_id, trade_no, project_id, amount_fen, anonymous,
            secret_wrapped, payer_sealed, created_at, expires_at, receipt)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    tx.execute(sql, row).await.map(drop)
}

/// Notes that an order is a month of a mandate, in the transaction that placed it: matching rules may ask for it.
pub async fn set_monthly(tx: &mut Tx, id: OrderId) -> Result<(), DbError> {
    let sql = "UPDATE gift_order SET monthly = 1 WHERE id = ?1";
    tx.execute(sql, params![(id,)]).await.map(drop)
}

/// An order by its id.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn find(at: &mut impl Reads, id: OrderId) -> Result<Option<Order>, DbError> {
    at.query_one(&format!("{ORDER} WHERE id = ?1"), params![(id,)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// An order by the number under which it is paid.
pub async fn find_by_trade_no(
    at: &mut impl Reads,
    unit: UnitId,
    account: ReceivingAccountId,
    trade_no: &str,
) -> Result<Option<Order>, DbError> {
    let sql = format!("{ORDER} WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3");
    at.query_one(&sql, params![(unit,), (account,), trade_no])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The gift that paid an order, by whichever of its attempts, with its amount. Where a file brought the payment before its
/// notice did, the gift stands under the provider's number.
pub async fn payment_of(at: &mut impl Reads, order: &Order) -> Result<Option<(GiftId, Fen)>, DbError> {
    let sql = "SELECT id, amount_fen FROM gift WHERE unit_id = ?1 AND account_id = ?2 AND trade_no = ?3";
    let row = at
        .query_one(sql, params![(order.unit,), (order.account,), &order.trade_no])
        .await?;
    let row = match row {
        Some(row) => Some(row),
        None => {
            let sql = "SELECT g.id, g.amount_fen FROM payment_attempt a
                JOIN gift g ON g.unit_id = a.unit_id AND g.account_id = a.account_id
                    AND g.trade_no IN (a.trade_no, a.provider_no)
                WHERE a.order_id = ?1 ORDER BY g.id LIMIT 1";
            at.query_one(sql, params![(order.id,)]).await?
        }
    };
    row.map(|row| Ok((row.id("id")?, row.fen("amount_fen")?))).transpose()
}

/// Keeps what an order said differently from its payment beside the gift.
pub(super) async fn insert_difference(tx: &mut Tx, order: &Order, gift: GiftId, now: Instant) -> Result<(), DbError> {
    let said = order.amount.get().to_string();
    let sql = "INSERT INTO gift_difference (unit_id, gift_id, field, said, seen_at)
        VALUES (?1, ?2, 'order_amount_fen', ?3, ?4) ON CONFLICT DO NOTHING";
    tx.execute(sql, params![(order.unit,), (gift,), said, now])
        .await
        .map(drop)
}
