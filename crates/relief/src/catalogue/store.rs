//! The tables `goods_item`, `goods_item_unit`, `goods_alias`, `goods_kit_part`, `goods_norm`, `goods_unwanted`,
//! `goods_pack`.

use std::collections::{BTreeMap, HashMap};

use db::{DbError, Reads, Row, Tx, params};
use kernel::{Instant, UnitId};

use super::model::{Item, NewItem, Norm};
use crate::ItemId;
use crate::trucks::model::{Load, Pack};

/// Other units of one item that are read.
const UNITS_MAX: i64 = 100;
/// Parts of one kit that are read.
const PARTS_MAX: i64 = 200;

const ITEM: &str =
    "SELECT id, unit_id, code, name, grade, grade_mark, base_unit, shelf_life_months, is_kit FROM goods_item";

fn read(row: &Row) -> Result<Item, DbError> {
    Ok(Item {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        code: row.text("code")?,
        name: row.text("name")?,
        grade: row.text("grade")?,
        grade_mark: row.text("grade_mark")?,
        base_unit: row.text("base_unit")?,
        units: BTreeMap::new(),
        shelf_life_months: row.opt_int("shelf_life_months")?,
        parts: Vec::new(),
    })
}

/// An item with its units and parts.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub(crate) async fn item(at: &mut impl Reads, id: ItemId) -> Result<Option<Item>, DbError> {
    let Some(row) = at.query_one(&format!("{ITEM} WHERE id = ?1"), params![(id,)]).await? else {
        return Ok(None);
    };
    let mut item = read(&row)?;
    let units = at
        .query(
            "SELECT unit_word, per_base FROM goods_item_unit WHERE item_id = ?1 ORDER BY unit_word LIMIT ?2",
            params![(id,), UNITS_MAX],
        )
        .await?;
    for row in &units {
        item.units.insert(row.text("unit_word")?, row.int("per_base")?);
    }
    if row.flag("is_kit")? {
        let parts = at
            .query(
                "SELECT item_id, quantity FROM goods_kit_part WHERE kit_id = ?1 ORDER BY item_id LIMIT ?2",
                params![(id,), PARTS_MAX],
            )
            .await?;
        for row in &parts {
            item.parts.push((row.id("item_id")?, row.int("quantity")?));
        }
    }
    Ok(Some(item))
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: ItemId,
    new: &NewItem,
    (grade_mark, now): (&str, Instant),
) -> Result<(), DbError> {
    let row = params![
        (id,),
        (new.unit,),
        &new.code,
        &new.name,
        &new.grade,
        grade_mark,
        &new.base_unit,
        new.shelf_life_months,
        !new.parts.is_empty(),
        now,
    ];
    tx.execute(
        "INSERT INTO goods_item (id, unit_id, code, name, grade, grade_mark, base_unit, shelf_life_months, is_kit,
           created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        row,
    )
    .await?;
    for (word, per_base) in &new.units {
        put_unit(tx, id, word, *per_base).await?;
    }
    for (part, quantity) in &new.parts {
        tx.execute(
            "INSERT INTO goods_kit_part (kit_id, item_id, quantity) VALUES (?1, ?2, ?3)",
            params![(id,), (*part,), *quantity],
        )
        .await?;
    }
    Ok(())
}

/// Gives an item its code.
pub(super) async fn put_code(tx: &mut Tx, id: ItemId, code: &str) -> Result<(), DbError> {
    let sql = "UPDATE goods_item SET code = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), code]).await.map(drop)
}

pub(super) async fn put_unit(tx: &mut Tx, id: ItemId, word: &str, per_base: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_item_unit (item_id, unit_word, per_base) VALUES (?1, ?2, ?3)",
        params![(id,), word, per_base],
    )
    .await
    .map(drop)
}

pub(crate) async fn put_alias(tx: &mut Tx, unit: UnitId, alias: &str, item: ItemId) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_alias (unit_id, alias, item_id) VALUES (?1, ?2, ?3)
         ON CONFLICT (unit_id, alias) DO UPDATE SET item_id = excluded.item_id",
        params![(unit,), alias, (item,)],
    )
    .await
    .map(drop)
}

/// Takes an everyday name away again.
pub(crate) async fn drop_alias(tx: &mut Tx, unit: UnitId, alias: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM goods_alias WHERE unit_id = ?1 AND alias = ?2";
    tx.execute(sql, params![(unit,), alias]).await.map(drop)
}

/// What an everyday name was said to mean.
pub(crate) async fn alias(at: &mut impl Reads, unit: UnitId, alias: &str) -> Result<Option<ItemId>, DbError> {
    let sql = "SELECT item_id FROM goods_alias WHERE unit_id = ?1 AND alias = ?2";
    let row = at.query_one(sql, params![(unit,), alias]).await?;
    row.map(|row| row.id("item_id")).transpose()
}

/// Everyday names, and items, of one catalogue that are read at once.
const NAMES_MAX: i64 = 50_000;

/// What a catalogue calls its items: everyday names, and the items' own names where they are one item's alone.
#[derive(Debug, Default)]
pub(crate) struct Names {
    aliases: HashMap<String, ItemId>,
    own: HashMap<String, Vec<ItemId>>,
}

impl Names {
    /// The item of a text, as [`resolve`] finds it one by one.
    pub(crate) fn of(&self, alias: &str, name: &str) -> Option<ItemId> {
        let own = || match self.own.get(name).map(Vec::as_slice) {
            Some([item]) => Some(*item),
            _ => None,
        };
        self.aliases.get(alias).copied().or_else(own)
    }
}

/// All names of a catalogue.
pub(crate) async fn names(at: &mut impl Reads, unit: UnitId) -> Result<Names, DbError> {
    let mut names = Names::default();
    let sql = "SELECT alias, item_id FROM goods_alias WHERE unit_id = ?1 ORDER BY alias LIMIT ?2";
    for row in at.query(sql, params![(unit,), NAMES_MAX]).await? {
        names.aliases.insert(row.text("alias")?, row.id("item_id")?);
    }
    let sql = "SELECT id, name FROM goods_item WHERE unit_id = ?1 ORDER BY id LIMIT ?2";
    for row in at.query(sql, params![(unit,), NAMES_MAX]).await? {
        names.own.entry(row.text("name")?).or_default().push(row.id("id")?);
    }
    Ok(names)
}

/// The item of an everyday name, or of its own name where that is one item's alone.
pub(crate) async fn resolve(
    at: &mut impl Reads,
    unit: UnitId,
    (alias, name): (&str, &str),
) -> Result<Option<ItemId>, DbError> {
    let found = at
        .query_one(
            "SELECT item_id FROM goods_alias WHERE unit_id = ?1 AND alias = ?2",
            params![(unit,), alias],
        )
        .await?;
    if let Some(row) = found {
        return row.id("item_id").map(Some);
    }
    let rows = at
        .query(
            "SELECT id FROM goods_item WHERE unit_id = ?1 AND name = ?2 ORDER BY id LIMIT 2",
            params![(unit,), name],
        )
        .await?;
    match rows.as_slice() {
        [row] => row.id("id").map(Some),
        _ => Ok(None),
    }
}

pub(super) async fn put_norm(tx: &mut Tx, unit: UnitId, item: ItemId, norm: Norm) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_norm (unit_id, item_id, quantity_min, quantity_normal, quantity_max) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (unit_id, item_id) DO UPDATE SET quantity_min = excluded.quantity_min,
           quantity_normal = excluded.quantity_normal, quantity_max = excluded.quantity_max",
        params![(unit,), (item,), norm.min, norm.normal, norm.max],
    )
    .await
    .map(drop)
}

pub(super) async fn put_unwanted(tx: &mut Tx, unit: UnitId, words: &str, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_unwanted (unit_id, words, added_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (unit_id, words) DO NOTHING",
        params![(unit,), words, now],
    )
    .await
    .map(drop)
}

pub(super) async fn drop_unwanted(tx: &mut Tx, unit: UnitId, words: &str) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM goods_unwanted WHERE unit_id = ?1 AND words = ?2",
        params![(unit,), words],
    )
    .await
}

/// Packs of one item that are read.
const PACKS_MAX: i64 = 100;

fn read_pack(row: &Row) -> Result<Pack, DbError> {
    Ok(Pack {
        unit_word: row.text("unit_word")?,
        per_base: row.opt_int("per_base")?.unwrap_or(1),
        load: Load {
            grams: row.int("grams")?,
            cubic_cm: row.int("cubic_cm")?,
        },
    })
}

pub(super) const PACK: &str = "SELECT p.item_id, p.unit_word, u.per_base, p.grams, p.cubic_cm FROM goods_pack p
     LEFT JOIN goods_item_unit u ON u.item_id = p.item_id AND u.unit_word = p.unit_word";

/// What packages of an item weigh and take.
pub(crate) async fn packs(at: &mut impl Reads, item: ItemId) -> Result<Vec<Pack>, DbError> {
    let sql = format!("{PACK} WHERE p.item_id = ?1 ORDER BY p.unit_word LIMIT ?2");
    let rows = at.query(&sql, params![(item,), PACKS_MAX]).await?;
    rows.iter().map(read_pack).collect()
}

pub(super) async fn packs_of_unit(at: &mut impl Reads, unit: UnitId) -> Result<Vec<(ItemId, Pack)>, DbError> {
    let sql = format!(
        "{PACK} JOIN goods_item i ON i.id = p.item_id WHERE i.unit_id = ?1 ORDER BY p.item_id, p.unit_word LIMIT ?2"
    );
    let rows = at.query(&sql, params![(unit,), PACKS_MAX * PACKS_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.id("item_id")?, read_pack(row)?)))
        .collect()
}

pub(super) async fn put_pack(tx: &mut Tx, item: ItemId, (word, load): (&str, Load)) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_pack (item_id, unit_word, grams, cubic_cm) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (item_id, unit_word) DO UPDATE SET grams = excluded.grams, cubic_cm = excluded.cubic_cm",
        params![(item,), word, load.grams, load.cubic_cm],
    )
    .await
    .map(drop)
}
