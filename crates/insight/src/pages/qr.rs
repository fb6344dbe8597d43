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

/// `?from=CODE`: the channel tag or region code of the address somebody came by.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Tagged {
    #[serde(default)]
    from: Option<String>,
}

impl Tagged {
    /// The word, if it has the shape of one.
    pub fn word(&self) -> Option<&str> {
        self.from.as_deref().filter(|word| is_tag(word))
    }
    /// The address with the tag behind it; what is no tag is refused.
    fn behind(&self, address: String) -> Result<String, Problem> {
        match (&self.from, self.word()) {
            (None, _) => Ok(address),
            (Some(_), Some(word)) => Ok(format!("{address}?from={word}")),
            (Some(_), None) => Err(Problem::invalid("from", "a channel tag or a region code")),
        }
    }
}

/// Whether a word has the shape of a tag.
pub(super) fn is_tag(word: &str) -> bool {
    let shape = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !word.is_empty() && word.len() <= TAG_CHARS_MAX && word.chars().all(shape)
}

/// An address with the tag carried on.
pub(super) fn carried(href: &str, word: &str) -> String {
    let mark = if href.contains('?') { '&' } else { '?' };
    format!("{href}{mark}from={word}")
}

/// A team's code.
pub(super) async fn of_team(
    State(house): State<House>,
    client: ClientIp,
    Path((id, format)): Path<(String, String)>,
    Query(from): Query<Tagged>,
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
    Query(from): Query<Tagged>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_carried_on_and_nothing_else_is() {
        assert_eq!(carried("/p/aed/give", "371323"), "/p/aed/give?from=371323");
        assert_eq!(
            carried("/p/aed/give?team=x", "school-3"),
            "/p/aed/give?team=x&from=school-3"
        );
        for word in ["", "a b", "大写", "UPPER", "\">", "a-word-that-is-far-too-long"] {
            assert!(!is_tag(word), "{word}");
        }
    }
}
