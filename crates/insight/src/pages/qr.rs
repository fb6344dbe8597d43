//! QR codes of what is handed on: a team, or a project with the channel tag of a county.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use kernel::TeamId;
use serde::Deserialize;
use web::Problem;
use web::extract::ClientIp;
use web::limit::PAGES;

use super::house::{House, Topic};

/// A tag is a short word; a longer one is none.
const TAG_CHARS_MAX: usize = 20;
/// Pixels of one module: a code of 40 modules prints at 4 cm with 300 dots an inch.
const MODULE_PIXELS: usize = 12;

/// `?from=CODE`.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    from: Option<String>,
}

impl From {
    /// The address with the tag behind it; what is no tag is refused.
    fn behind(&self, address: String) -> Result<String, Problem> {
        let Some(tag) = &self.from else { return Ok(address) };
        let shape = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if tag.is_empty() || tag.len() > TAG_CHARS_MAX || !tag.chars().all(shape) {
            return Err(Problem::invalid("from", "a channel tag or a region code"));
        }
        Ok(format!("{address}?from={tag}"))
    }
}

/// A team's code.
pub(super) async fn of_team(
    State(house): State<House>,
    client: ClientIp,
    Path((id, format)): Path<(String, String)>,
    Query(from): Query<From>,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "qr", PAGES)?;
    let id: TeamId = house.id(&id)?;
    // Only what has a page has a code.
    house.page(Topic::Team(id)).await?;
    let address = format!("{}/t/{}", house.services().base_url, house.public(id));
    draw(&from.behind(address)?, &format)
}

/// A project's code, with a county's tag.
pub(super) async fn of_project(
    State(house): State<House>,
    client: ClientIp,
    Path((code, format)): Path<(String, String)>,
    Query(from): Query<From>,
) -> Result<Response, Problem> {
    house.limiter().take(client.0, "qr", PAGES)?;
    let id = house.project(&code).await?;
    house.page(Topic::Project(id)).await?;
    let address = format!("{}/p/{}", house.services().base_url, house.public(id));
    draw(&from.behind(address)?, &format)
}

fn draw(address: &str, format: &str) -> Result<Response, Problem> {
    let failed = |error: papers::PapersError| {
        tracing::error!(%error, "a QR code could not be drawn");
        Problem::internal()
    };
    let (bytes, kind) = match format {
        "svg" => (papers::qr_svg(address).map_err(failed)?.into_bytes(), "image/svg+xml"),
        "png" => (papers::qr_png(address, MODULE_PIXELS).map_err(failed)?, "image/png"),
        _ => return Err(Problem::not_found()),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
