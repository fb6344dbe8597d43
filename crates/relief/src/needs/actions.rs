//! Turning imported lines into requests: many at once, or one with the amount that was asked for.

use std::collections::HashMap;

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{RegionCode, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Bulk, NeedLine, Requested, ToAsk};
use super::rules::{self, Asked};
use super::store;
use crate::catalogue::model::Item;
use crate::catalogue::rules::alias_key;
use crate::catalogue::store as catalogue;
use crate::error::{ReliefError, in_scope, invalid};
use crate::lists::insert_request;
use crate::lists::model::{NewRequest, Priority, Wanted};
use crate::mapping::rules::words;
use crate::stock::rules::check_quantity;
use crate::stock::store as stock;
use crate::tables::rules::folded;
use crate::told::{Told, finish};
use crate::{ItemId, LineId, PartyId, RequestId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["goods.needs_requested"];
/// Requests of one call: its transaction stays short, what is left follows with the next.
const REQUESTS_MAX: i64 = 1_000;
/// Questions that are told one by one.
const TO_ASK_MAX: usize = 500;
/// Texts that are told one by one.
const TEXTS_MAX: usize = 500;
/// What requests out of a list rest on.
const BASIS: &str = "导入的需求清单";

/// What is looked up for many lines.
struct Known {
    names: catalogue::Names,
    items: HashMap<ItemId, Item>,
    parties: HashMap<(String, String), PartyId>,
    home: Option<RegionCode>,
}

impl Known {
    async fn of(tx: &mut Tx, unit: UnitId) -> Result<Self, ReliefError> {
        let home = governance::network::queries::unit(tx, unit).await?;
        Ok(Self {
            names: catalogue::names(tx, unit).await?,
            items: HashMap::new(),
            parties: HashMap::new(),
            home: home.map(|unit| unit.region),
        })
    }

    /// What a line means, where somebody has said.
    async fn item(&mut self, tx: &mut Tx, line: &NeedLine) -> Result<Option<Item>, ReliefError> {
        let words = words(&line.item, &line.spec);
        let Some(id) = self.names.of(&alias_key(&words), &words) else {
            return Ok(None);
        };
        if let Some(item) = self.items.get(&id) {
            return Ok(Some(item.clone()));
        }
        let item = catalogue::item(tx, id).await?.ok_or(ReliefError::NotFound("item"))?;
        self.items.insert(id, item.clone());
        Ok(Some(item))
    }

    /// The receiver of a line, and whether it is new. Two of one name in different regions are two.
    async fn party(
        &mut self,
        tx: &mut Tx,
        services: &Services,
        line: &NeedLine,
    ) -> Result<(PartyId, bool), ReliefError> {
        let region = rules::region_of(&line.place, self.home).or(self.home);
        let region = region.map(|region| region.to_string()).unwrap_or_default();
        let name: String = line.party.trim().chars().take(NAME_CHARS_MAX).collect();
        let place = (name.clone(), region.clone());
        if let Some(known) = self.parties.get(&place) {
            return Ok((*known, false));
        }
        let (name, known) = match store::party(tx, line.unit, &name).await? {
            Some((_, at)) if at != region && !at.is_empty() && !region.is_empty() && !line.place.trim().is_empty() => {
                let name = format!("{name}（{}）", folded(&line.place));
                let known = store::party(tx, line.unit, &name).await?;
                (name, known)
            }
            known => (name, known),
        };
        let (party, is_new) = match known {
            Some((party, _)) => (party, false),
            None => {
                let party = PartyId::new(services.now(), &*services.rng);
                stock::insert_party(tx, (party, line.unit), (&name, &region), services.now()).await?;
                (party, true)
            }
        };
        self.parties.insert(place, party);
        Ok((party, is_new))
    }
}

/// Characters of a receiver's name that are kept; what follows in brackets leaves room for its place.
const NAME_CHARS_MAX: usize = 80;

/// Turns the imported lines of a unit that say how many of what into requests, each once however often it is called.
///
/// # Errors
/// [`ReliefError::Forbidden`], [`ReliefError::Db`].
pub async fn request_all(services: &Services, by: &Actor, bulk: &Bulk) -> Result<Requested, ReliefError> {
    by.require(Permission::GoodsImport, bulk.unit)?;
    by.require(Permission::GoodsRequest, bulk.unit)?;
    match all_once(services, by, bulk).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => all_once(services, by, bulk).await,
        settled => settled,
    }
}

async fn all_once(services: &Services, by: &Actor, bulk: &Bulk) -> Result<Requested, ReliefError> {
    let mut tx = services.db.begin().await?;
    let mut known = Known::of(&mut tx, bulk.unit).await?;
    let mut done = Requested::default();
    for line in store::open_lines(&mut tx, bulk.unit).await? {
        let Some(item) = known.item(&mut tx, &line).await? else {
            count(&mut done.unmapped, words(&line.item, &line.spec));
            continue;
        };
        match rules::asked(&line, &item, bulk.unit_word.as_deref()) {
            Asked::NotGiven => {
                done.not_given += 1;
                if done.to_ask.len() < TO_ASK_MAX {
                    done.to_ask.push(to_ask(&line, &item));
                }
            }
            Asked::WithoutUnit => done.without_unit += 1,
            Asked::UnknownUnit(word) => count(&mut done.unknown_units, format!("{} {word}", item.name)),
            Asked::Goods(..) if done.made >= REQUESTS_MAX => done.left += 1,
            Asked::Goods(quantity, unit_word) => {
                let goods = (item.id, unit_word, quantity);
                let (_, is_new) = become_request(&mut tx, services, &mut known, (&line, goods), bulk.priority).await?;
                done.made += 1;
                done.parties += i64::from(is_new);
            }
        }
    }
    if done.made == 0 {
        return Ok(done);
    }
    let told = Told {
        unit: bulk.unit,
        kind: "goods.needs_requested",
        subject: bulk.unit,
        body: json!({ "requests": done.made, "receivers": done.parties, "not_given": done.not_given }),
    };
    finish(tx, services, by, told).await?;
    Ok(done)
}

fn count(of: &mut std::collections::BTreeMap<String, i64>, words: String) {
    if of.len() < TEXTS_MAX || of.contains_key(&words) {
        *of.entry(words).or_default() += 1;
    }
}

fn to_ask(line: &NeedLine, item: &Item) -> ToAsk {
    ToAsk {
        line: line.id,
        party: line.party.clone(),
        place: line.place.clone(),
        words: words(&line.item, &line.spec),
        base_unit: item.base_unit.clone(),
    }
}

async fn become_request(
    tx: &mut Tx,
    services: &Services,
    known: &mut Known,
    (line, (item, unit_word, quantity)): (&NeedLine, (ItemId, String, i64)),
    priority: Priority,
) -> Result<(RequestId, bool), ReliefError> {
    let (party, is_new) = known.party(tx, services, line).await?;
    let id = RequestId::new(services.now(), &*services.rng);
    let new = NewRequest {
        unit: line.unit,
        key: store::key(line.id),
        party,
        wanted: Wanted::Goods {
            item,
            unit_word,
            quantity,
        },
        priority,
        basis: BASIS.to_owned(),
        needed_by: None,
    };
    insert_request(tx, id, &new, services.now()).await?;
    store::became(tx, line, id).await?;
    Ok((id, is_new))
}

/// Answers how many a line asks for, so that it becomes a request.
///
/// # Errors
/// [`ReliefError::NotFound`] for a line that became one before, [`ReliefError::Unmapped`], [`ReliefError::Units`].
pub async fn answer(
    services: &Services,
    by: &Actor,
    id: LineId,
    (quantity, unit_word): (i64, &str),
    priority: Priority,
) -> Result<RequestId, ReliefError> {
    by.require_somewhere(Permission::GoodsImport)?;
    check_quantity(quantity)?;
    let mut tx = services.db.begin().await?;
    let line = store::open_line(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("line"))?;
    in_scope(by, Permission::GoodsImport, (line.unit, "line"))?;
    by.require(Permission::GoodsRequest, line.unit)?;
    let mut known = Known::of(&mut tx, line.unit).await?;
    let item = known
        .item(&mut tx, &line)
        .await?
        .ok_or_else(|| ReliefError::Unmapped(words(&line.item, &line.spec)))?;
    let word = folded(unit_word);
    if word.is_empty() {
        return Err(invalid("unit_word", "the unit of the number is expected"));
    }
    item.per_base(&word)?;
    let goods = (item.id, word, quantity);
    let made = become_request(&mut tx, services, &mut known, (&line, goods), priority).await;
    let (request, _) = made.map_err(|error| match error {
        // Somebody answered at the same moment.
        ReliefError::Db(DbError::Duplicate(_)) => ReliefError::NotFound("line"),
        other => other,
    })?;
    let told = Told {
        unit: line.unit,
        kind: "goods.needs_requested",
        subject: request,
        body: json!({ "requests": 1, "line": hex(&id.bytes()), "quantity": quantity }),
    };
    finish(tx, services, by, told).await?;
    Ok(request)
}
