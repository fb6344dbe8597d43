//! The tables `partner_shop`, `partner_resident`, `partner_service`, `partner_points`, `partner_shelf`, `partner_shelf_move`,
//! `partner_sale`, `partner_sale_line`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant, UnitId};

use super::model::{Entry, EntryKind, NewResident, NewService, Resident, Sale, Service, ServiceState, Shelf, Shop};
use crate::{ResidentId, SaleId, ServiceId, ShelfId, ShopId};

pub(super) const SHOP: &str = "SELECT id, unit_id, agreement_id, name, made_at FROM partner_shop";
pub(super) const RESIDENT: &str = "SELECT id, unit_id, shop_id, name_shown, points, entries FROM partner_resident";
pub(super) const SERVICE: &str =
    "SELECT id, unit_id, shop_id, resident_id, kind, minutes, day, state, points, recorded_by FROM partner_service";
pub(super) const SHELF: &str =
    "SELECT id, unit_id, shop_id, item, unit_word, price_points, stock, moves FROM partner_shelf";
pub(super) const SALE: &str = "SELECT id, unit_id, shop_id, resident_id, points, sold_at, undone_at FROM partner_sale";

pub(super) fn read_shop(row: &Row) -> Result<Shop, DbError> {
    Ok(Shop {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        agreement: row.opt_id("agreement_id")?,
        name: row.text("name")?,
        made_at: row.instant("made_at")?,
    })
}

pub(super) fn read_resident(row: &Row) -> Result<Resident, DbError> {
    Ok(Resident {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        shop: row.id("shop_id")?,
        name_shown: row.text("name_shown")?,
        points: row.int("points")?,
        entries: row.int("entries")?,
    })
}

pub(super) fn read_service(row: &Row) -> Result<Service, DbError> {
    Ok(Service {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        shop: row.id("shop_id")?,
        resident: row.id("resident_id")?,
        kind: row.word("kind")?,
        minutes: row.int("minutes")?,
        day: row.day("day")?,
        state: row.word("state")?,
        points: row.opt_int("points")?,
        recorded_by: row.id("recorded_by")?,
    })
}

pub(super) fn read_shelf(row: &Row) -> Result<Shelf, DbError> {
    Ok(Shelf {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        shop: row.id("shop_id")?,
        item: row.text("item")?,
        unit_word: row.text("unit_word")?,
        price: row.int("price_points")?,
        stock: row.int("stock")?,
        moves: row.int("moves")?,
    })
}

pub(super) fn read_sale(row: &Row) -> Result<Sale, DbError> {
    Ok(Sale {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        shop: row.id("shop_id")?,
        resident: row.id("resident_id")?,
        points: row.int("points")?,
        sold_at: row.instant("sold_at")?,
        undone_at: row.opt_instant("undone_at")?,
    })
}

pub(super) fn read_entry(row: &Row) -> Result<Entry, DbError> {
    let cause: SaleId = row.id("cause")?;
    Ok(Entry {
        n: row.int("n")?,
        kind: row.word("kind")?,
        points: row.int("points")?,
        cause: kernel::id::Id::bytes(cause),
        reason: row.text("reason")?,
        at: row.instant("at")?,
    })
}

pub(super) async fn shop(at: &mut impl Reads, id: ShopId) -> Result<Option<Shop>, DbError> {
    let row = at.query_one(&format!("{SHOP} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_shop).transpose()
}

pub(super) async fn shop_by_key(at: &mut impl Reads, unit: UnitId, key: &str) -> Result<Option<Shop>, DbError> {
    let sql = format!("{SHOP} WHERE unit_id = ?1 AND shop_key = ?2");
    let row = at.query_one(&sql, params![(unit,), key]).await?;
    row.as_ref().map(read_shop).transpose()
}

pub(super) async fn insert_shop(tx: &mut Tx, new: &Shop, key: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_shop (id, unit_id, agreement_id, shop_key, name, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            (new.id,),
            (new.unit,),
            new.agreement.map(|agreement| (agreement,)),
            key,
            &new.name,
            new.made_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn resident_by_key(
    at: &mut impl Reads,
    (shop, key): (ShopId, &str),
) -> Result<Option<Resident>, DbError> {
    let sql = format!("{RESIDENT} WHERE shop_id = ?1 AND resident_key = ?2");
    let row = at.query_one(&sql, params![(shop,), key]).await?;
    row.as_ref().map(read_resident).transpose()
}

pub(super) async fn resident_by_phone(
    at: &mut impl Reads,
    (shop, phone): (ShopId, &[u8]),
) -> Result<Option<Resident>, DbError> {
    let sql = format!("{RESIDENT} WHERE shop_id = ?1 AND phone_blind = ?2");
    let row = at.query_one(&sql, params![(shop,), phone]).await?;
    row.as_ref().map(read_resident).transpose()
}

pub(super) async fn insert_resident(
    tx: &mut Tx,
    (resident, new): (&Resident, &NewResident),
    (sealed, phone): (Vec<u8>, Vec<u8>),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_resident (id, unit_id, shop_id, resident_key, name_shown, name_sealed, phone_blind, points, entries,
           made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8)",
        params![
            (resident.id,),
            (resident.unit,),
            (resident.shop,),
            &new.key,
            &resident.name_shown,
            sealed,
            phone,
            now
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn resident(at: &mut impl Reads, id: ResidentId) -> Result<Option<Resident>, DbError> {
    let row = at
        .query_one(&format!("{RESIDENT} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_resident).transpose()
}

/// A resident, locked until the transaction ends: the lock of the journal of points.
pub(super) async fn lock_resident(tx: &mut Tx, id: ResidentId) -> Result<Option<Resident>, DbError> {
    tx.execute(
        "UPDATE partner_resident SET points = points WHERE id = ?1",
        params![(id,)],
    )
    .await?;
    resident(tx, id).await
}

/// An entry about to be written.
pub(super) struct NewEntry<'a> {
    pub(super) key: &'a str,
    pub(super) kind: EntryKind,
    pub(super) points: i64,
    pub(super) cause: [u8; 16],
    pub(super) reason: &'a str,
}

/// Appends an entry and keeps the resident's points. The resident is locked.
pub(super) async fn append(
    tx: &mut Tx,
    resident: &Resident,
    entry: &NewEntry<'_>,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_points (resident_id, n, shop_id, entry_key, kind, points, cause, reason, actor_id, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            (resident.id,),
            resident.entries + 1,
            (resident.shop,),
            entry.key,
            entry.kind.as_str(),
            entry.points,
            entry.cause,
            entry.reason,
            (by,),
            now
        ],
    )
    .await?;
    tx.execute(
        "UPDATE partner_resident SET points = points + ?2, entries = entries + 1 WHERE id = ?1",
        params![(resident.id,), entry.points],
    )
    .await
    .map(drop)
}

/// Whether an entry of this kind stands for a cause.
pub(super) async fn has_entry(at: &mut impl Reads, cause: [u8; 16], kind: EntryKind) -> Result<bool, DbError> {
    let sql = "SELECT 1 AS known FROM partner_points WHERE cause = ?1 AND kind = ?2";
    Ok(at.query_one(sql, params![cause, kind.as_str()]).await?.is_some())
}

pub(super) async fn service_by_key(
    at: &mut impl Reads,
    (shop, key): (ShopId, &str),
) -> Result<Option<Service>, DbError> {
    let sql = format!("{SERVICE} WHERE shop_id = ?1 AND service_key = ?2");
    let row = at.query_one(&sql, params![(shop,), key]).await?;
    row.as_ref().map(read_service).transpose()
}

/// A service, locked until the transaction ends.
pub(super) async fn lock_service(tx: &mut Tx, id: ServiceId) -> Result<Option<Service>, DbError> {
    tx.execute("UPDATE partner_service SET state = state WHERE id = ?1", params![(id,)])
        .await?;
    let row = tx
        .query_one(&format!("{SERVICE} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read_service).transpose()
}

pub(super) async fn insert_service(
    tx: &mut Tx,
    (service, new): (&Service, &NewService),
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_service (id, unit_id, shop_id, resident_id, service_key, kind, minutes, day, state, recorded_by,
           recorded_at, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '')",
        params![
            (service.id,),
            (service.unit,),
            (service.shop,),
            (service.resident,),
            &new.key,
            service.kind.as_str(),
            service.minutes,
            service.day,
            service.state.as_str(),
            (service.recorded_by,),
            now
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn decide_service(
    tx: &mut Tx,
    id: ServiceId,
    (state, points, words): (ServiceState, Option<i64>, &str),
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_service SET state = ?2, points = ?3, words = ?4, decided_by = ?5, decided_at = ?6 WHERE id = ?1",
        params![(id,), state.as_str(), points, words, (by,), now],
    )
    .await
    .map(drop)
}

pub(super) async fn insert_shelf(tx: &mut Tx, new: &Shelf, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_shelf (id, unit_id, shop_id, item, unit_word, price_points, stock, moves, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7)",
        params![
            (new.id,),
            (new.unit,),
            (new.shop,),
            &new.item,
            &new.unit_word,
            new.price,
            now
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn put_price(tx: &mut Tx, id: ShelfId, price: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_shelf SET price_points = ?2 WHERE id = ?1",
        params![(id,), price],
    )
    .await
    .map(drop)
}

/// A shelf, locked until the transaction ends. Several are locked in the order of their ids.
pub(super) async fn lock_shelf(tx: &mut Tx, id: ShelfId) -> Result<Option<Shelf>, DbError> {
    tx.execute("UPDATE partner_shelf SET stock = stock WHERE id = ?1", params![(id,)])
        .await?;
    let row = tx.query_one(&format!("{SHELF} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_shelf).transpose()
}

/// A movement about to be written.
pub(super) struct NewMove<'a> {
    pub(super) key: &'a str,
    pub(super) quantity: i64,
    pub(super) sale: Option<SaleId>,
    pub(super) reason: &'a str,
}

/// Whether a movement with this key stands, and how many it moved.
pub(super) async fn moved(at: &mut impl Reads, id: ShelfId, key: &str) -> Result<Option<i64>, DbError> {
    let sql = "SELECT quantity FROM partner_shelf_move WHERE shelf_id = ?1 AND move_key = ?2";
    let row = at.query_one(sql, params![(id,), key]).await?;
    row.map(|row| row.int("quantity")).transpose()
}

/// Appends a movement and keeps the shelf's stock. The shelf is locked.
pub(super) async fn move_on(
    tx: &mut Tx,
    shelf: &Shelf,
    new: &NewMove<'_>,
    (by, now): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_shelf_move (shelf_id, n, move_key, quantity, sale_id, reason, actor_id, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (shelf.id,),
            shelf.moves + 1,
            new.key,
            new.quantity,
            new.sale.map(|sale| (sale,)),
            new.reason,
            (by,),
            now
        ],
    )
    .await?;
    tx.execute(
        "UPDATE partner_shelf SET stock = stock + ?2, moves = moves + 1 WHERE id = ?1",
        params![(shelf.id,), new.quantity],
    )
    .await
    .map(drop)
}

pub(super) async fn sale_by_key(at: &mut impl Reads, (shop, key): (ShopId, &str)) -> Result<Option<Sale>, DbError> {
    let sql = format!("{SALE} WHERE shop_id = ?1 AND sale_key = ?2");
    let row = at.query_one(&sql, params![(shop,), key]).await?;
    row.as_ref().map(read_sale).transpose()
}

pub(super) async fn sale(at: &mut impl Reads, id: SaleId) -> Result<Option<Sale>, DbError> {
    let row = at.query_one(&format!("{SALE} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read_sale).transpose()
}

pub(super) async fn insert_sale(
    tx: &mut Tx,
    (sale, key, by): (&Sale, &str, ActorId),
    lines: &[(ShelfId, i64, i64)],
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO partner_sale (id, unit_id, shop_id, resident_id, sale_key, points, sold_by, sold_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            (sale.id,),
            (sale.unit,),
            (sale.shop,),
            (sale.resident,),
            key,
            sale.points,
            (by,),
            sale.sold_at
        ],
    )
    .await?;
    for (n, (shelf, quantity, price)) in (1i64..).zip(lines) {
        tx.execute(
            "INSERT INTO partner_sale_line (sale_id, n, shelf_id, quantity, price_points) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![(sale.id,), n, (*shelf,), *quantity, *price],
        )
        .await?;
    }
    Ok(())
}

/// What a sale took: shelves and pieces, in the order of the shelves.
pub(super) async fn sale_lines(at: &mut impl Reads, id: SaleId) -> Result<Vec<(ShelfId, i64)>, DbError> {
    let sql = "SELECT shelf_id, quantity FROM partner_sale_line WHERE sale_id = ?1 ORDER BY shelf_id";
    let rows = at.query(sql, params![(id,)]).await?;
    rows.iter()
        .map(|row| Ok((row.id("shelf_id")?, row.int("quantity")?)))
        .collect()
}

pub(super) async fn undo_sale(tx: &mut Tx, id: SaleId, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "UPDATE partner_sale SET undone_at = ?2 WHERE id = ?1",
        params![(id,), now],
    )
    .await
    .map(drop)
}
