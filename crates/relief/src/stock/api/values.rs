//! Goods without a value, and the second person's word on one.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Fen;
use kernel::id::public;
use platform::Services;
use platform::identity::Actor;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Json, Problem};

use super::super::model::ValueBasis;
use super::super::{actions, queries};
use crate::LotId;
use crate::http::{id_of, of_db, reading};

/// Given goods in store that have no value in the books.
#[derive(Serialize, ToSchema)]
pub(super) struct UnvaluedOut {
    /// The lot's public id.
    lot: String,
    /// The item's name.
    item_name: String,
    /// How many the store holds.
    quantity: i64,
    /// The unit.
    unit_word: String,
    /// What somebody said it is worth; it waits for a second person. None: it waits for an appraiser.
    claimed_fen: Option<i64>,
    /// What that rests on.
    basis: Option<ValueBasis>,
    /// The evidence.
    evidence: Option<String>,
    /// The state of its last appraisal order.
    appraisal: Option<String>,
}

/// Given goods in store without a value, the oldest first: to be confirmed by a second person, or to be appraised.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/unvalued", tag = "goods", params(("unit" = String, Path)),
    responses((status = 200, body = [UnvaluedOut])))]
pub(super) async fn unvalued(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
) -> Result<Json<Vec<UnvaluedOut>>, Problem> {
    let (unit, mut at) = reading(&s, &actor, &unit).await?;
    let rows = queries::unvalued(&mut at, unit).await.map_err(of_db)?;
    let out = rows.into_iter().map(|row| {
        let (claimed, basis, evidence) = match row.claim {
            Some((value, basis, evidence)) => (Some(value), Some(basis), Some(evidence)),
            None => (None, None, None),
        };
        UnvaluedOut {
            lot: public(&*s.keys, row.lot),
            item_name: row.item_name,
            quantity: row.quantity,
            unit_word: row.unit_word,
            claimed_fen: claimed.map(Fen::get),
            basis,
            evidence,
            appraisal: row.appraisal,
        }
    });
    Ok(Json(out.collect()))
}

/// Confirms the value that somebody else wrote down by the donor's evidence; the goods are booked at it.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/value-confirmation", tag = "goods",
    params(("lot" = String, Path)),
    responses((status = 204, description = "booked"),
        (status = 409, description = "no value waits, one’s own, or valued meanwhile")))]
pub(super) async fn confirm_value(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
) -> Result<StatusCode, Problem> {
    let lot: LotId = id_of(&s, &lot)?;
    actions::confirm_value(&s, &actor, lot).await?;
    Ok(StatusCode::NO_CONTENT)
}
