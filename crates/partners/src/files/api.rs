//! Handing files in over HTTP, and getting them back.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::UnitId;
use kernel::id::{hex, public};
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::extract::read_body;
use web::{Json, Problem};

use super::actions::{self, FILE_BYTES_MAX, HANDS_IN};
use crate::http::{file_of, id_of};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff_any(HANDS_IN, routes!(hand_in_partner_file))
        .staff(Permission::PartnerRead, routes!(get_partner_file))
}

/// A file that was handed in.
#[derive(Debug, Serialize, ToSchema)]
struct PartnerFileOut {
    /// Its public id: so a record names it.
    id: String,
    /// SHA-256 of its bytes in hexadecimal.
    sha256: String,
    /// application/pdf, image/png or image/jpeg.
    media_type: String,
    /// How many bytes.
    length: i64,
}

/// Keeps a file for the records of a unit's partner regions: a PDF, a PNG or a JPEG of at most 10 MiB, stored sealed. The
/// same bytes again are the same file.
#[utoipa::path(post, path = "/api/v1/partnership/{unit}/files", tag = "partnership", params(("unit" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = PartnerFileOut), (status = 413, description = "too many bytes")))]
async fn hand_in_partner_file(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<PartnerFileOut>), Problem> {
    let unit: UnitId = id_of(&s, &unit)?;
    if !actor.scope_for_any(HANDS_IN).contains(unit, &s.tree) {
        actor.require(Permission::PartnerManage, unit)?;
    }
    let bytes = read_body(request.into_body(), FILE_BYTES_MAX).await?;
    let handed = actions::hand_in(&s, &actor, unit, &bytes).await?;
    let out = PartnerFileOut {
        id: public(&*s.keys, handed.id),
        sha256: hex(&handed.sha256),
        media_type: handed.media_type,
        length: handed.length,
    };
    Ok((StatusCode::CREATED, Json(out)))
}

/// A file that was handed in.
#[utoipa::path(get, path = "/api/v1/partnership/files/{file}", tag = "partnership", params(("file" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", description = "its bytes, of its own type")))]
async fn get_partner_file(
    State(s): State<Services>,
    actor: Actor,
    Path(file): Path<String>,
) -> Result<Response, Problem> {
    let (handed, bytes) = actions::open(&s, &actor, id_of(&s, &file)?).await?;
    let ending = match handed.media_type.as_str() {
        "application/pdf" => "pdf",
        "image/png" => "png",
        _ => "jpg",
    };
    let name = format!("{}.{ending}", &hex(&handed.sha256)[..16]);
    Ok(file_of((&handed.media_type, &name), bytes))
}
