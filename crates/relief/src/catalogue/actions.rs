//! Keeping the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, Tx};
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Begun, ExampleNorms, Item, NewItem, Norm};
use super::starter::{self, StarterItem};
use super::{queries, rules, store};
use crate::ItemId;
use crate::error::{ReliefError, in_scope, invalid};
use crate::tables::rules::folded;
use crate::told::{Told, finish};
use crate::trucks::model::Load;
use crate::trucks::rules::check_load;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.item_added",
    "goods.unit_added",
    "goods.alias_set",
    "goods.norm_set",
    "goods.unwanted_set",
    "goods.pack_set",
    "goods.item_coded",
    "goods.catalogue_begun",
];
/// Characters of a line of the what-not-to-bring list.
const UNWANTED_CHARS_MAX: usize = 60;

/// Adds an item. A kit names parts that are in the catalogue.
///
/// # Errors
/// [`ReliefError::Taken`], [`ReliefError::Invalid`], [`ReliefError::NotFound`] and others.
pub async fn add_item(services: &Services, by: &Actor, new: NewItem) -> Result<Item, ReliefError> {
    by.require(Permission::GoodsManage, new.unit)?;
    let mark = rules::check_new(&new)?;
    let id = ItemId::new(services.now(), &*services.rng);
    let mut tx = services.db.begin().await?;
    for (part, _) in &new.parts {
        let part = store::item(&mut tx, *part)
            .await?
            .ok_or(ReliefError::NotFound("item"))?;
        if !part.parts.is_empty() {
            return Err(invalid("parts", "a kit is made of things, not of kits"));
        }
    }
    store::insert(&mut tx, id, &new, (&mark, services.now()))
        .await
        .map_err(|error| match error {
            DbError::Duplicate(_) => ReliefError::Taken("item"),
            other => other.into(),
        })?;
    let item = store::item(&mut tx, id).await?.ok_or(ReliefError::NotFound("item"))?;
    let told = Told {
        unit: new.unit,
        kind: "goods.item_added",
        subject: id,
        body: json!({ "code": item.code, "grade_mark": item.grade_mark, "base_unit": item.base_unit }),
    };
    finish(tx, services, by, told).await?;
    Ok(item)
}

/// Says how many base units another unit of an item holds. Once said it stays: lots are counted by it.
///
/// # Errors
/// [`ReliefError::Taken`] and others.
pub async fn add_unit(
    services: &Services,
    by: &Actor,
    id: ItemId,
    (word, per_base): (&str, i64),
) -> Result<Item, ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    let word = folded(word);
    if word.is_empty() || word.chars().count() > 8 || per_base < 1 {
        return Err(invalid("units", "a short word and one base unit or more are expected"));
    }
    let mut tx = services.db.begin().await?;
    let item = store::item(&mut tx, id).await?.ok_or(ReliefError::NotFound("item"))?;
    in_scope(by, Permission::GoodsManage, (item.unit, "item"))?;
    if word == item.base_unit || item.units.contains_key(&word) {
        return Err(ReliefError::Taken("unit"));
    }
    store::put_unit(&mut tx, id, &word, per_base).await?;
    let told = Told {
        unit: item.unit,
        kind: "goods.unit_added",
        subject: id,
        body: json!({ "unit_word": word, "per_base": per_base }),
    };
    finish(tx, services, by, told).await?;
    let mut item = item;
    item.units.insert(word, per_base);
    Ok(item)
}

/// Gives an item its code of GB/T 38565, or another one where the first was wrong. The same again changes nothing.
///
/// # Errors
/// [`ReliefError::Invalid`] for anything but seven digits, [`ReliefError::NotFound`].
pub async fn set_code(services: &Services, by: &Actor, id: ItemId, code: &str) -> Result<Item, ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    let code = code.trim();
    rules::check_code(code)?;
    let mut tx = services.db.begin().await?;
    let item = store::item(&mut tx, id).await?.ok_or(ReliefError::NotFound("item"))?;
    in_scope(by, Permission::GoodsManage, (item.unit, "item"))?;
    if item.code == code {
        return Ok(item);
    }
    store::put_code(&mut tx, id, code).await?;
    let told = Told {
        unit: item.unit,
        kind: "goods.item_coded",
        subject: id,
        body: json!({ "code": code, "before": item.code }),
    };
    finish(tx, services, by, told).await?;
    Ok(Item {
        code: code.to_owned(),
        ..item
    })
}

/// Says what one of a unit of an item weighs, packed, and the room it takes; the last word holds for what is loaded from
/// then on.
///
/// # Errors
/// [`ReliefError::Units`] for a unit the item does not know, [`ReliefError::Invalid`].
pub async fn set_pack(
    services: &Services,
    by: &Actor,
    id: ItemId,
    (word, load): (&str, Load),
) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    check_load(load)?;
    let word = folded(word);
    let mut tx = services.db.begin().await?;
    let item = store::item(&mut tx, id).await?.ok_or(ReliefError::NotFound("item"))?;
    in_scope(by, Permission::GoodsManage, (item.unit, "item"))?;
    item.per_base(&word)?;
    store::put_pack(&mut tx, id, (&word, load)).await?;
    let told = Told {
        unit: item.unit,
        kind: "goods.pack_set",
        subject: id,
        body: json!({ "unit_word": word, "grams": load.grams, "cubic_cm": load.cubic_cm }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Says that an everyday name means an item. A name of one grade never means an item of another.
///
/// # Errors
/// [`ReliefError::Grade`] and others.
pub async fn set_alias(services: &Services, by: &Actor, words: &str, id: ItemId) -> Result<Item, ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    let alias = rules::alias_key(words);
    if alias.is_empty() || alias.chars().count() > 80 {
        return Err(invalid("alias", "a name of up to 80 characters is expected"));
    }
    let mut tx = services.db.begin().await?;
    let item = store::item(&mut tx, id).await?.ok_or(ReliefError::NotFound("item"))?;
    in_scope(by, Permission::GoodsManage, (item.unit, "item"))?;
    rules::check_grade(words, &item)?;
    store::put_alias(&mut tx, item.unit, &alias, id).await?;
    let told = Told {
        unit: item.unit,
        kind: "goods.alias_set",
        subject: id,
        body: json!({ "alias_chars": alias.chars().count() }),
    };
    finish(tx, services, by, told).await?;
    Ok(item)
}

/// Sets how much of an item should be there.
///
/// # Errors
/// [`ReliefError::Invalid`] and others.
pub async fn set_norm(
    services: &Services,
    by: &Actor,
    (unit, id): (UnitId, ItemId),
    norm: Norm,
) -> Result<(), ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    rules::check_norm(norm)?;
    let mut tx = services.db.begin().await?;
    store::item(&mut tx, id).await?.ok_or(ReliefError::NotFound("item"))?;
    store::put_norm(&mut tx, unit, id, norm).await?;
    let told = Told {
        unit,
        kind: "goods.norm_set",
        subject: id,
        body: json!({ "item": hex(&id.bytes()), "min": norm.min, "normal": norm.normal, "max": norm.max }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Whether something stands on the what-not-to-bring list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// Put it there.
    Listed,
    /// Take it off.
    Welcome,
}

/// Puts words on the public what-not-to-bring list or takes them off.
///
/// # Errors
/// [`ReliefError::Invalid`] and others.
pub async fn set_unwanted(
    services: &Services,
    by: &Actor,
    (unit, words): (UnitId, &str),
    wanted: Unwanted,
) -> Result<(), ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    let words = words.trim();
    if words.is_empty() || words.chars().count() > UNWANTED_CHARS_MAX || words.chars().any(char::is_control) {
        return Err(invalid("words", "one line of up to 60 characters is expected"));
    }
    let mut tx = services.db.begin().await?;
    match wanted {
        Unwanted::Listed => store::put_unwanted(&mut tx, unit, words, services.now()).await?,
        Unwanted::Welcome => {
            if store::drop_unwanted(&mut tx, unit, words).await? == 0 {
                return Err(ReliefError::NotFound("entry"));
            }
        }
    }
    let told = Told {
        unit,
        kind: "goods.unwanted_set",
        subject: unit,
        body: json!({ "listed": wanted == Unwanted::Listed }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Fills a catalogue with what ships: items, everyday names, kits, the what-not-to-bring list, example norms where they are
/// asked for. What stands by its name is left alone, so that doing it again adds nothing; so is what the society calls by
/// that name already.
///
/// # Errors
/// [`ReliefError::Taken`] when somebody adds the same item at the same moment.
pub async fn begin_catalogue(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    norms: ExampleNorms,
) -> Result<Begun, ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    let starter = starter::items()?;
    let mut tx = services.db.begin().await?;
    let items = queries::items(&mut tx, unit).await?;
    let mut there: BTreeMap<String, Item> = items.into_iter().map(|item| (item.name.clone(), item)).collect();
    let mut begun = Begun::default();
    for one in &starter {
        let alias = rules::alias_key(&one.name);
        if there.contains_key(&one.name) || store::alias(&mut tx, unit, &alias).await?.is_some() {
            begun.known.push(one.name.clone());
        } else if let Some(parts) = parts_of(one, &starter, &there) {
            let item = add_starter(&mut tx, services, (unit, one), parts).await?;
            begun.without_code += i64::from(rules::check_code(&item.code).is_err());
            begun.added.push(item.name.clone());
            there.insert(item.name.clone(), item);
        } else {
            begun.left_out.push(one.name.clone());
        }
    }
    begun.aliases = add_aliases(&mut tx, (unit, &starter), (&there, &begun.added)).await?;
    if norms == ExampleNorms::Set {
        begun.norms = add_norms(&mut tx, (unit, &starter), &there).await?;
    }
    if queries::unwanted(&mut tx, unit).await?.is_empty() {
        for words in starter::unwanted() {
            store::put_unwanted(&mut tx, unit, words, services.now()).await?;
            begun.unwanted += 1;
        }
    }
    if begun.added.is_empty() && begun.unwanted == 0 && begun.norms == 0 {
        return Ok(begun);
    }
    let told = Told {
        unit,
        kind: "goods.catalogue_begun",
        subject: unit,
        body: json!({
            "added": begun.added.len(), "known": begun.known.len(), "aliases": begun.aliases, "unwanted": begun.unwanted,
            "norms": begun.norms,
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(begun)
}

/// The parts of an item by their ids; nothing where one of them goes by another name here, is a kit, or is counted in another
/// unit than the starter catalogue counts it in: ten sacks are not ten kilograms.
fn parts_of(one: &StarterItem, starter: &[StarterItem], there: &BTreeMap<String, Item>) -> Option<Vec<(ItemId, i64)>> {
    let part = |(name, quantity): &(String, i64)| {
        let meant = starter.iter().find(|other| other.name == *name)?;
        let item = there.get(name)?;
        (item.parts.is_empty() && item.base_unit == meant.base_unit).then_some((item.id, *quantity))
    };
    one.parts.iter().map(part).collect()
}

async fn add_starter(
    tx: &mut Tx,
    services: &Services,
    (unit, one): (UnitId, &StarterItem),
    parts: Vec<(ItemId, i64)>,
) -> Result<Item, ReliefError> {
    let new = NewItem {
        unit,
        code: one.code.clone(),
        name: one.name.clone(),
        grade: one.grade.clone(),
        base_unit: one.base_unit.clone(),
        units: one.units.clone(),
        shelf_life_months: one.shelf_life_months,
        parts,
    };
    rules::check_code_begun(&new.code)?;
    let mark = rules::check_shape(&new)?;
    let id = ItemId::new(services.now(), &*services.rng);
    let written = store::insert(tx, id, &new, (&mark, services.now())).await;
    written.map_err(|error| match error {
        DbError::Duplicate(_) => ReliefError::Taken("item"),
        other => other.into(),
    })?;
    store::item(tx, id).await?.ok_or(ReliefError::NotFound("item"))
}

/// Everyday names of what was added, where nothing here is called so.
async fn add_aliases(
    tx: &mut Tx,
    (unit, starter): (UnitId, &[StarterItem]),
    (there, added): (&BTreeMap<String, Item>, &[String]),
) -> Result<i64, ReliefError> {
    let own: BTreeSet<String> = there.keys().map(|name| rules::alias_key(name)).collect();
    let mut count = 0;
    for one in starter.iter().filter(|one| added.contains(&one.name)) {
        let Some(item) = there.get(&one.name) else { continue };
        for words in &one.aliases {
            let alias = rules::alias_key(words);
            if own.contains(&alias) || store::alias(tx, unit, &alias).await?.is_some() {
                continue;
            }
            rules::check_grade(words, item)?;
            store::put_alias(tx, unit, &alias, item.id).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Example norms of items that have none and are counted as the example counts them.
async fn add_norms(
    tx: &mut Tx,
    (unit, starter): (UnitId, &[StarterItem]),
    there: &BTreeMap<String, Item>,
) -> Result<i64, ReliefError> {
    let set: BTreeSet<ItemId> = queries::norms(tx, unit)
        .await?
        .into_iter()
        .map(|state| state.item)
        .collect();
    let mut count = 0;
    for one in starter {
        let item = there.get(&one.name).filter(|item| item.base_unit == one.base_unit);
        if let (Some(item), Some(norm)) = (item, one.norm)
            && !set.contains(&item.id)
        {
            store::put_norm(tx, unit, item.id, norm).await?;
            count += 1;
        }
    }
    Ok(count)
}
