//! What is shipped beside the code: templates, static files, catalogues. Embedded in release builds; read from the
//! source folder (an absolute path fixed at compile time) in development, so that a change of words needs no build.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::Write as _,
    sync::{Arc, RwLock},
};

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use rust_embed::RustEmbed;

use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "../../templates/pages"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "../../templates/static"]
struct Statics;

#[derive(RustEmbed)]
#[folder = "../../locales"]
struct Catalogues;

/// Hex digits of a static file's SHA-256 that stand in its address.
const ADDRESS_HASH_CHARS: usize = 12;
/// Below this many bytes compression costs more than it saves.
const COMPRESS_MIN_BYTES: usize = 512;

/// The source of a page template.
pub fn template(name: &str) -> Option<String> {
    Templates::get(name).map(|file| text(file.data))
}

/// The names of all page templates.
pub fn templates() -> Vec<String> {
    Templates::iter().map(Cow::into_owned).collect()
}

/// A language's catalogue as JSON text.
pub fn catalogue(tag: &str) -> Option<String> {
    Catalogues::get(&format!("{tag}.json")).map(|file| text(file.data))
}

/// Changes whenever a template, static file or catalogue changes; always 0 in a release, where nothing does.
pub fn fingerprint() -> u64 {
    if !cfg!(debug_assertions) {
        return 0;
    }
    let folders = ["../../templates/pages", "../../templates/static", "../../locales"];
    let mut newest = 1;
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"))) else {
            continue;
        };
        for entry in entries.flatten() {
            let modified = entry.metadata().and_then(|m| m.modified()).ok();
            let age = modified.and_then(|m| m.duration_since(std::time::UNIX_EPOCH).ok());
            newest = newest.max(age.map_or(0, |a| u64::try_from(a.as_nanos()).unwrap_or(u64::MAX)));
        }
    }
    newest
}

/// The address of a static file with its content in the name: `/static/site.css` → `/static/site.1a2b….css`.
pub fn address(name: &str) -> Option<String> {
    let file = Statics::get(name)?;
    let hash = hash_of(&file);
    let (stem, end) = name.rsplit_once('.')?;
    Some(format!("/static/{stem}.{hash}.{end}"))
}

/// `GET /static/{name}`, with and without the hash in the name; and `/favicon.ico`, which browsers ask for anyway.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/static/{name}", get(serve))
        .route("/favicon.ico", get(favicon))
}

async fn favicon(headers: HeaderMap) -> Response {
    serve(Path("mark.svg".to_owned()), headers).await
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (plain, hash) = split_hash(&name);
    let Some(file) = Statics::get(&plain) else {
        return Problem::not_found().into_response();
    };
    let current = hash_of(&file);
    // An old address after an update: give what is there now, but do not let it be kept under the old name.
    let keep = match hash {
        Some(asked) if asked == current => "public, max-age=31536000, immutable",
        _ => "public, max-age=300",
    };
    let kind = media_type(&plain);
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("")
        .contains("gzip");
    let data: Bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let zipped = takes_gzip && data.len() >= COMPRESS_MIN_BYTES && !kind.starts_with("font/");
    let body = if zipped { gzip_once(&current, &data) } else { data };
    let mut response = (StatusCode::OK, Body::from(body)).into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if zipped {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Compresses each version of a file once. Few files, so the map stays small; it is emptied if it ever is not.
pub(crate) fn gzip_once(hash: &str, data: &Bytes) -> Bytes {
    const KEPT_MAX: usize = 256;
    static KEPT: RwLock<Option<HashMap<String, Bytes>>> = RwLock::new(None);
    let found = KEPT
        .read()
        .ok()
        .and_then(|kept| kept.as_ref().and_then(|k| k.get(hash).cloned()));
    if let Some(bytes) = found {
        return bytes;
    }
    let bytes = gzip(data);
    if let Ok(mut kept) = KEPT.write() {
        let kept = kept.get_or_insert_default();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(hash.to_owned(), bytes.clone());
    }
    bytes
}

/// Gzip of some bytes, for static files and pages.
pub(crate) fn gzip(data: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(5));
    // Writing into memory does not fail.
    let _ = encoder.write_all(data);
    encoder.finish().map(Bytes::from).unwrap_or_default()
}

fn split_hash(name: &str) -> (String, Option<String>) {
    let parts: Vec<&str> = name.rsplitn(3, '.').collect();
    match parts.as_slice() {
        [end, hash, stem] if hash.len() == ADDRESS_HASH_CHARS && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            (format!("{stem}.{end}"), Some((*hash).to_owned()))
        }
        _ => (name.to_owned(), None),
    }
}

pub(crate) fn hash_of(file: &rust_embed::EmbeddedFile) -> String {
    let mut hash = data_encoding::HEXLOWER.encode(&file.metadata.sha256_hash());
    hash.truncate(ADDRESS_HASH_CHARS);
    hash
}

pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn text(data: Cow<'static, [u8]>) -> String {
    String::from_utf8_lossy(&data).into_owned()
}

/// Every address a page may use for a static file, by plain name.
pub fn addresses() -> Arc<HashMap<String, String>> {
    let all = Statics::iter().filter_map(|name| address(&name).map(|path| (name.into_owned(), path)));
    Arc::new(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_address_leads_back_to_its_file() {
        let path = address("site.css").expect("the style sheet is shipped");
        let (plain, hash) = split_hash(path.trim_start_matches("/static/"));
        assert_eq!(plain, "site.css");
        assert_eq!(hash.map(|h| h.len()), Some(ADDRESS_HASH_CHARS));
        assert_eq!(split_hash("site.css"), ("site.css".to_owned(), None));
    }

    #[tokio::test]
    async fn a_hashed_file_is_kept_for_a_year_and_an_old_address_is_not() {
        let name = address("site.css")
            .expect("shipped")
            .trim_start_matches("/static/")
            .to_owned();
        let kept = serve(Path(name), HeaderMap::new()).await;
        assert_eq!(
            kept.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        let old = serve(Path("site.000000000000.css".to_owned()), HeaderMap::new()).await;
        assert_eq!(old.status(), StatusCode::OK);
        assert_eq!(old.headers()[header::CACHE_CONTROL], "public, max-age=300");
        let outside = serve(Path("../pages/base.html".to_owned()), HeaderMap::new()).await;
        assert_eq!(outside.status(), StatusCode::NOT_FOUND);
    }
}
