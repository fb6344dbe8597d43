//! Blind counts.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Problem};

use super::super::actions::{self, Counted};
use super::super::queries;
use crate::CountId;
use crate::http::{id_of, of_db};

/// What was counted.
#[derive(Deserialize, ToSchema)]
pub(super) struct StockCount {
    /// Public id of the place.
    place: String,
    /// How many were there.
    counted: i64,
}

/// A count, without what the books say.
#[derive(Serialize, ToSchema)]
pub(super) struct CountOut {
    /// Its public id.
    id: String,
    /// `agrees` or `differs`.
    state: &'static str,
}

/// Writes down a blind count of a lot at a place.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/counts", tag = "goods", params(("lot" = String, Path)),
    request_body = StockCount, responses((status = 201, body = CountOut)))]
pub(super) async fn count(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<StockCount>,
) -> Result<(StatusCode, Json<CountOut>), Problem> {
    let what = (id_of(&s, &lot)?, id_of(&s, &body.place)?);
    let (id, outcome) = actions::count(&s, &actor, what, body.counted).await?;
    let state = match outcome {
        Counted::Agrees => "agrees",
        Counted::Differs => "differs",
    };
    let id = public(&*s.keys, id);
    Ok((StatusCode::CREATED, Json(CountOut { id, state })))
}

/// A difference that waits for its explanation.
#[derive(Serialize, ToSchema)]
pub(super) struct DifferenceOut {
    /// The count's public id.
    id: String,
    /// The lot's public id.
    lot: String,
    /// What was counted.
    counted: i64,
    /// What the books said.
    booked: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    counted_at: Instant,
}

/// Differences of counts that wait.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/counts", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [DifferenceOut])))]
pub(super) async fn differences(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<DifferenceOut>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actor.require(Permission::GoodsApprove, unit)?;
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let rows = queries::differences(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| DifferenceOut {
        id: public(&*s.keys, row.id),
        lot: public(&*s.keys, row.lot),
        counted: row.counted,
        booked: row.booked,
        counted_at: row.counted_at,
    });
    Ok(Json(out.collect()))
}

/// The explanation of a difference.
#[derive(Deserialize, ToSchema)]
pub(super) struct SettleCount {
    /// Why books and shelf differ.
    reason: String,
}

/// Explains a difference and brings the books to what was counted; never by the one who counted.
#[utoipa::path(post, path = "/api/v1/goods/counts/{count}/settle", tag = "goods", params(("count" = String, Path)),
    request_body = SettleCount, responses((status = 204)))]
pub(super) async fn settle_count(
    State(s): State<Services>,
    actor: Actor,
    Path(count): Path<String>,
    Json(body): Json<SettleCount>,
) -> Result<StatusCode, Problem> {
    let id: CountId = id_of(&s, &count)?;
    actions::settle_count(&s, &actor, id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
