//! A parcel handed to its addressee.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::Services;
use platform::identity::Actor;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Json, Problem};

use super::super::actions::{self, HandedParcel};
use crate::dispatch::model::Proof;
use crate::http::id_of;

/// A parcel handed to its addressee.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HandParcel {
    /// What makes it the same record when it is sent again.
    key: String,
    /// Public id of the place where it lay.
    place: String,
    /// How many of the lot's unit.
    quantity: i64,
    /// Who signed; kept sealed, shown masked.
    signer: String,
    /// The signature as it was drawn, as for goods that are handed out; empty where none was.
    #[serde(default)]
    drawn: String,
    /// What proves it.
    proof: Proof,
}

/// Hands a parcel that was only held to its addressee, with his signature. The same key again changes nothing.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/hand-over", tag = "goods", params(("lot" = String, Path)),
    request_body = HandParcel, responses((status = 204, description = "handed over"),
        (status = 409, description = "no parcel in care, less is there, key taken")))]
pub(super) async fn hand_over(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<HandParcel>,
) -> Result<StatusCode, Problem> {
    let out = HandedParcel {
        lot: id_of(&s, &lot)?,
        place: id_of(&s, &body.place)?,
        quantity: body.quantity,
        key: &body.key,
        signer: &body.signer,
        drawn: &body.drawn,
        proof: body.proof,
    };
    actions::hand_parcel(&s, &actor, &out).await?;
    Ok(StatusCode::NO_CONTENT)
}
