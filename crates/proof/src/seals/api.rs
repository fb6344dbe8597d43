//! JSON of seals, for staff.

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::UnitId;
use kernel::id::from_public;
use papers::seal::SEAL_BYTES_MAX;
use platform::Services;
use platform::identity::guard::GuardedRoutes as _;
use platform::identity::{Actor, Permission};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::Problem;
use web::extract::read_body;

use super::{actions, queries};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .staff(Permission::UnitManage, routes!(get_seal))
        .staff(Permission::UnitManage, routes!(put_seal))
        .staff(Permission::UnitManage, routes!(delete_seal))
}

fn unit_of(s: &Services, text: &str) -> Result<UnitId, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

/// The seal a unit prints on its papers now.
#[utoipa::path(get, path = "/api/v1/units/{unit}/seal", tag = "network", params(("unit" = String, Path)),
    responses((status = 200, content_type = "image/png", description = "PNG"), (status = 404, description = "it has none")))]
async fn get_seal(State(s): State<Services>, actor: Actor, Path(unit): Path<String>) -> Result<Response, Problem> {
    let id = unit_of(&s, &unit)?;
    actor.require(Permission::UnitManage, id)?;
    let png = queries::current(&s, id).await.map_err(|error| error.problem())?;
    let png = png.ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Bytes::from(png)).into_response())
}

/// Gives a unit another seal: a PNG, JPEG or WebP of at most 2 MiB, each side 120 to 4,000 pixels. It is drawn anew
/// before it is stored. Certificates numbered before keep theirs. The red cross emblem is protected and no seal: hand in
/// the society's own.
#[utoipa::path(put, path = "/api/v1/units/{unit}/seal", tag = "network", params(("unit" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204), (status = 413, description = "too many bytes"),
        (status = 422, description = "no usable picture")))]
async fn put_seal(
    State(s): State<Services>,
    actor: Actor,
    Path(unit): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let id = unit_of(&s, &unit)?;
    let picture = read_body(request.into_body(), SEAL_BYTES_MAX).await?;
    actions::set(&s, &actor, id, picture.to_vec()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a unit's seal away.
#[utoipa::path(delete, path = "/api/v1/units/{unit}/seal", tag = "network", params(("unit" = String, Path)),
    responses((status = 204)))]
async fn delete_seal(State(s): State<Services>, actor: Actor, Path(unit): Path<String>) -> Result<StatusCode, Problem> {
    actions::remove(&s, &actor, unit_of(&s, &unit)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
