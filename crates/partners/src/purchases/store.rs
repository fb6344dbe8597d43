//! The tables `partner_supplier`, `partner_tie`, `partner_purchase`, `partner_quote`, `partner_receipt`, `partner_stocked`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Instant, UnitId};

use super::model::{Fewer, Purchase, PurchaseState, Quote, Receipt, Stocked, Supplier};
use crate::error::PartnerError;
use crate::{HandedId, PaymentId, PurchaseId, SupplierId};

/// Quotes of one purchase.
const QUOTES_MAX: i64 = 100;

pub(super) const SUPPLIER: &str = "SELECT id, unit_id, code, name, owner_shown, owner_blind FROM partner_supplier";
pub(super) const PURCHASE: &str =
    "SELECT id, unit_id, agreement_id, need_id, list_id, kind, item, spec, unit_word, quantity, state, asked_by, asked_on,
    few_why, few_asked_by, few_approved_by, chosen_n, chosen_why, chosen_by, year, number, ordered_at, due_on, invoice_no,
    invoice_file_id, payment_id, called_off_why FROM partner_purchase";

/// A supplier's row as a value: the one place.
pub(super) fn read_supplier(row: &Row) -> Result<Supplier, DbError> {
    Ok(Supplier {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        code: row.text("code")?,
        name: row.text("name")?,
        owner_shown: row.text("owner_shown")?,
    })
}

/// A purchase's row as a value: the one place.
pub(super) fn read(row: &Row) -> Result<Purchase, DbError> {
    let (why, asked_by) = (row.opt_text("few_why")?, row.opt_id("few_asked_by")?);
    let approved_by = row.opt_id("few_approved_by")?;
    let chosen_why = row.opt_text("chosen_why")?.unwrap_or_default();
    Ok(Purchase {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        agreement: row.id("agreement_id")?,
        need: row.opt_id("need_id")?,
        list: row.opt_id("list_id")?,
        kind: row.word("kind")?,
        item: row.text("item")?,
        spec: row.text("spec")?,
        unit_word: row.text("unit_word")?,
        quantity: row.int("quantity")?,
        state: row.word("state")?,
        asked_by: row.id("asked_by")?,
        asked_on: row.day("asked_on")?,
        fewer: why.zip(asked_by).map(|(why, asked_by)| Fewer {
            why,
            asked_by,
            approved_by,
        }),
        chosen: row.opt_int("chosen_n")?.map(|n| (n, chosen_why)),
        chosen_by: row.opt_id("chosen_by")?,
        number: row.opt_int("year")?.zip(row.opt_int("number")?),
        ordered_at: row.opt_instant("ordered_at")?,
        due_on: row.opt_day("due_on")?,
        invoice: row.opt_text("invoice_no")?.zip(row.opt_id("invoice_file_id")?),
        payment: row.opt_id("payment_id")?,
        called_off: row.opt_text("called_off_why")?,
    })
}

fn read_quote(row: &Row) -> Result<Quote, DbError> {
    Ok(Quote {
        n: row.int("n")?,
        supplier: row.id("supplier_id")?,
        supplier_name: row.text("name")?,
        owner: row.bytes("owner_blind")?,
        price: row.fen("price_fen")?,
        file: row.id("file_id")?,
        collected_by: row.id("collected_by")?,
        collected_at: row.instant("collected_at")?,
        struck: row.opt_text("struck_why")?,
    })
}

pub(super) async fn insert_supplier(
    tx: &mut Tx,
    (new, owner): (&Supplier, &[u8]),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_supplier (id, unit_id, code, name, owner_shown, owner_blind, made_by, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (new.id,),
            (new.unit,),
            &new.code,
            &new.name,
            &new.owner_shown,
            owner,
            (by,),
            now
        ],
    )
    .await
    .map(drop)
}

/// A supplier with the mark of its owner.
pub(super) async fn supplier(at: &mut impl Reads, id: SupplierId) -> Result<Option<(Supplier, Vec<u8>)>, DbError> {
    let row = at
        .query_one(&format!("{SUPPLIER} WHERE id = ?1"), params![(id,)])
        .await?;
    row.map(|row| Ok((read_supplier(&row)?, row.bytes("owner_blind")?)))
        .transpose()
}

pub(super) async fn insert_tie(
    tx: &mut Tx,
    (supplier, actor): (SupplierId, ActorId),
    (words, by, now): (&str, ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_tie (supplier_id, actor_id, words, declared_by, declared_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (supplier_id, actor_id) DO NOTHING",
        params![(supplier,), (actor,), words, (by,), now],
    )
    .await
    .map(drop)
}

/// Whether somebody declared to be bound to a supplier.
pub(super) async fn is_tied(at: &mut impl Reads, supplier: SupplierId, actor: ActorId) -> Result<bool, DbError> {
    let sql = "SELECT 1 AS known FROM partner_tie WHERE supplier_id = ?1 AND actor_id = ?2";
    Ok(at.query_one(sql, params![(supplier,), (actor,)]).await?.is_some())
}

/// Refuses somebody who is bound to a supplier that quoted in this purchase.
///
/// # Errors
/// [`PartnerError::Conflict`].
pub(crate) async fn may_touch(at: &mut impl Reads, id: PurchaseId, actor: ActorId) -> Result<(), PartnerError> {
    let sql = "SELECT 1 AS known FROM partner_quote q JOIN partner_tie t ON t.supplier_id = q.supplier_id
         WHERE q.purchase_id = ?1 AND t.actor_id = ?2 AND q.struck_at IS NULL LIMIT 1";
    match at.query_one(sql, params![(id,), (actor,)]).await? {
        Some(_) => Err(PartnerError::Conflict("is bound to who does this, by declaration")),
        None => Ok(()),
    }
}

pub(super) async fn by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Purchase>, DbError> {
    let sql = format!("{PURCHASE} WHERE unit_id = ?1 AND purchase_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn purchase(at: &mut impl Reads, id: PurchaseId) -> Result<Option<Purchase>, DbError> {
    let row = at
        .query_one(&format!("{PURCHASE} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// A purchase, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: PurchaseId) -> Result<Option<Purchase>, DbError> {
    tx.execute(
        "UPDATE partner_purchase SET state = state WHERE id = ?1",
        params![(id,)],
    )
    .await?;
    purchase(tx, id).await
}

pub(super) async fn insert(tx: &mut Tx, new: &Purchase, (key, now): (&str, Instant)) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_purchase (id, unit_id, agreement_id, need_id, list_id, purchase_key, kind, item, spec, unit_word,
           quantity, state, asked_by, asked_on, asked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            (new.id,),
            (new.unit,),
            (new.agreement,),
            new.need.map(|need| (need,)),
            new.list.map(|list| (list,)),
            key,
            new.kind.as_str(),
            &new.item,
            &new.spec,
            &new.unit_word,
            new.quantity,
            new.state.as_str(),
            (new.asked_by,),
            new.asked_on,
            now
        ],
    )
    .await
    .map(drop)
}

/// The quotes of a purchase in their order, struck ones too.
pub(super) async fn quotes(at: &mut impl Reads, id: PurchaseId) -> Result<Vec<Quote>, DbError> {
    let rows = at
        .query(
            "SELECT q.n, q.supplier_id, s.name, s.owner_blind, q.price_fen, q.file_id, q.collected_by, q.collected_at, q.struck_why
             FROM partner_quote q JOIN partner_supplier s ON s.id = q.supplier_id WHERE q.purchase_id = ?1 ORDER BY q.n LIMIT ?2",
            params![(id,), QUOTES_MAX],
        )
        .await?;
    rows.iter().map(read_quote).collect()
}

pub(super) async fn insert_quote(tx: &mut Tx, id: PurchaseId, new: &Quote) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_quote (purchase_id, n, supplier_id, price_fen, file_id, collected_by, collected_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            (id,),
            new.n,
            (new.supplier,),
            new.price,
            (new.file,),
            (new.collected_by,),
            new.collected_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn strike(
    tx: &mut Tx,
    (id, n): (PurchaseId, i64),
    (why, now): (&str, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_quote SET struck_at = ?3, struck_why = ?4 WHERE purchase_id = ?1 AND n = ?2",
        params![(id,), n, now, why],
    )
    .await
    .map(drop)
}

pub(super) async fn put_fewer(tx: &mut Tx, id: PurchaseId, fewer: &Fewer) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_purchase SET few_why = ?2, few_asked_by = ?3, few_approved_by = ?4 WHERE id = ?1",
        params![(id,), &fewer.why, (fewer.asked_by,), fewer.approved_by.map(|by| (by,))],
    )
    .await
    .map(drop)
}

pub(super) async fn choose(
    tx: &mut Tx,
    id: PurchaseId,
    (n, why): (i64, &str),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_purchase SET state = 'chosen', chosen_n = ?2, chosen_why = ?3, chosen_by = ?4, chosen_at = ?5
         WHERE id = ?1",
        params![(id,), n, why, (by,), now],
    )
    .await
    .map(drop)
}

pub(super) async fn order(
    tx: &mut Tx,
    id: PurchaseId,
    ((year, number), due): ((i64, i64), BusinessDay),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_purchase SET state = 'ordered', year = ?2, number = ?3, due_on = ?4, ordered_by = ?5, ordered_at = ?6
         WHERE id = ?1",
        params![(id,), year, number, due, (by,), now],
    )
    .await
    .map(drop)
}

/// What was counted so far, in order of the signatures.
pub(super) async fn receipts(at: &mut impl Reads, id: PurchaseId) -> Result<Vec<Receipt>, DbError> {
    let sql = "SELECT actor_id, quantity, words, signed_at FROM partner_receipt WHERE purchase_id = ?1
         ORDER BY signed_at, actor_id";
    let rows = at.query(sql, params![(id,)]).await?;
    let read = |row: &Row| {
        Ok(Receipt {
            by: row.id("actor_id")?,
            quantity: row.int("quantity")?,
            words: row.text("words")?,
            signed_at: row.instant("signed_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Writes what somebody counted; counted again before the second person signs, it stands in place of the first count.
pub(super) async fn put_receipt(tx: &mut Tx, id: PurchaseId, new: &Receipt) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_receipt (purchase_id, actor_id, quantity, words, signed_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (purchase_id, actor_id) DO UPDATE SET quantity = excluded.quantity, words = excluded.words,
           signed_at = excluded.signed_at",
        params![(id,), (new.by,), new.quantity, &new.words, new.signed_at],
    )
    .await
    .map(drop)
}

pub(crate) async fn put_state(tx: &mut Tx, id: PurchaseId, state: PurchaseState) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_purchase SET state = ?2 WHERE id = ?1",
        params![(id,), state.as_str()],
    )
    .await
    .map(drop)
}

pub(super) async fn invoice(
    tx: &mut Tx,
    id: PurchaseId,
    (number, file, payment): (&str, HandedId, PaymentId),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_purchase SET state = 'invoiced', invoice_no = ?2, invoice_file_id = ?3, payment_id = ?4 WHERE id = ?1",
        params![(id,), number, (file,), (payment,)],
    )
    .await
    .map(drop)
}

/// Its payment stands in the books.
pub(crate) async fn paid(tx: &mut Tx, id: PurchaseId) -> Result<(), DbError> {
    put_state(tx, id, PurchaseState::Paid).await
}

/// Its payment was given up: the invoice is to be put in again.
pub(crate) async fn uninvoiced(tx: &mut Tx, id: PurchaseId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_purchase SET state = 'received', invoice_no = NULL, invoice_file_id = NULL, payment_id = NULL
         WHERE id = ?1",
        params![(id,)],
    )
    .await
    .map(drop)
}

/// Gives it up; a list of children is free for another purchase.
pub(super) async fn call_off(tx: &mut Tx, id: PurchaseId, why: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_purchase SET state = 'called_off', called_off_why = ?2, list_id = NULL WHERE id = ?1",
        params![(id,), why],
    )
    .await
    .map(drop)
}

/// The last time that a purchase was put into the store, whether it still stands or not.
pub(super) async fn stocked(at: &mut impl Reads, id: PurchaseId) -> Result<Option<Stocked>, DbError> {
    let row = at
        .query_one(
            "SELECT n, item_id, place_id, lot_id, quantity, value_fen, paper, stocked_by, stocked_at, undone_why
             FROM partner_stocked WHERE purchase_id = ?1 ORDER BY n DESC LIMIT 1",
            params![(id,)],
        )
        .await?;
    let read = |row: Row| {
        Ok(Stocked {
            n: row.int("n")?,
            item: row.id("item_id")?,
            place: row.id("place_id")?,
            lot: row.id("lot_id")?,
            quantity: row.int("quantity")?,
            value: row.fen("value_fen")?,
            paper: row.text("paper")?,
            by: row.id("stocked_by")?,
            at: row.instant("stocked_at")?,
            undone: row.opt_text("undone_why")?,
        })
    };
    row.map(read).transpose()
}

/// Writes down the lot that a purchase became.
pub(super) async fn insert_stocked(tx: &mut Tx, of: &Purchase, new: &Stocked) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_stocked (purchase_id, n, unit_id, item_id, place_id, lot_id, quantity, value_fen, paper,
           stocked_by, stocked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            (of.id,),
            new.n,
            (of.unit,),
            (new.item,),
            (new.place,),
            (new.lot,),
            new.quantity,
            new.value,
            &new.paper,
            (new.by,),
            new.at
        ],
    )
    .await
    .map(drop)
}

/// Notes that it was taken out of the store again.
pub(super) async fn unstock(
    tx: &mut Tx,
    (id, n): (PurchaseId, i64),
    (why, by, now): (&str, ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_stocked SET undone_why = ?3, undone_by = ?4, undone_at = ?5 WHERE purchase_id = ?1 AND n = ?2",
        params![(id,), n, why, (by,), now],
    )
    .await
    .map(drop)
}
