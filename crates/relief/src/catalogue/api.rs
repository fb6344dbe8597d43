//! JSON of the catalogue.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::UnitId;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem, Query};

use super::actions::{self, Unwanted};
use super::model::{ExampleNorms, Item, NewItem, Norm, NormAlert};
use super::queries;
use crate::error::ReliefError;
use crate::http::{id_of, of_db, reading};
use crate::trucks::model::Load;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_items))
        .staff(Permission::GoodsManage, routes!(add_item))
        .staff(Permission::GoodsManage, routes!(begin_catalogue))
        .staff(Permission::GoodsManage, routes!(set_code))
        .staff(Permission::GoodsManage, routes!(add_unit))
        .staff(Permission::GoodsManage, routes!(set_alias))
        .staff(Permission::GoodsRead, routes!(resolve))
        .staff(Permission::GoodsRead, routes!(list_packs))
        .staff(Permission::GoodsManage, routes!(set_pack))
        .staff(Permission::GoodsRead, routes!(list_norms))
        .staff(Permission::GoodsManage, routes!(set_norm))
        .public(routes!(list_unwanted))
        .staff(Permission::GoodsManage, routes!(set_unwanted))
}

/// A part of a kit.
#[derive(Serialize, Deserialize, ToSchema)]
struct KitPart {
    /// The item's public id.
    item: String,
    /// How many base units of it.
    quantity: i64,
}

/// An item of the catalogue.
#[derive(Serialize, ToSchema)]
struct ItemOut {
    /// Its public id.
    id: String,
    /// Seven digits of GB/T 38565; fewer or none until an officer completes it.
    code: String,
    /// Its name.
    name: String,
    /// Standard and grade.
    grade: String,
    /// The grade's mark, such as `N95`.
    grade_mark: String,
    /// The unit its pieces are counted in.
    base_unit: String,
    /// Other units: how many base units one of them holds.
    units: BTreeMap<String, i64>,
    /// Months it keeps.
    shelf_life_months: Option<i64>,
    /// What a kit is made of.
    parts: Vec<KitPart>,
}

fn item_out(s: &Services, item: Item) -> ItemOut {
    ItemOut {
        id: public(&*s.keys, item.id),
        code: item.code,
        name: item.name,
        grade: item.grade,
        grade_mark: item.grade_mark,
        base_unit: item.base_unit,
        units: item.units,
        shelf_life_months: item.shelf_life_months,
        parts: item
            .parts
            .into_iter()
            .map(|(id, quantity)| KitPart {
                item: public(&*s.keys, id),
                quantity,
            })
            .collect(),
    }
}

/// The catalogue of a unit.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/items", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [ItemOut])))]
async fn list_items(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<ItemOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let items = queries::items(&mut at, unit).await.map_err(of_db)?;
    Ok(Json(items.into_iter().map(|item| item_out(&s, item)).collect()))
}

/// An item to be added.
#[derive(Deserialize, ToSchema)]
struct AddItem {
    /// Seven digits of GB/T 38565.
    code: String,
    /// Its name.
    name: String,
    /// Standard and grade.
    #[serde(default)]
    grade: String,
    /// The unit its pieces are counted in.
    base_unit: String,
    /// Other units.
    #[serde(default)]
    units: BTreeMap<String, i64>,
    /// Months it keeps.
    #[serde(default)]
    shelf_life_months: Option<i64>,
    /// What a kit is made of.
    #[serde(default)]
    parts: Vec<KitPart>,
}

/// Adds an item; a kit with its parts.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/items", tag = "goods", params(("unit" = String, Path)),
    request_body = AddItem, responses((status = 201, body = ItemOut)))]
async fn add_item(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<AddItem>,
) -> Result<(StatusCode, Json<ItemOut>), Problem> {
    let parts: Result<Vec<_>, Problem> = body
        .parts
        .iter()
        .map(|part| Ok((id_of(&s, &part.item)?, part.quantity)))
        .collect();
    let new = NewItem {
        unit: id_of(&s, &unit)?,
        code: body.code,
        name: body.name.trim().to_owned(),
        grade: body.grade.trim().to_owned(),
        base_unit: body.base_unit.trim().to_owned(),
        units: body.units,
        shelf_life_months: body.shelf_life_months,
        parts: parts?,
    };
    let item = actions::add_item(&s, &actor, new).await?;
    Ok((StatusCode::CREATED, Json(item_out(&s, item))))
}

/// How to begin a catalogue.
#[derive(Deserialize, ToSchema)]
struct BeginCatalogue {
    /// Whether example norms are set too, where an item has none.
    #[serde(default)]
    norms: bool,
}

/// What became of the starter catalogue.
#[derive(Serialize, ToSchema)]
struct CatalogueBegunOut {
    /// Names of items that were added.
    added: Vec<String>,
    /// Names that stood already and were left alone.
    known: Vec<String>,
    /// Kits left out: a part of theirs stands here in another unit or is a kit.
    left_out: Vec<String>,
    /// Added items whose code is to be completed.
    without_code: i64,
    /// Everyday names that were set.
    aliases: i64,
    /// Lines of the what-not-to-bring list; none where there was a list.
    unwanted: i64,
    /// Example norms that were set.
    norms: i64,
}

/// Fills a catalogue with the starter catalogue that ships. What stands by its name is left alone: again, it adds nothing.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/starter", tag = "goods", params(("unit" = String, Path)),
    request_body = BeginCatalogue, responses((status = 200, body = CatalogueBegunOut)))]
async fn begin_catalogue(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<BeginCatalogue>,
) -> Result<Json<CatalogueBegunOut>, Problem> {
    let norms = if body.norms {
        ExampleNorms::Set
    } else {
        ExampleNorms::Left
    };
    let begun = actions::begin_catalogue(&s, &actor, id_of(&s, &unit)?, norms).await?;
    Ok(Json(CatalogueBegunOut {
        added: begun.added,
        known: begun.known,
        left_out: begun.left_out,
        without_code: begun.without_code,
        aliases: begun.aliases,
        unwanted: begun.unwanted,
        norms: begun.norms,
    }))
}

/// A code.
#[derive(Deserialize, ToSchema)]
struct SetItemCode {
    /// Seven digits of GB/T 38565.
    code: String,
}

/// Gives an item its code, or another one where the first was wrong.
#[utoipa::path(put, path = "/api/v1/goods/items/{item}/code", tag = "goods", params(("item" = String, Path)),
    request_body = SetItemCode, responses((status = 200, body = ItemOut)))]
async fn set_code(
    State(s): State<Services>,
    actor: Actor,
    Path(item): Path<String>,
    Json(body): Json<SetItemCode>,
) -> Result<Json<ItemOut>, Problem> {
    let item = actions::set_code(&s, &actor, id_of(&s, &item)?, &body.code).await?;
    Ok(Json(item_out(&s, item)))
}

/// Another unit of an item.
#[derive(Deserialize, ToSchema)]
struct AddUnit {
    /// The unit's word.
    unit_word: String,
    /// How many base units it holds.
    per_base: i64,
}

/// Says how many base units another unit of an item holds.
#[utoipa::path(post, path = "/api/v1/goods/items/{item}/units", tag = "goods", params(("item" = String, Path)),
    request_body = AddUnit, responses((status = 200, body = ItemOut)))]
async fn add_unit(
    State(s): State<Services>,
    actor: Actor,
    Path(item): Path<String>,
    Json(body): Json<AddUnit>,
) -> Result<Json<ItemOut>, Problem> {
    let unit = (body.unit_word.as_str(), body.per_base);
    let item = actions::add_unit(&s, &actor, id_of(&s, &item)?, unit).await?;
    Ok(Json(item_out(&s, item)))
}

/// An everyday name.
#[derive(Deserialize, ToSchema)]
struct SetAlias {
    /// The name as people write it.
    words: String,
}

/// Says that an everyday name means this item; refused where it names another grade.
#[utoipa::path(post, path = "/api/v1/goods/items/{item}/aliases", tag = "goods", params(("item" = String, Path)),
    request_body = SetAlias, responses((status = 200, body = ItemOut), (status = 409, description = "another grade")))]
async fn set_alias(
    State(s): State<Services>,
    actor: Actor,
    Path(item): Path<String>,
    Json(body): Json<SetAlias>,
) -> Result<Json<ItemOut>, Problem> {
    let item = actions::set_alias(&s, &actor, &body.words, id_of(&s, &item)?).await?;
    Ok(Json(item_out(&s, item)))
}

/// `?words=`.
#[derive(Deserialize)]
struct Words {
    words: String,
}

/// The item that a free text means.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/resolve", tag = "goods",
    params(("unit" = String, Path), ("words" = String, Query)),
    responses((status = 200, body = ItemOut), (status = 409, description = "not in the catalogue")))]
async fn resolve(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Query(query): Query<Words>,
) -> Result<Json<ItemOut>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let item = queries::resolve(&mut at, unit, &query.words).await.map_err(of_db)?;
    let item = item.ok_or(ReliefError::Unmapped(query.words))?;
    Ok(Json(item_out(&s, item)))
}

/// What one of a unit of an item weighs, packed, and the room it takes.
#[derive(Serialize, ToSchema)]
struct PackOut {
    /// The item's public id.
    item: String,
    /// The unit.
    unit_word: String,
    /// Base units in one of these.
    per_base: i64,
    /// Grams.
    grams: i64,
    /// Cubic centimetres.
    cubic_cm: i64,
}

/// What packages weigh and take, in the whole catalogue.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/packs", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [PackOut])))]
async fn list_packs(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<PackOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let packs = queries::packs(&mut at, unit).await.map_err(of_db)?;
    let out = packs.into_iter().map(|(item, pack)| PackOut {
        item: public(&*s.keys, item),
        unit_word: pack.unit_word,
        per_base: pack.per_base,
        grams: pack.load.grams,
        cubic_cm: pack.load.cubic_cm,
    });
    Ok(Json(out.collect()))
}

/// What one of a unit weighs and takes.
#[derive(Deserialize, ToSchema)]
struct SetPack {
    /// The unit; one of the item's.
    unit_word: String,
    /// Grams.
    grams: i64,
    /// Cubic centimetres.
    cubic_cm: i64,
}

/// Says what one of a unit of an item weighs, packed, and the room it takes.
#[utoipa::path(put, path = "/api/v1/goods/items/{item}/packs", tag = "goods", params(("item" = String, Path)),
    request_body = SetPack, responses((status = 204), (status = 409, description = "unit unknown")))]
async fn set_pack(
    State(s): State<Services>,
    actor: Actor,
    Path(item): Path<String>,
    Json(body): Json<SetPack>,
) -> Result<StatusCode, Problem> {
    let load = Load {
        grams: body.grams,
        cubic_cm: body.cubic_cm,
    };
    actions::set_pack(&s, &actor, id_of(&s, &item)?, (&body.unit_word, load)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A norm beside what is there, in base units.
#[derive(Serialize, ToSchema)]
struct NormOut {
    /// The item's public id.
    item: String,
    /// Its name.
    name: String,
    /// Below this, more must come.
    min: i64,
    /// What is usual.
    normal: i64,
    /// Above this, some should go.
    max: i64,
    /// What is in store.
    there: i64,
    /// `too_little`, `too_much`, or none.
    alert: Option<NormAlert>,
}

/// Norms with what is in store and what that says.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/norms", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [NormOut])))]
async fn list_norms(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<NormOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let norms = queries::norms(&mut at, unit).await.map_err(of_db)?;
    let out = norms.into_iter().map(|state| NormOut {
        item: public(&*s.keys, state.item),
        name: state.name,
        min: state.norm.min,
        normal: state.norm.normal,
        max: state.norm.max,
        there: state.there,
        alert: state.alert,
    });
    Ok(Json(out.collect()))
}

/// A norm, in base units.
#[derive(Deserialize, ToSchema)]
struct SetNorm {
    /// The item's public id.
    item: String,
    /// Below this, more must come.
    min: i64,
    /// What is usual.
    normal: i64,
    /// Above this, some should go.
    max: i64,
}

/// Sets how much of an item should be there.
#[utoipa::path(put, path = "/api/v1/goods/{unit}/norms", tag = "goods", params(("unit" = String, Path)),
    request_body = SetNorm, responses((status = 204)))]
async fn set_norm(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<SetNorm>,
) -> Result<StatusCode, Problem> {
    let norm = Norm {
        min: body.min,
        normal: body.normal,
        max: body.max,
    };
    let whose = (id_of::<UnitId>(&s, &unit)?, id_of(&s, &body.item)?);
    actions::set_norm(&s, &actor, whose, norm).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What donors are asked not to bring.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/unwanted", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [String])))]
async fn list_unwanted(State(s): State<Services>, Path(unit): Path<String>) -> Result<Json<Vec<String>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    Ok(Json(queries::unwanted(&mut at, unit).await.map_err(of_db)?))
}

/// A line of the what-not-to-bring list.
#[derive(Deserialize, ToSchema)]
struct SetUnwanted {
    /// The words.
    words: String,
    /// Whether they stand on the list.
    listed: bool,
}

/// Puts words on the what-not-to-bring list, or takes them off.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/unwanted", tag = "goods", params(("unit" = String, Path)),
    request_body = SetUnwanted, responses((status = 204)))]
async fn set_unwanted(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<SetUnwanted>,
) -> Result<StatusCode, Problem> {
    let wanted = if body.listed {
        Unwanted::Listed
    } else {
        Unwanted::Welcome
    };
    actions::set_unwanted(&s, &actor, (id_of(&s, &unit)?, &body.words), wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}
