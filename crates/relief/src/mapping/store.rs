//! The tables `goods_mapping`, `goods_mapping_text`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant};

use super::model::Mapping;
use crate::{ItemId, MappingId};

/// Texts of one mapping that are read: as many as one may have.
const TEXTS_MAX: i64 = 500;

pub(super) const MAPPING: &str = "SELECT m.id, m.unit_id, m.item_id, m.made_at, m.undone_at FROM goods_mapping m";

pub(super) fn read(row: &Row) -> Result<Mapping, DbError> {
    Ok(Mapping {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        item: row.id("item_id")?,
        made_at: row.instant("made_at")?,
        undone_at: row.opt_instant("undone_at")?,
    })
}

pub(super) async fn insert(
    tx: &mut Tx,
    mapping: &Mapping,
    by: ActorId,
    texts: &[(String, Option<ItemId>)],
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO goods_mapping (id, unit_id, item_id, made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(mapping.id,), (mapping.unit,), (mapping.item,), (by,), mapping.made_at],
    )
    .await?;
    for (alias, before) in texts {
        tx.execute(
            "INSERT INTO goods_mapping_text (mapping_id, alias, before_id) VALUES (?1, ?2, ?3)",
            params![(mapping.id,), alias, before.map(|item| (item,))],
        )
        .await?;
    }
    Ok(())
}

/// A mapping, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: MappingId) -> Result<Option<Mapping>, DbError> {
    tx.execute(
        "UPDATE goods_mapping SET undone_at = undone_at WHERE id = ?1",
        params![(id,)],
    )
    .await?;
    let row = tx
        .query_one(&format!("{MAPPING} WHERE m.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The texts of a mapping, and what each meant before.
pub(super) async fn texts(at: &mut impl Reads, id: MappingId) -> Result<Vec<(String, Option<ItemId>)>, DbError> {
    let sql = "SELECT alias, before_id FROM goods_mapping_text WHERE mapping_id = ?1 ORDER BY alias LIMIT ?2";
    let rows = at.query(sql, params![(id,), TEXTS_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.text("alias")?, row.opt_id("before_id")?)))
        .collect()
}

/// Takes a mapping back: what a later one found standing by it is what stood before it.
pub(super) async fn undo(tx: &mut Tx, mapping: &Mapping, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_mapping SET undone_at = ?2 WHERE id = ?1",
        params![(mapping.id,), now],
    )
    .await
    .map(drop)
}

/// Lets later mappings of a text, which found it meaning this item, give back what it meant before instead.
pub(super) async fn follow(
    tx: &mut Tx,
    mapping: &Mapping,
    (alias, before): (&str, Option<ItemId>),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE goods_mapping_text SET before_id = ?1 WHERE alias = ?2 AND before_id = ?3 AND mapping_id > ?4
           AND mapping_id IN (SELECT id FROM goods_mapping WHERE unit_id = ?5 AND undone_at IS NULL)",
        params![
            before.map(|item| (item,)),
            alias,
            (mapping.item,),
            (mapping.id,),
            (mapping.unit,)
        ],
    )
    .await
    .map(drop)
}
