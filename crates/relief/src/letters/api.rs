//! JSON of letters; their papers are among the others.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::public;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::actions;
use super::model::{LetterKind, NewLetter};
use crate::http::id_of;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().staff(Permission::GoodsManage, routes!(make_letter))
}

/// A letter to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = GoodsMakeLetter)]
struct MakeLetter {
    /// `letter` or `agreement`.
    kind: LetterKind,
    /// Who answers for it; kept sealed.
    contact: String,
    /// Where he is reached; kept sealed.
    phone: String,
}

/// A letter that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsLetterOut)]
struct LetterOut {
    /// Its public id.
    id: String,
    /// Where its PDF is.
    address: String,
}

/// Makes the donation letter or the agreement of a lot, with a running number.
#[utoipa::path(post, path = "/api/v1/goods/lots/{lot}/letters", tag = "goods", params(("lot" = String, Path)),
    request_body = MakeLetter, responses((status = 201, body = LetterOut),
        (status = 409, description = "one with another contact stands, it is no gift")))]
async fn make_letter(
    State(s): State<Services>,
    actor: Actor,
    Path(lot): Path<String>,
    Json(body): Json<MakeLetter>,
) -> Result<(StatusCode, Json<LetterOut>), Problem> {
    let new = NewLetter {
        lot: id_of(&s, &lot)?,
        kind: body.kind,
        contact: &body.contact,
        phone: &body.phone,
    };
    let id = public(&*s.keys, actions::make(&s, &actor, &new).await?);
    let address = format!("/api/v1/goods/letters/{id}/paper");
    Ok((StatusCode::CREATED, Json(LetterOut { id, address })))
}
