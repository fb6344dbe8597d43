//! Saying what texts mean, and taking it back. Each is one transaction with one fact.

use std::collections::BTreeSet;

use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::Mapping;
use super::store;
use crate::catalogue::rules::{alias_key, check_grade};
use crate::catalogue::store as catalogue;
use crate::error::{ReliefError, in_scope, invalid};
use crate::told::{Told, finish};
use crate::{ItemId, MappingId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.texts_mapped", "goods.mapping_undone"];
/// Texts of one mapping: what a person looks through at once.
const TEXTS_MAX: usize = 500;
/// Characters of a text, as for an everyday name.
const TEXT_CHARS_MAX: usize = 80;

/// Says that texts mean an item, all of them or none. Those that mean it already are left alone; nothing when all do.
///
/// # Errors
/// [`ReliefError::Grade`] when one names another grade, [`ReliefError::Invalid`], [`ReliefError::NotFound`].
pub async fn map(
    services: &Services,
    by: &Actor,
    (unit, id): (UnitId, ItemId),
    texts: &[String],
) -> Result<Option<Mapping>, ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    if texts.is_empty() || texts.len() > TEXTS_MAX {
        return Err(invalid("texts", "1 to 500 texts are expected"));
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let item = catalogue::item(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("item"))?;
    if !services.tree.is_within(unit, item.unit) {
        return Err(ReliefError::NotFound("item"));
    }
    let mut aliases = BTreeSet::new();
    for text in texts {
        let alias = alias_key(text);
        if alias.is_empty() || alias.chars().count() > TEXT_CHARS_MAX {
            return Err(invalid("texts", "texts of up to 80 characters are expected"));
        }
        check_grade(text, &item)?;
        aliases.insert(alias);
    }
    let mut changed = Vec::new();
    for alias in aliases {
        let before = catalogue::alias(&mut tx, unit, &alias).await?;
        if before != Some(id) {
            catalogue::put_alias(&mut tx, unit, &alias, id).await?;
            changed.push((alias, before));
        }
    }
    if changed.is_empty() {
        return Ok(None);
    }
    let mapping = Mapping {
        id: MappingId::new(now, &*services.rng),
        unit,
        item: id,
        made_at: now,
        undone_at: None,
    };
    store::insert(&mut tx, &mapping, by.id, &changed).await?;
    let told = Told {
        unit,
        kind: "goods.texts_mapped",
        subject: mapping.id,
        body: json!({ "item": hex(&id.bytes()), "texts": changed.len() }),
    };
    finish(tx, services, by, told).await?;
    Ok(Some(mapping))
}

/// Takes a mapping back: each text means again what it meant before, unless somebody said otherwise since. Gives how many
/// did.
///
/// # Errors
/// [`ReliefError::State`] for one that was taken back.
pub async fn undo(services: &Services, by: &Actor, id: MappingId) -> Result<usize, ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    let mut tx = services.db.begin().await?;
    let mapping = store::lock(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("mapping"))?;
    in_scope(by, Permission::GoodsManage, (mapping.unit, "mapping"))?;
    if mapping.undone_at.is_some() {
        return Err(ReliefError::State {
            state: "undone",
            wanted: "in force",
        });
    }
    let mut given_back = 0;
    for (alias, before) in store::texts(&mut tx, id).await? {
        if catalogue::alias(&mut tx, mapping.unit, &alias).await? == Some(mapping.item) {
            match before {
                Some(before) => catalogue::put_alias(&mut tx, mapping.unit, &alias, before).await?,
                None => catalogue::drop_alias(&mut tx, mapping.unit, &alias).await?,
            }
            given_back += 1;
        }
        store::follow(&mut tx, &mapping, (&alias, before)).await?;
    }
    store::undo(&mut tx, &mapping, services.now()).await?;
    let told = Told {
        unit: mapping.unit,
        kind: "goods.mapping_undone",
        subject: id,
        body: json!({ "item": hex(&mapping.item.bytes()), "texts": given_back }),
    };
    finish(tx, services, by, told).await?;
    Ok(given_back)
}
