//! Codes as they are shown: to staff, and to everybody on the page of a box.

use db::{DbError, Reads, params};
use kernel::{Instant, RegionCode, UnitId};

use super::model::{BoxKind, Code};
use super::store::{self, CODE, LABELS_MAX, read};
use crate::{BoxId, SheetId};

/// Sheets of one answer.
const SHEETS_MAX: i64 = 100;
/// Kinds of goods told of one pallet or truck.
const INSIDE_MAX: i64 = 200;

/// The codes of a sheet, by number.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn of_sheet(at: &mut impl Reads, id: SheetId) -> Result<Vec<Code>, DbError> {
    let sql = format!("{CODE} WHERE sheet_id = ?1 ORDER BY number LIMIT ?2");
    let rows = at.query(&sql, params![(id,), LABELS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// A sheet in a list.
pub struct ShownSheet {
    /// Its id.
    pub id: SheetId,
    /// What its codes are stuck on.
    pub kind: BoxKind,
    /// Its first label.
    pub first: String,
    /// How many.
    pub labels: i64,
    /// How many of them are filled.
    pub filled: i64,
    /// When it was made.
    pub made_at: Instant,
}

/// The sheets of a unit, the newest first.
pub async fn sheets(at: &mut impl Reads, unit: UnitId) -> Result<Vec<ShownSheet>, DbError> {
    let rows = at
        .query(
            "SELECT s.id, s.kind, s.labels, s.made_at, MIN(b.year) AS year, MIN(b.number) AS number, COUNT(b.lot_id) AS filled
             FROM goods_box_sheet s JOIN goods_box b ON b.sheet_id = s.id WHERE s.unit_id = ?1
             GROUP BY s.id, s.kind, s.labels, s.made_at ORDER BY MIN(b.year) DESC, MIN(b.number) DESC LIMIT ?2",
            params![(unit,), SHEETS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let kind: BoxKind = row.word("kind")?;
            Ok(ShownSheet {
                id: row.id("id")?,
                kind,
                first: super::model::label(kind, (row.int("year")?, row.int("number")?)),
                labels: row.int("labels")?,
                filled: row.int("filled")?,
                made_at: row.instant("made_at")?,
            })
        })
        .collect()
}

/// The code of a label; nothing where two units have printed the number: then its QR code must be asked.
pub async fn by_label(at: &mut impl Reads, (year, number): (i64, i64)) -> Result<Option<BoxId>, DbError> {
    let sql = "SELECT id FROM goods_box WHERE year = ?1 AND number = ?2 ORDER BY id LIMIT 2";
    let rows = at.query(sql, params![year, number]).await?;
    match rows.as_slice() {
        [row] => row.id("id").map(Some),
        _ => Ok(None),
    }
}

/// What everybody may know of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Whose.
    pub unit: UnitId,
    /// What it is stuck on.
    pub kind: BoxKind,
    /// The number on the label.
    pub label: String,
    /// When it was made.
    pub made_at: Instant,
    /// What is in a box.
    pub goods: Option<Goods>,
    /// What is on a pallet or truck, by item and unit: pieces, boxes.
    pub inside: Vec<(String, String, i64, i64)>,
    /// Its way.
    pub way: Way,
}

/// What is in a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// What.
    pub item: String,
    /// Standard and grade.
    pub grade: String,
    /// How many.
    pub quantity: i64,
    /// The unit.
    pub unit_word: String,
    /// The donor, masked where it is a person.
    pub donor: String,
    /// Whether the donor said for whom.
    pub is_targeted: bool,
}

/// When a box was where; of where it goes only the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Way {
    /// Its goods arrived.
    pub arrived_at: Option<Instant>,
    /// They were in store.
    pub stocked_at: Option<Instant>,
    /// The box was filled.
    pub filled_at: Option<Instant>,
    /// Its order was made.
    pub ordered_at: Option<Instant>,
    /// It left.
    pub left_at: Option<Instant>,
    /// It was received.
    pub received_at: Option<Instant>,
    /// The receiver's region, as kept; shown no closer than a county.
    pub region: Option<RegionCode>,
}

/// What everybody may know of a code; nothing of goods that are only held for somebody.
pub async fn story(at: &mut impl Reads, id: BoxId) -> Result<Option<Story>, DbError> {
    let Some(code) = store::code(at, id).await? else {
        return Ok(None);
    };
    let row = at
        .query_one(
            "SELECT i.name, i.grade, l.unit_word, l.donor_shown, l.designated_for, l.arrived_at, l.stocked_at, d.ordered_at,
               d.left_at, d.received_at, d.state, p.region_code
             FROM goods_box b JOIN goods_lot l ON l.id = b.lot_id JOIN goods_item i ON i.id = l.item_id
             LEFT JOIN goods_dispatch d ON d.id = b.dispatch_id AND d.state <> 'called_off'
             LEFT JOIN goods_party p ON p.id = d.party_id
             WHERE b.id = ?1 AND l.source <> 'held_for_addressee'",
            params![(id,)],
        )
        .await?;
    let (mut goods, mut way) = (None, Way::default());
    if let (Some(row), Some(filled)) = (row, code.filled) {
        goods = Some(Goods {
            item: row.text("name")?,
            grade: row.text("grade")?,
            quantity: filled.quantity,
            unit_word: row.text("unit_word")?,
            donor: row.text("donor_shown")?,
            is_targeted: row.opt_id::<crate::PartyId>("designated_for")?.is_some(),
        });
        way = Way {
            arrived_at: row.opt_instant("arrived_at")?,
            stocked_at: row.opt_instant("stocked_at")?,
            filled_at: Some(filled.at),
            ordered_at: row.opt_instant("ordered_at")?,
            left_at: row.opt_instant("left_at")?,
            received_at: row.opt_instant("received_at")?,
            region: row
                .opt_text("region_code")?
                .and_then(|code| RegionCode::parse(&code).ok()),
        };
    }
    let inside = match code.kind {
        BoxKind::Box => Vec::new(),
        BoxKind::Pallet | BoxKind::Truck => inside(at, id).await?,
    };
    Ok(Some(Story {
        unit: code.unit,
        kind: code.kind,
        label: code.label(),
        made_at: code.made_at,
        goods,
        inside,
        way,
    }))
}

/// What is on a pallet or truck, also on the pallets in it.
async fn inside(at: &mut impl Reads, id: BoxId) -> Result<Vec<(String, String, i64, i64)>, DbError> {
    let rows = at
        .query(
            "SELECT i.name, l.unit_word, CAST(SUM(b.quantity) AS BIGINT) AS quantity, COUNT(*) AS boxes
             FROM goods_box b JOIN goods_lot l ON l.id = b.lot_id JOIN goods_item i ON i.id = l.item_id
             WHERE (b.into_id = ?1 OR b.into_id IN (SELECT id FROM goods_box WHERE into_id = ?1))
               AND l.source <> 'held_for_addressee'
             GROUP BY i.name, l.unit_word ORDER BY i.name, l.unit_word LIMIT ?2",
            params![(id,), INSIDE_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.text("name")?,
                row.text("unit_word")?,
                row.int("quantity")?,
                row.int("boxes")?,
            ))
        })
        .collect()
}

/// A code for staff.
pub async fn code(at: &mut impl Reads, id: BoxId) -> Result<Option<Code>, DbError> {
    store::code(at, id).await
}
