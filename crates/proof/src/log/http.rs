//! Handing out the published files. Any web server over the same folder does it as well.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::folder::{CHECKPOINT, Folder, VKEY};
use crate::tlog::Tile;
use crate::tlog::tile::entries_from_path;

/// A checkpoint is new every second.
const SHORT: &str = "public, max-age=1";
/// A tile never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `/log/checkpoint`, `/log/vkey`, `/log/tile/…` of this folder.
pub fn routes(folder: Folder) -> Router {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/vkey", get(vkey))
        .route("/log/tile/{*path}", get(tile))
        .with_state(folder)
}

async fn checkpoint(State(folder): State<Folder>) -> Response {
    give(folder, CHECKPOINT.to_owned(), "text/plain; charset=utf-8", SHORT).await
}

async fn vkey(State(folder): State<Folder>) -> Response {
    give(folder, VKEY.to_owned(), "text/plain; charset=utf-8", SHORT).await
}

/// Only what is the one spelling of a tile or bundle is looked for, so no path leads out of the folder.
async fn tile(State(folder): State<Folder>, Path(path): Path<String>) -> Response {
    let name = format!("tile/{path}");
    if Tile::from_path(&name).is_none() && entries_from_path(&name).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    give(folder, name, "application/octet-stream", FOR_EVER).await
}

async fn give(folder: Folder, name: String, media: &'static str, cache: &'static str) -> Response {
    let read = tokio::task::spawn_blocking(move || folder.read(&name)).await;
    match read {
        Ok(Ok(Some(bytes))) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(media)),
                (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            ];
            (headers, bytes).into_response()
        }
        Ok(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "a published file cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
