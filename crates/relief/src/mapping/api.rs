//! JSON of texts and what they mean.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Instant;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::{actions, queries};
use crate::http::{id_of, of_db, reading};
use crate::tables::model::TableKind;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::GoodsRead, routes!(list_texts))
        .staff(Permission::GoodsRead, routes!(list_mappings))
        .staff(Permission::GoodsManage, routes!(map_texts))
        .staff(Permission::GoodsManage, routes!(undo_mapping))
}

/// A text of imported tables.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsTextOut)]
struct TextOut {
    /// As the most lines write it, with the grade that only their specification says.
    words: String,
    /// Lines that say it.
    lines: i64,
    /// Public id of the item it means; none: nobody has said.
    item: Option<String>,
    /// The item's name.
    item_name: Option<String>,
    /// Standard and grade.
    grade: Option<String>,
}

/// The texts of a kind of imported table (`goods_in`, `goods_out`, `needs`) with what they mean, those without an item
/// first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/tables/{kind}/texts", tag = "goods",
    params(("unit" = String, Path), ("kind" = String, Path)), responses((status = 200, body = [TextOut])))]
async fn list_texts(
    State(s): State<Services>,
    actor: Actor,
    Path((unit, kind)): Path<(String, String)>,
) -> Result<Json<Vec<TextOut>>, Problem> {
    let kind: TableKind = kind.parse().map_err(|_| Problem::not_found())?;
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::texts(&mut at, unit, kind).await.map_err(of_db)?;
    let out = rows.into_iter().map(|text| {
        let (item_name, grade) = text.item_name.unzip();
        TextOut {
            words: text.words,
            lines: text.lines,
            item: text.item.map(|item| public(&*s.keys, item)),
            item_name,
            grade,
        }
    });
    Ok(Json(out.collect()))
}

/// Texts that were said to be one item.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsMappingOut)]
struct MappingOut {
    /// Its public id.
    id: String,
    /// The item's name.
    item_name: String,
    /// Standard and grade.
    grade: String,
    /// How many texts.
    texts: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    made_at: Instant,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<Instant>,
}

/// What was said of texts, the newest first.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/mappings", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [MappingOut])))]
async fn list_mappings(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<MappingOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::mappings(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| MappingOut {
        id: public(&*s.keys, row.mapping.id),
        item_name: row.item_name,
        grade: row.grade,
        texts: row.texts,
        made_at: row.mapping.made_at,
        undone_at: row.mapping.undone_at,
    });
    Ok(Json(out.collect()))
}

/// Texts that mean an item.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsMapTexts)]
struct MapTexts {
    /// Public id of the item.
    item: String,
    /// The texts, all of them or none.
    texts: Vec<String>,
}

/// What was said.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsTextsMapped)]
struct TextsMapped {
    /// Public id by which it is taken back; none where all texts meant the item already.
    mapping: Option<String>,
}

/// Says that texts mean an item, all of them or none.
#[utoipa::path(post, path = "/api/v1/goods/{unit}/mappings", tag = "goods", params(("unit" = String, Path)),
    request_body = MapTexts, responses((status = 201, body = TextsMapped), (status = 409, description = "another grade")))]
async fn map_texts(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Json(body): Json<MapTexts>,
) -> Result<(StatusCode, Json<TextsMapped>), Problem> {
    let what = (id_of(&s, &unit)?, id_of(&s, &body.item)?);
    let mapping = actions::map(&s, &actor, what, &body.texts).await?;
    let mapping = mapping.map(|mapping| public(&*s.keys, mapping.id));
    Ok((StatusCode::CREATED, Json(TextsMapped { mapping })))
}

/// How many texts mean again what they meant before.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsMappingUndone)]
struct MappingUndone {
    /// Texts.
    texts: usize,
}

/// Takes back what was said of texts; what was said otherwise since stays.
#[utoipa::path(post, path = "/api/v1/goods/mappings/{mapping}/undo", tag = "goods", params(("mapping" = String, Path)),
    responses((status = 200, body = MappingUndone), (status = 409, description = "taken back before")))]
async fn undo_mapping(
    State(s): State<Services>,
    actor: Actor,
    Path(mapping): Path<String>,
) -> Result<Json<MappingUndone>, Problem> {
    let texts = actions::undo(&s, &actor, id_of(&s, &mapping)?).await?;
    Ok(Json(MappingUndone { texts }))
}
