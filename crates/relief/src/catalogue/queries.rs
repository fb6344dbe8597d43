//! The catalogue as it is shown.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::{Item, Norm, NormAlert};
use super::{rules, store};
use crate::ItemId;
use crate::trucks::model::Pack;

/// Items of one catalogue that are listed: GB/T 38565 has fewer classes.
const ITEMS_MAX: i64 = 2_000;
/// Lines of the what-not-to-bring list.
const UNWANTED_MAX: i64 = 500;

/// All items of a catalogue, by code.
///
/// # Errors
/// Any [`DbError`].
pub async fn items(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Item>, DbError> {
    let rows = at
        .query(
            "SELECT id FROM goods_item WHERE unit_id = ?1 ORDER BY code, name, grade LIMIT ?2",
            params![(unit,), ITEMS_MAX],
        )
        .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        items.extend(store::item(at, row.id::<ItemId>("id")?).await?);
    }
    Ok(items)
}

/// The item of a free text, by its everyday name.
///
/// # Errors
/// Any [`DbError`].
pub async fn resolve(at: &mut impl Reads, unit: UnitId, words: &str) -> Result<Option<Item>, DbError> {
    let words = words.trim();
    match store::resolve(at, unit, (&rules::alias_key(words), words)).await? {
        Some(id) => store::item(at, id).await,
        None => Ok(None),
    }
}

/// A norm beside what is there.
pub struct NormState {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// The norm.
    pub norm: Norm,
    /// Base units in store.
    pub there: i64,
    /// What that says.
    pub alert: Option<NormAlert>,
}

/// Every norm with what is in store, by name.
///
/// # Errors
/// Any [`DbError`].
pub async fn norms(at: &mut impl Reads, unit: UnitId) -> Result<Vec<NormState>, DbError> {
    let rows = at
        .query(
            "SELECT n.item_id, i.name, n.quantity_min, n.quantity_normal, n.quantity_max,
               CAST(COALESCE((SELECT SUM(b.quantity * l.per_base) FROM goods_balance b JOIN goods_lot l ON l.id = b.lot_id
                 WHERE b.unit_id = n.unit_id AND b.state = 'stocked' AND l.item_id = n.item_id), 0) AS BIGINT) AS there
             FROM goods_norm n JOIN goods_item i ON i.id = n.item_id WHERE n.unit_id = ?1 ORDER BY i.name, i.grade LIMIT ?2",
            params![(unit,), ITEMS_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let norm = Norm {
                min: row.int("quantity_min")?,
                normal: row.int("quantity_normal")?,
                max: row.int("quantity_max")?,
            };
            let there = row.int("there")?;
            Ok(NormState {
                item: row.id("item_id")?,
                name: row.text("name")?,
                norm,
                there,
                alert: rules::alert(norm, there),
            })
        })
        .collect()
}

/// What donors are asked not to bring.
///
/// # Errors
/// Any [`DbError`].
pub async fn unwanted(at: &mut impl Reads, unit: UnitId) -> Result<Vec<String>, DbError> {
    let rows = at
        .query(
            "SELECT words FROM goods_unwanted WHERE unit_id = ?1 ORDER BY words LIMIT ?2",
            params![(unit,), UNWANTED_MAX],
        )
        .await?;
    rows.iter().map(|row| row.text("words")).collect()
}

/// What packages of a catalogue's items weigh and take.
///
/// # Errors
/// Any [`DbError`].
pub async fn packs(at: &mut impl Reads, unit: UnitId) -> Result<Vec<(ItemId, Pack)>, DbError> {
    store::packs_of_unit(at, unit).await
}
