//! Files of documents.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::UnitId;
use kernel::id::hex;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::extract::read_body;
use web::{Json, Problem, Query};

use crate::approvals::model::digest_of;
use crate::documents::actions;
use crate::documents::model::{DocumentId, FILE_BYTES_MAX};
use crate::duty::api::{field_of, id_of};

pub(super) fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::DocumentSend, routes!(hand_in_file))
        .staff(Permission::DocumentRead, routes!(get_file))
}

/// A file that was handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentFileOut)]
pub struct FileOut {
    /// SHA-256 of its bytes in hexadecimal: so a document names it.
    pub sha256: String,
    /// application/pdf, image/png or image/jpeg.
    pub media_type: String,
    /// How many bytes.
    pub length: i64,
}

/// `?unit=`.
#[derive(Debug, Deserialize)]
struct HandInQuery {
    unit: String,
}

/// Keeps a file to be sent with a unit's documents: a PDF, a PNG or a JPEG of at most 10 MiB, stored sealed.
#[utoipa::path(post, path = "/api/v1/documents/files", tag = "documents",
    params(("unit" = String, Query, description = "public id of the unit that sends it")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = FileOut), (status = 413, description = "too many bytes"),
        (status = 422, description = "neither a PDF nor a PNG nor a JPEG")))]
async fn hand_in_file(
    State(s): State<Services>,
    actor: Actor,
    Query(query): Query<HandInQuery>,
    request: Request,
) -> Result<(StatusCode, Json<FileOut>), Problem> {
    let unit: UnitId = field_of(&s, "unit", &query.unit)?;
    actor.require(Permission::DocumentSend, unit)?;
    let bytes = read_body(request.into_body(), FILE_BYTES_MAX).await?;
    let file = actions::hand_in(&s, &actor, unit, &bytes).await?;
    let out = FileOut {
        sha256: hex(&file.sha256),
        media_type: file.media_type,
        length: file.length,
    };
    Ok((StatusCode::CREATED, Json(out)))
}

/// A file of a document, for those who may read it.
#[utoipa::path(get, path = "/api/v1/documents/{document}/files/{sha256}", tag = "documents",
    params(("document" = String, Path), ("sha256" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, content_type = "application/octet-stream", description = "its bytes, of its own type")))]
async fn get_file(
    State(s): State<Services>,
    actor: Actor,
    Path((document, sha256)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id: DocumentId = id_of(&s, &document)?;
    let sha256 = digest_of(&sha256).ok_or_else(Problem::not_found)?;
    let (file, bytes) = actions::file(&s, &actor, id, sha256).await?;
    let (kind, ending) = match file.media_type.as_str() {
        "application/pdf" => ("application/pdf", "pdf"),
        "image/png" => ("image/png", "png"),
        _ => ("image/jpeg", "jpg"),
    };
    let name = format!("attachment; filename=\"{}.{ending}\"", &hex(&sha256)[..16]);
    // What somebody handed in is never shown as a page of this house.
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
