//! Breaches that go on, for staff.

use axum::extract::{Path, State};
use kernel::Instant;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::model::Breach;
use super::queries;
use crate::http::{of_db, reading};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().staff(Permission::GoodsRead, routes!(list_breaches))
}

/// Something that is wrong in a store and goes on.
#[derive(Serialize, ToSchema)]
struct BreachOut {
    /// What is wrong.
    kind: Breach,
    /// The item's name.
    item_name: String,
    /// How many there were when it began.
    quantity: i64,
    /// Their unit.
    unit_word: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    began_at: Instant,
}

/// What is wrong in a unit's store and goes on, the oldest first: goods that wait too long or are
/// not looked at in time, norms that are broken.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/breaches", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [BreachOut])))]
async fn list_breaches(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<BreachOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::going(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| BreachOut {
        kind: row.kind,
        item_name: row.item_name,
        quantity: row.quantity,
        unit_word: row.unit_word,
        began_at: row.began_at,
    });
    Ok(Json(out.collect()))
}
