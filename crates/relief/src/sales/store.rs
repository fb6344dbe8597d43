//! The table `goods_sale`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, JournalId, UnitId};

use super::model::{Sale, Undone};
use crate::{LotId, SaleId};

pub(super) const SALE: &str =
    "SELECT id, unit_id, lot_id, n, place_id, quantity, fund_id, restriction, paid_into, amount_fen,
    buyer_shown, journal_id, sold_by, sold_at, undone_n, undone_journal_id, undone_by, undone_at FROM goods_sale";

/// A sale's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Sale, DbError> {
    let undone = match (
        row.opt_int("undone_n")?,
        row.opt_id("undone_journal_id")?,
        row.opt_id("undone_by")?,
        row.opt_instant("undone_at")?,
    ) {
        (Some(n), Some(journal), Some(by), Some(at)) => Some(Undone { n, journal, by, at }),
        _ => None,
    };
    Ok(Sale {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        lot: row.id("lot_id")?,
        n: row.int("n")?,
        place: row.id("place_id")?,
        quantity: row.int("quantity")?,
        fund: row.id("fund_id")?,
        restriction: row.word("restriction")?,
        paid_into: row.word("paid_into")?,
        amount: row.fen("amount_fen")?,
        buyer_shown: row.text("buyer_shown")?,
        journal: row.id("journal_id")?,
        sold_by: row.id("sold_by")?,
        sold_at: row.instant("sold_at")?,
        undone,
    })
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Sale>, DbError> {
    let sql = format!("{SALE} WHERE unit_id = ?1 AND sale_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn sale(at: &mut impl Reads, id: SaleId) -> Result<Option<Sale>, DbError> {
    let row = at.query_one(&format!("{SALE} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// The sale of a movement, out of the store or back into it.
pub(super) async fn of_move(at: &mut impl Reads, (lot, n): (LotId, i64)) -> Result<Option<Sale>, DbError> {
    let sql = format!("{SALE} WHERE lot_id = ?1 AND (n = ?2 OR undone_n = ?2)");
    let row = at.query_one(&sql, params![(lot,), n]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(tx: &mut Tx, sale: &Sale, key: &str, buyer_sealed: Vec<u8>) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_sale (id, unit_id, sale_key, lot_id, n, place_id, quantity, fund_id, restriction, paid_into,
           amount_fen, buyer_shown, buyer_sealed, journal_id, sold_by, sold_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            (sale.id,),
            (sale.unit,),
            key,
            (sale.lot,),
            sale.n,
            (sale.place,),
            sale.quantity,
            (sale.fund,),
            sale.restriction.as_str(),
            sale.paid_into.as_str(),
            sale.amount,
            &sale.buyer_shown,
            buyer_sealed,
            (sale.journal,),
            (sale.sold_by,),
            sale.sold_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn undo(
    tx: &mut Tx,
    id: SaleId,
    (n, journal): (i64, JournalId),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_sale SET undone_n = ?2, undone_journal_id = ?3, undone_by = ?4, undone_at = ?5
         WHERE id = ?1 AND undone_at IS NULL",
        params![(id,), n, (journal,), (by,), now],
    )
    .await
    .map(drop)
}
