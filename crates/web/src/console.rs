//! The staff console: files that `console/` builds, and its one page for every address below `/console`; the wall
//! screen, the second page of the same build, which shows only what everybody may ask; and the phone app at `/app/`, the
//! third, with its worker and its manifest beside it, so that the worker's scope is the app alone.
//!
//! Embedded in release builds, read from `console/dist` in development. Hashed files never change; the page itself is
//! asked for each time. Nothing of it is secret: what it shows it asks of the interface.

use std::borrow::Cow;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use rust_embed::RustEmbed;

use crate::assets::{gzip_once, hash_of, media_type};
use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Built;

/// The page.
const PAGE: &str = "index.html";
/// The page of the wall screen.
const WALL: &str = "wall.html";
/// The page of the phone app.
const PHONE: &str = "phone.html";
/// The phone app's worker, which keeps the app for when there is no line.
const WORKER: &str = "phone-worker.js";
/// What makes the phone app installable.
const MANIFEST: &str = "phone/manifest.webmanifest";
/// The folder whose files carry their content's hash in their names.
const HASHED: &str = "assets/";
/// Scripts from here only and none in the page; styles also in the page, since the console's components write theirs
/// while they run; nothing from elsewhere; no frames around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";
/// The phone app: the same without styles in the page; pictures also of its own making.
const PHONE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
     manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a page may do in the browser.
struct Manners {
    /// What it may load.
    policy: &'static str,
    /// What it may ask of the machine.
    permissions: &'static str,
}

const CONSOLE_MANNERS: Manners = Manners {
    policy: POLICY,
    permissions: "camera=(), geolocation=(), microphone=(), payment=()",
};
/// The phone app scans with the camera; where it is, is nobody's business.
const PHONE_MANNERS: Manners = Manners {
    policy: PHONE_POLICY,
    permissions: "camera=(self), geolocation=(), microphone=(), payment=()",
};

/// `GET /console` and everything below it, `GET /wall`, and the phone app at `GET /app/`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/console", get(page))
        .route("/console/", get(page))
        .route("/console/{*path}", get(below))
        .route("/wall", get(wall))
        .route("/app", get(|| async { Redirect::permanent("/app/") }))
        .route("/app/", get(phone))
        .route("/app/worker.js", get(phone_worker))
        .route("/app/manifest.webmanifest", get(phone_manifest))
}

/// A built file: its content and the hash of it.
fn built(name: &str) -> Option<(Bytes, String)> {
    let file = Built::get(name)?;
    let hash = hash_of(&file);
    let data = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Some((data, hash))
}

async fn page(headers: HeaderMap) -> Response {
    whole(PAGE, &headers)
}

async fn wall(headers: HeaderMap) -> Response {
    whole(WALL, &headers)
}

async fn phone(headers: HeaderMap) -> Response {
    whole_with(PHONE, &headers, &PHONE_MANNERS)
}

async fn phone_worker(headers: HeaderMap) -> Response {
    whole_with(WORKER, &headers, &PHONE_MANNERS)
}

async fn phone_manifest(headers: HeaderMap) -> Response {
    whole_with(MANIFEST, &headers, &PHONE_MANNERS)
}

fn whole(name: &str, headers: &HeaderMap) -> Response {
    whole_with(name, headers, &CONSOLE_MANNERS)
}

fn whole_with(name: &str, headers: &HeaderMap, manners: &Manners) -> Response {
    match built(name) {
        Some((data, hash)) => dressed((name, data, &hash), headers, manners),
        None => Problem::not_found().into_response(),
    }
}

async fn below(Path(path): Path<String>, headers: HeaderMap) -> Response {
    if let Some((data, hash)) = built(&path) {
        return answer(&path, data, &hash, &headers);
    }
    // A file that is gone is gone; everything else is an address of the console's own.
    let names_a_file = path.starts_with(HASHED) || path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if names_a_file {
        return Problem::not_found().into_response();
    }
    page(headers).await
}

fn answer(name: &str, data: Bytes, hash: &str, headers: &HeaderMap) -> Response {
    dressed((name, data, hash), headers, &CONSOLE_MANNERS)
}

fn dressed((name, data, hash): (&str, Bytes, &str), headers: &HeaderMap, manners: &Manners) -> Response {
    let kind = media_type(name);
    let keep = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|text| text.contains("gzip"));
    let packed = kind.starts_with("font/") || kind == "image/png";
    let zipped = takes_gzip && !packed;
    let body = if zipped { gzip_once(hash, &data) } else { data };
    let mut response = Body::from(body).into_response();
    let out = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, manners.policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::VARY, "Accept-Encoding"),
    ];
    for (name, value) in fixed {
        out.insert(name, HeaderValue::from_static(value));
    }
    out.insert(
        header::HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(manners.permissions),
    );
    if zipped {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    #[test]
    fn the_page_is_asked_for_each_time_and_runs_no_script_of_its_own_and_hashed_files_are_kept() {
        let page = answer(PAGE, Bytes::from_static(b"<!doctype html>"), "1", &HeaderMap::new());
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("a text");
        assert!(
            policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        let script = answer("assets/index-1a2b.js", Bytes::from_static(b"x"), "2", &HeaderMap::new());
        assert_eq!(
            script.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(script.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    }

    #[tokio::test]
    async fn the_wall_has_one_address_and_nothing_below_it() {
        let app: Router = routes();
        for (path, page) in [
            ("/console/", Some(PAGE)),
            ("/wall", Some(WALL)),
            ("/wall/", None),
            ("/app/", Some(PHONE)),
            ("/app/worker.js", Some(WORKER)),
            ("/app/other", None),
        ] {
            // A page is there once the console was built.
            let expected = if page.is_some_and(|name| built(name).is_some()) {
                StatusCode::OK
            } else {
                StatusCode::NOT_FOUND
            };
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let response = app.clone().oneshot(request).await.expect("an answer");
            assert_eq!(response.status(), expected, "{path}");
        }
    }

    #[test]
    fn the_phone_app_alone_may_use_the_camera_and_keeps_styles_out_of_its_page() {
        let no_headers = HeaderMap::new();
        let page = dressed(
            (PHONE, Bytes::from_static(b"<!doctype html>"), "1"),
            &no_headers,
            &PHONE_MANNERS,
        );
        assert_eq!(
            page.headers()["permissions-policy"],
            "camera=(self), geolocation=(), microphone=(), payment=()"
        );
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("a text");
        assert!(
            policy.contains("worker-src 'self'")
                && policy.contains("manifest-src 'self'")
                && !policy.contains("unsafe"),
            "{policy}"
        );
        let worker = dressed((WORKER, Bytes::from_static(b"1"), "2"), &no_headers, &PHONE_MANNERS);
        assert_eq!(
            worker.headers()[header::CACHE_CONTROL],
            "no-cache",
            "an old worker is replaced"
        );
        assert_eq!(worker.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let manifest = dressed((MANIFEST, Bytes::from_static(b"{}"), "3"), &no_headers, &PHONE_MANNERS);
        assert_eq!(manifest.headers()[header::CONTENT_TYPE], "application/manifest+json");
        let console = answer(PAGE, Bytes::from_static(b"<!doctype html>"), "1", &no_headers);
        let permissions = console.headers()["permissions-policy"].to_str().expect("a text");
        assert!(permissions.starts_with("camera=()"), "{permissions}");
    }

    #[tokio::test]
    async fn addresses_outside_the_built_folder_lead_nowhere() {
        let app: Router = routes();
        for path in [
            "/console/assets/none.js",
            "/console/..%2f..%2fCargo.toml",
            "/console/assets/..%2f..%2f..%2fCargo.toml",
            "/console/%2e%2e/package.json",
        ] {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let response = app.clone().oneshot(request).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
