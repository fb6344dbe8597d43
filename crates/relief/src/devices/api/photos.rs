//! Photographs of goods: bytes in from phones, out to officers.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::{hex, public};
use kernel::{Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::extract::read_body;
use web::{Json, Problem, Query};

use super::super::queries::{PhotosOf, ShownPhoto};
use super::super::{NOTE_PLACE, actions, queries, rules};
use crate::error::ReliefError;
use crate::http::{id_of, maybe, of_db};

/// Keeps the bytes of a photograph that a record of this phone announced: a JPEG of at most 3 MiB that says nothing of
/// where it was taken. The same again changes nothing.
#[utoipa::path(put, path = "/api/v1/goods/devices/{device}/photos/{sha256}", tag = "goods",
    params(("device" = String, Path), ("sha256" = String, Path, description = "64 hexadecimal digits")),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 204), (status = 409, description = "other bytes than announced, no plain JPEG"),
        (status = 413, description = "too many bytes")))]
pub(super) async fn keep_photo(
    State(s): State<Services>,
    actor: Actor,
    Path((device, sha256)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Problem> {
    actor.require_somewhere(Permission::GoodsRecord)?;
    let sha256 = rules::digest_of(&sha256).ok_or_else(Problem::not_found)?;
    let device = id_of(&s, &device)?;
    let bytes = read_body(request.into_body(), rules::PHOTO_BYTES_MAX).await?;
    actions::keep_photo(&s, &actor, (device, sha256), &bytes).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of what photographs are asked.
#[derive(Deserialize)]
pub(super) struct PhotosQuery {
    /// Public id of a lot.
    #[serde(default)]
    lot: Option<String>,
    /// Public id of an order.
    #[serde(default)]
    dispatch: Option<String>,
}

/// A photograph.
#[derive(Serialize, ToSchema)]
#[schema(as = GoodsPhotoOut)]
pub(super) struct PhotoOut {
    /// Its public id.
    id: String,
    /// The phone's name.
    device_name: String,
    /// SHA-256 of its bytes.
    sha256: String,
    /// Public id of the lot it shows.
    lot: Option<String>,
    /// Public id of the box it shows.
    code: Option<String>,
    /// Public id of the order it shows.
    dispatch: Option<String>,
    /// When the phone says that it was taken.
    #[schema(value_type = String, format = DateTime)]
    taken_at: Instant,
    /// What was said of it.
    note: String,
    /// Its bytes; none while they are still on the phone.
    length: Option<i64>,
}

fn photo_out(s: &Services, shown: ShownPhoto) -> Result<PhotoOut, ReliefError> {
    let note = s.keys.open(&shown.note_sealed, NOTE_PLACE)?;
    Ok(PhotoOut {
        id: public(&*s.keys, shown.id),
        device_name: shown.device_name,
        sha256: hex(&shown.sha256),
        lot: shown.lot.map(|id| public(&*s.keys, id)),
        code: shown.code.map(|id| public(&*s.keys, id)),
        dispatch: shown.dispatch.map(|id| public(&*s.keys, id)),
        taken_at: shown.taken_at,
        note: String::from_utf8_lossy(&note).into_owned(),
        length: shown.length,
    })
}

/// Photographs of a unit's goods, the newest first; of one lot or order, and of its boxes, where it is named.
#[utoipa::path(get, path = "/api/v1/goods/{unit}/photos", tag = "goods",
    params(("unit" = String, Path), ("lot" = Option<String>, Query, description = "public id of a lot"),
        ("dispatch" = Option<String>, Query, description = "public id of an order")),
    responses((status = 200, body = [PhotoOut])))]
pub(super) async fn list_photos(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    Query(query): Query<PhotosQuery>,
) -> Result<Json<Vec<PhotoOut>>, Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    actions::may_see_photos(&actor, unit)?;
    let (lot, dispatch) = (maybe(&s, query.lot.as_ref())?, maybe(&s, query.dispatch.as_ref())?);
    let of = match (lot, dispatch) {
        (Some(lot), _) => PhotosOf::Lot(lot),
        (None, Some(dispatch)) => PhotosOf::Dispatch(dispatch),
        (None, None) => PhotosOf::All,
    };
    let mut at = s.db.snapshot().await.map_err(of_db)?;
    let rows = queries::photos(&mut at, unit, of).await.map_err(of_db)?;
    let out: Result<Vec<_>, ReliefError> = rows.into_iter().map(|row| photo_out(&s, row)).collect();
    Ok(Json(out?))
}

/// The bytes of a photograph.
#[utoipa::path(get, path = "/api/v1/goods/photos/{photo}", tag = "goods", params(("photo" = String, Path)),
    responses((status = 200, content_type = "image/jpeg", description = "the picture")))]
pub(super) async fn show_photo(
    State(s): State<Services>,
    actor: Actor,
    Path(photo): Path<String>,
) -> Result<Response, Problem> {
    let bytes = actions::photo(&s, &actor, id_of(&s, &photo)?).await?;
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
