//! JSON of the imported tables.

use axum::extract::{Path, State};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::TableKind;
use super::queries::{self, OfUnit, ShownLine};
use crate::http::{of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().staff(Permission::GoodsRead, routes!(table))
}

/// The imported tables of one kind.
#[derive(Serialize, ToSchema)]
struct TableOut {
    /// Sums by unit; units are never added to each other.
    by_unit: Vec<OfUnit>,
    /// The newest lines.
    lines: Vec<ShownLine>,
}

/// The imported tables of one kind: `goods_in`, `goods_out`, `needs`.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/tables/{kind}", tag = "goods",
    params(("unit" = String, Path), ("kind" = String, Path)), responses((status = 200, body = TableOut)))]
async fn table(
    State(s): State<Services>,
    actor: Actor,
    Path((unit, kind)): Path<(String, String)>,
) -> Result<Json<TableOut>, Problem> {
    let kind: TableKind = kind.parse().map_err(|_| Problem::not_found())?;
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    Ok(Json(TableOut {
        by_unit: queries::by_unit(&mut at, unit, kind).await.map_err(of_db)?,
        lines: queries::lines(&mut at, unit, kind).await.map_err(of_db)?,
    }))
}
