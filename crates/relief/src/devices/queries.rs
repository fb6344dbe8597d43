//! Phones, what waits for an officer, photographs, and what a phone takes along when it leaves the line.

use std::collections::BTreeMap;

use db::{DbError, Reads, Row, params};
use kernel::{ActorId, BusinessDay, Instant, UnitId};

use super::model::{Device, Digest, First, Outcome};
use super::store::{self, RECORD, RecordRow, read_device, read_record};
use crate::boxes::BoxKind;
use crate::dispatch::model::{DispatchState, paper};
use crate::{BoxId, DeviceId, DispatchId, ItemId, LotId, PhotoId, PlaceId};

/// Phones of one answer.
const DEVICES_MAX: i64 = 2_000;
/// Records of one answer.
const RECORDS_MAX: i64 = 500;
/// Photographs of one answer.
const PHOTOS_MAX: i64 = 500;
/// Lots that a phone takes along.
const LOTS_MAX: i64 = 3_000;
/// Codes that a phone takes along: the newest.
const CODES_MAX: i64 = 4_000;
/// Lines of orders that a phone takes along.
const LINES_MAX: i64 = 3_000;
/// Places that a phone takes along.
const PLACES_MAX: i64 = 500;
/// Items that a phone takes along.
const ITEMS_MAX: i64 = 1_000;
/// Other units of them.
const UNITS_MAX: i64 = 3_000;

/// A phone as shown, with what waits of it.
pub struct ShownDevice {
    /// The phone.
    pub device: Device,
    /// Its records that wait for an officer.
    pub waiting: i64,
}

/// The phones of a unit: those in use first, then by name.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn devices(at: &mut impl Reads, unit: UnitId) -> Result<Vec<ShownDevice>, DbError> {
    let rows = at
        .query(
            "SELECT d.id, d.unit_id, d.actor_id, d.name, d.public_key, d.enrolled_at, d.seen_at, d.offset_ms, d.seq_whole,
               d.seq_last, d.revoked_at, (SELECT COUNT(*) FROM goods_device_record r WHERE r.unit_id = d.unit_id
                 AND r.outcome IN ('refused', 'pending') AND r.device_id = d.id) AS waiting
             FROM goods_device d WHERE d.unit_id = ?1
             ORDER BY CASE WHEN d.revoked_at IS NULL THEN 0 ELSE 1 END, d.name, d.id LIMIT ?2",
            params![(unit,), DEVICES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ShownDevice {
                device: read_device(row)?,
                waiting: row.int("waiting")?,
            })
        })
        .collect()
}

/// Who did first what this record says.
pub(super) async fn first(at: &mut impl Reads, row: &RecordRow) -> Result<First, DbError> {
    let by_record = store::first(at, row.unit, &row.effect).await?;
    Ok(by_record.unwrap_or(First {
        device: None,
        at: row.done_at,
    }))
}

/// A record as officers see it; what was signed is still sealed.
pub struct ShownRecord {
    /// The record.
    pub(crate) row: RecordRow,
    /// Its phone's name.
    pub device_name: String,
    /// Whose phone it is.
    pub holder: ActorId,
}

/// Which records are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that wait for an officer.
    Waiting,
    /// Those an officer settled.
    Settled,
}

/// Records of a unit, the oldest first where they wait, the newest first where they are settled.
pub async fn records(at: &mut impl Reads, unit: UnitId, shown: Shown) -> Result<Vec<ShownRecord>, DbError> {
    let (which, order) = match shown {
        Shown::Waiting => ("r.outcome IN ('refused', 'pending')", "r.id"),
        Shown::Settled => ("r.outcome = 'settled'", "r.id DESC"),
    };
    let sql = RECORD.replace(
        " FROM goods_device_record r",
        ", d.name AS device_name, d.actor_id AS holder FROM goods_device_record r JOIN goods_device d ON d.id = r.device_id",
    );
    let sql = format!("{sql} WHERE r.unit_id = ?1 AND {which} ORDER BY {order} LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), RECORDS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(ShownRecord {
                row: read_record(row)?,
                device_name: row.text("device_name")?,
                holder: row.id("holder")?,
            })
        })
        .collect()
}

/// How many records of a unit have this outcome.
pub async fn by_outcome(at: &mut impl Reads, unit: UnitId, outcome: Outcome) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM goods_device_record WHERE unit_id = ?1 AND outcome = ?2";
    let row = at.query_one(sql, params![(unit,), outcome.as_str()]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// A photograph in a list.
pub struct ShownPhoto {
    /// Its id.
    pub id: PhotoId,
    /// The phone's name.
    pub device_name: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// The lot it shows.
    pub lot: Option<LotId>,
    /// The box it shows.
    pub code: Option<BoxId>,
    /// The order it shows.
    pub dispatch: Option<DispatchId>,
    /// When the phone says that it was taken.
    pub taken_at: Instant,
    /// What was said of it, sealed.
    pub note_sealed: Vec<u8>,
    /// Its length; none while the bytes are still on the phone.
    pub length: Option<i64>,
}

/// Of what photographs are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotosOf {
    /// Of the whole unit.
    All,
    /// Of a lot.
    Lot(LotId),
    /// Of an order.
    Dispatch(DispatchId),
}

/// Photographs of a unit, the newest first. One of a box is one of the lot in it and of the order it travels by, also
/// where either was said only after it was taken.
pub async fn photos(at: &mut impl Reads, unit: UnitId, of: PhotosOf) -> Result<Vec<ShownPhoto>, DbError> {
    const COLUMNS: &str = "SELECT p.id, d.name AS device_name, p.sha256, p.lot_id, p.box_id, p.dispatch_id, p.taken_at,
       p.note_sealed, p.length FROM goods_photo p JOIN goods_device d ON d.id = p.device_id WHERE p.unit_id = ?1";
    let rows = match of {
        PhotosOf::All => {
            let sql = format!("{COLUMNS} ORDER BY p.id DESC LIMIT ?2");
            at.query(&sql, params![(unit,), PHOTOS_MAX]).await?
        }
        PhotosOf::Lot(lot) => {
            let sql = format!(
                "{COLUMNS} AND (p.lot_id = ?3 OR EXISTS (SELECT 1 FROM goods_box b
                   WHERE b.id = p.box_id AND b.lot_id = ?3)) ORDER BY p.id DESC LIMIT ?2"
            );
            at.query(&sql, params![(unit,), PHOTOS_MAX, (lot,)]).await?
        }
        PhotosOf::Dispatch(dispatch) => {
            let sql = format!(
                "{COLUMNS} AND (p.dispatch_id = ?3 OR EXISTS (SELECT 1 FROM goods_box b
                   WHERE b.id = p.box_id AND b.dispatch_id = ?3)) ORDER BY p.id DESC LIMIT ?2"
            );
            at.query(&sql, params![(unit,), PHOTOS_MAX, (dispatch,)]).await?
        }
    };
    rows.iter().map(read_photo).collect()
}

fn read_photo(row: &Row) -> Result<ShownPhoto, DbError> {
    Ok(ShownPhoto {
        id: row.id("id")?,
        device_name: row.text("device_name")?,
        sha256: row.bytes("sha256")?.try_into().map_err(|_| DbError::Row {
            column: "sha256".to_owned(),
            why: "not 32 bytes".to_owned(),
        })?,
        lot: row.opt_id("lot_id")?,
        code: row.opt_id("box_id")?,
        dispatch: row.opt_id("dispatch_id")?,
        taken_at: row.instant("taken_at")?,
        note_sealed: row.bytes("note_sealed")?,
        length: row.opt_int("length")?,
    })
}

/// A place that a phone takes along.
pub struct TakenPlace {
    /// Its id.
    pub id: PlaceId,
    /// Its name.
    pub name: String,
}

/// An item that a phone takes along, for goods that nobody announced.
pub struct TakenItem {
    /// Its id.
    pub id: ItemId,
    /// Its name.
    pub name: String,
    /// Standard and grade.
    pub grade: String,
    /// The units it may be counted in, its own first.
    pub units: Vec<String>,
}

/// A lot that a phone takes along. What is in store is not said: who counts must not know it.
pub struct TakenLot {
    /// Its id.
    pub id: LotId,
    /// What it is.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit it is counted in.
    pub unit_word: String,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// Pieces that are announced, at the door, looked at.
    pub awaited: [i64; 3],
}

/// A code that a phone takes along.
pub struct TakenCode {
    /// Its id.
    pub id: BoxId,
    /// What it is stuck on.
    pub kind: BoxKind,
    /// Year and number.
    pub number: (i64, i64),
    /// What is in it: the lot and how many.
    pub filled: Option<(LotId, i64)>,
}

/// A line of an order that a phone takes along.
pub struct TakenLine {
    /// The order.
    pub dispatch: DispatchId,
    /// Its number on papers.
    pub number: String,
    /// For whom.
    pub receiver: String,
    /// Where it is.
    pub state: DispatchState,
    /// The line.
    pub n: i64,
    /// The lot.
    pub lot: LotId,
    /// What it is.
    pub item: String,
    /// The unit it is counted in.
    pub unit_word: String,
    /// How many.
    pub quantity: i64,
}

/// What a phone takes along when it leaves the line.
pub struct Along {
    /// Places.
    pub places: Vec<TakenPlace>,
    /// The catalogue.
    pub items: Vec<TakenItem>,
    /// Lots with something on hand in the unit.
    pub lots: Vec<TakenLot>,
    /// The newest codes.
    pub codes: Vec<TakenCode>,
    /// Lines of the orders that are under way or were received lately.
    pub lines: Vec<TakenLine>,
}

/// Orders received before this many days are not taken along.
const RECEIVED_DAYS: i64 = 7;

/// What a phone takes along.
pub async fn along(at: &mut impl Reads, unit: UnitId, now: Instant) -> Result<Along, DbError> {
    let sql = "SELECT id, name FROM goods_place WHERE unit_id = ?1 ORDER BY code, id LIMIT ?2";
    let rows = at.query(sql, params![(unit,), PLACES_MAX]).await?;
    let places = rows.iter().map(|row| {
        Ok(TakenPlace {
            id: row.id("id")?,
            name: row.text("name")?,
        })
    });
    let places = places.collect::<Result<_, DbError>>()?;
    Ok(Along {
        places,
        items: items(at, unit).await?,
        lots: lots(at, unit).await?,
        codes: codes(at, unit).await?,
        lines: lines(at, unit, now.business_day().plus_days(-RECEIVED_DAYS).start()).await?,
    })
}

async fn items(at: &mut impl Reads, unit: UnitId) -> Result<Vec<TakenItem>, DbError> {
    let sql = "SELECT u.item_id, u.unit_word FROM goods_item_unit u JOIN goods_item i ON i.id = u.item_id
         WHERE i.unit_id = ?1 ORDER BY u.item_id, u.unit_word LIMIT ?2";
    let mut units: BTreeMap<ItemId, Vec<String>> = BTreeMap::new();
    for row in at.query(sql, params![(unit,), UNITS_MAX]).await? {
        units
            .entry(row.id("item_id")?)
            .or_default()
            .push(row.text("unit_word")?);
    }
    let sql = "SELECT id, name, grade, base_unit FROM goods_item WHERE unit_id = ?1 ORDER BY name, grade, id LIMIT ?2";
    let rows = at.query(sql, params![(unit,), ITEMS_MAX]).await?;
    rows.iter()
        .map(|row| {
            let id: ItemId = row.id("id")?;
            let mut words = vec![row.text("base_unit")?];
            words.extend(units.remove(&id).unwrap_or_default());
            Ok(TakenItem {
                id,
                name: row.text("name")?,
                grade: row.text("grade")?,
                units: words,
            })
        })
        .collect()
}

async fn lots(at: &mut impl Reads, unit: UnitId) -> Result<Vec<TakenLot>, DbError> {
    let rows = at
        .query(
            "SELECT l.id, i.name, i.grade, l.unit_word, l.expires_on,
               CAST(SUM(CASE WHEN b.state = 'announced' THEN b.quantity ELSE 0 END) AS BIGINT) AS announced,
               CAST(SUM(CASE WHEN b.state = 'arrived' THEN b.quantity ELSE 0 END) AS BIGINT) AS arrived,
               CAST(SUM(CASE WHEN b.state = 'inspected' THEN b.quantity ELSE 0 END) AS BIGINT) AS inspected
             FROM goods_balance b JOIN goods_lot l ON l.id = b.lot_id JOIN goods_item i ON i.id = l.item_id
             WHERE b.unit_id = ?1 AND b.state IN ('announced', 'arrived', 'inspected', 'stocked') AND b.quantity > 0
             GROUP BY l.id, i.name, i.grade, l.unit_word, l.expires_on ORDER BY l.id DESC LIMIT ?2",
            params![(unit,), LOTS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(TakenLot {
                id: row.id("id")?,
                item: row.text("name")?,
                grade: row.text("grade")?,
                unit_word: row.text("unit_word")?,
                expires_on: row.opt_day("expires_on")?,
                awaited: [row.int("announced")?, row.int("arrived")?, row.int("inspected")?],
            })
        })
        .collect()
}

async fn codes(at: &mut impl Reads, unit: UnitId) -> Result<Vec<TakenCode>, DbError> {
    let rows = at
        .query(
            "SELECT id, kind, year, number, lot_id, quantity FROM goods_box WHERE unit_id = ?1
             ORDER BY year DESC, number DESC LIMIT ?2",
            params![(unit,), CODES_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(TakenCode {
                id: row.id("id")?,
                kind: row.word("kind")?,
                number: (row.int("year")?, row.int("number")?),
                filled: row.opt_id("lot_id")?.zip(row.opt_int("quantity")?),
            })
        })
        .collect()
}

async fn lines(at: &mut impl Reads, unit: UnitId, since: Instant) -> Result<Vec<TakenLine>, DbError> {
    let rows = at
        .query(
            "SELECT d.id, d.year, d.number, p.name AS receiver, d.state, l.n, l.lot_id, i.name AS item, o.unit_word, l.quantity
             FROM goods_dispatch d JOIN goods_party p ON p.id = d.party_id
             JOIN goods_dispatch_line l ON l.dispatch_id = d.id JOIN goods_lot o ON o.id = l.lot_id
             JOIN goods_item i ON i.id = o.item_id
             WHERE d.unit_id = ?1 AND (d.state IN ('ordered', 'issued', 'in_transit')
               OR (d.state = 'received' AND d.received_at >= ?3))
             ORDER BY d.year DESC, d.number DESC, l.n LIMIT ?2",
            params![(unit,), LINES_MAX, since],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(TakenLine {
                dispatch: row.id("id")?,
                number: paper((row.int("year")?, row.int("number")?)),
                receiver: row.text("receiver")?,
                state: row.word("state")?,
                n: row.int("n")?,
                lot: row.id("lot_id")?,
                item: row.text("item")?,
                unit_word: row.text("unit_word")?,
                quantity: row.int("quantity")?,
            })
        })
        .collect()
}

/// The phone of this id.
pub async fn device(at: &mut impl Reads, id: DeviceId) -> Result<Option<Device>, DbError> {
    store::device(at, id).await
}
