//! Texts and mappings as they are shown.

use std::collections::HashMap;

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::{Mapping, Text};
use super::rules;
use super::store::{MAPPING, read};
use crate::ItemId;
use crate::catalogue::store as catalogue;
use crate::tables::model::TableKind;

/// Ways to write something in one kind of table: the largest real table has 1,500 lines.
const WAYS_MAX: i64 = 20_000;
/// Texts of one answer.
const TEXTS_MAX: usize = 2_000;
/// Mappings of one answer.
const MAPPINGS_MAX: i64 = 100;

/// The texts of a kind of table with what they mean, the most lines first; those without an item before the others.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn texts(at: &mut impl Reads, unit: UnitId, kind: TableKind) -> Result<Vec<Text>, DbError> {
    let rows = at
        .query(
            "SELECT item, spec, COUNT(*) AS lines FROM goods_line WHERE unit_id = ?1 AND kind = ?2 AND how <> 'shared'
             GROUP BY item, spec ORDER BY item, spec LIMIT ?3",
            params![(unit,), kind.as_str(), WAYS_MAX],
        )
        .await?;
    let mut ways = Vec::with_capacity(rows.len());
    for row in &rows {
        ways.push((rules::words(&row.text("item")?, &row.text("spec")?), row.int("lines")?));
    }
    let names = catalogue::names(at, unit).await?;
    let known = item_names(at, unit).await?;
    let texts = rules::alike(ways).into_iter().take(TEXTS_MAX);
    let mut texts: Vec<Text> = texts
        .map(|(words, key, lines)| {
            let item = names.of(&key, &words);
            Text {
                words,
                lines,
                item,
                item_name: item.and_then(|item| known.get(&item).cloned()),
            }
        })
        .collect();
    texts.sort_by_key(|text| text.item.is_some());
    Ok(texts)
}

async fn item_names(at: &mut impl Reads, unit: UnitId) -> Result<HashMap<ItemId, (String, String)>, DbError> {
    // An everyday name may mean an item of the catalogue above.
    let sql = "SELECT DISTINCT i.id, i.name, i.grade FROM goods_item i LEFT JOIN goods_alias a ON a.item_id = i.id
        WHERE i.unit_id = ?1 OR a.unit_id = ?1 ORDER BY i.id LIMIT ?2";
    let rows = at.query(sql, params![(unit,), WAYS_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.id("id")?, (row.text("name")?, row.text("grade")?))))
        .collect()
}

/// A mapping with its words.
pub struct ShownMapping {
    /// The mapping.
    pub mapping: Mapping,
    /// The item's name.
    pub item_name: String,
    /// Standard and grade.
    pub grade: String,
    /// How many texts.
    pub texts: i64,
}

/// The mappings of a unit, the newest first.
pub async fn mappings(at: &mut impl Reads, unit: UnitId) -> Result<Vec<ShownMapping>, DbError> {
    let sql = format!(
        "SELECT k.id, k.unit_id, k.item_id, k.made_at, k.undone_at, i.name, i.grade,
           (SELECT COUNT(*) FROM goods_mapping_text t WHERE t.mapping_id = k.id) AS texts
         FROM ({MAPPING} WHERE m.unit_id = ?1 ORDER BY m.id DESC LIMIT ?2) AS k JOIN goods_item i ON i.id = k.item_id
         ORDER BY k.id DESC"
    );
    let rows = at.query(&sql, params![(unit,), MAPPINGS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(ShownMapping {
                mapping: read(row)?,
                item_name: row.text("name")?,
                grade: row.text("grade")?,
                texts: row.int("texts")?,
            })
        })
        .collect()
}
