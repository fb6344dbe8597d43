//! Problems: every refusal and failure that leaves the house, as `application/problem+json` (RFC 9457).
//!
//! A context lists its kinds as constants (a slug and a status), its error enum's
//! `problem()` builds a [`Problem`] from one, and the words come from the catalogues under `problem.<slug>.title` and
//! `problem.<slug>.detail`, in the reader's language. The layer [`speak`] knows the reader; without it the words are
//! Chinese.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    locale::{Locale, Reader},
    pages::Pages,
};

/// The address space of problem types; stable, listed in docs/errors.md.
const TYPE_PREFIX: &str = "/problems/";
/// The media type of RFC 9457.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A kind of problem: its stable slug and its status. The words stand in the catalogues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Stable name, the end of `type`.
    pub slug: &'static str,
    /// HTTP status, 400 to 599.
    pub status: u16,
}

impl Kind {
    /// A kind with this slug and status.
    pub const fn new(slug: &'static str, status: u16) -> Self {
        Self { slug, status }
    }
}

/// The request is not what this address takes.
pub const INVALID: Kind = Kind::new("invalid", 400);
/// A field nobody asked for.
pub const UNKNOWN_FIELD: Kind = Kind::new("unknown-field", 400);
/// No token or session, or not a valid one.
pub const UNAUTHENTICATED: Kind = Kind::new("unauthenticated", 401);
/// Known, but not allowed.
pub const FORBIDDEN: Kind = Kind::new("forbidden", 403);
/// Nothing here.
pub const NOT_FOUND: Kind = Kind::new("not-found", 404);
/// This address does not take this method.
pub const METHOD_NOT_ALLOWED: Kind = Kind::new("method-not-allowed", 405);
/// It clashes with what is already there.
pub const CONFLICT: Kind = Kind::new("conflict", 409);
/// Was here; its personal data was erased on request.
pub const ERASED: Kind = Kind::new("erased", 410);
/// The body is larger than this address reads.
pub const TOO_LARGE: Kind = Kind::new("too-large", 413);
/// Not `application/json`.
pub const UNSUPPORTED_MEDIA: Kind = Kind::new("unsupported-media-type", 415);
/// Asked too often.
pub const TOO_MANY: Kind = Kind::new("too-many-requests", 429);
/// Our fault; nothing was changed.
pub const INTERNAL: Kind = Kind::new("internal", 500);
/// Full or starting; try again.
pub const UNAVAILABLE: Kind = Kind::new("unavailable", 503);

/// The kinds of this crate, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    INVALID,
    UNKNOWN_FIELD,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    ERASED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA,
    TOO_MANY,
    INTERNAL,
    UNAVAILABLE,
];

/// One problem on its way out. Arguments fill the `{name}` places of the catalogue's words: never personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    field: Option<String>,
    args: Vec<(&'static str, String)>,
    retry_after_s: Option<u32>,
}

/// The JSON of a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// Stable type, `/problems/<slug>`.
    pub r#type: String,
    /// What happened, in a few words.
    pub title: String,
    /// What was kept and what to do next.
    pub detail: String,
    /// HTTP status.
    pub status: u16,
    /// The field at fault, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before trying again, where that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            field: None,
            args: Vec::new(),
            retry_after_s: None,
        }
    }
    /// 404.
    pub fn not_found() -> Self {
        Self::new(NOT_FOUND)
    }
    /// 400 for one field, with the reason in English words for developers.
    pub fn invalid(field: &str, reason: impl ToString) -> Self {
        Self::new(INVALID).field(field).arg("reason", reason)
    }
    /// 401.
    pub fn unauthenticated() -> Self {
        Self::new(UNAUTHENTICATED)
    }
    /// 403.
    pub fn forbidden() -> Self {
        Self::new(FORBIDDEN)
    }
    /// 410: erased on request.
    pub fn erased() -> Self {
        Self::new(ERASED)
    }
    /// 500. Log the cause where it was met: the outside learns nothing of it.
    pub fn internal() -> Self {
        Self::new(INTERNAL)
    }
    /// 429 with the seconds to wait.
    pub fn too_many(retry_after_s: u32) -> Self {
        Self::new(TOO_MANY).retry_after_s(retry_after_s)
    }
    /// 503 with the seconds to wait.
    pub fn unavailable(retry_after_s: u32) -> Self {
        Self::new(UNAVAILABLE).retry_after_s(retry_after_s)
    }
    /// Names the field at fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
    /// Fills `{name}` in the words.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
    /// Seconds to wait; sent as `Retry-After` too.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
    /// The kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }
    /// The status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    /// What fills the places of its words.
    pub fn args(&self) -> &[(&'static str, String)] {
        &self.args
    }
    /// Seconds to wait, where that helps.
    pub const fn wait_s(&self) -> Option<u32> {
        self.retry_after_s
    }
    /// The body in this language.
    pub fn body(&self, locale: Locale) -> Body {
        let words = |part: &str| locale.text(&format!("problem.{}.{part}", self.kind.slug), &self.args);
        Body {
            r#type: format!("{TYPE_PREFIX}{}", self.kind.slug),
            title: words("title"),
            detail: words("detail"),
            status: self.kind.status,
            field: self.field.clone(),
            retry_after: self.retry_after_s,
        }
    }
    /// The response in this language. It carries the problem as an extension, so that a layer can say it again in
    /// another language or as a page.
    pub fn respond(self, locale: Locale) -> Response {
        let mut response = (self.status(), Json(self.body(locale))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag()));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == UNAUTHENTICATED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.respond(Locale::default())
    }
}

/// Layer for the whole router: says each problem in the reader's language, as a page to browsers and as JSON to
/// everything else. Install with `axum::middleware::from_fn_with_state(pages, problem::speak)`. What the router itself
/// refuses in words of its own, an address that is no text and a method that is not taken, becomes a problem too.
pub async fn speak(State(pages): State<std::sync::Arc<Pages>>, request: Request, next: Next) -> Response {
    let reader = Reader::of(request.uri(), request.headers());
    let wants_page = prefers_html(&request);
    let mut response = if is_text(request.uri().path()) {
        next.run(request).await
    } else {
        Problem::not_found().into_response()
    };
    let refused = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let problem = response.extensions_mut().remove::<Problem>();
    let problem = problem.or_else(|| refused.then(|| Problem::new(METHOD_NOT_ALLOWED)));
    if let Some(problem) = problem {
        let allowed = response.headers_mut().remove(header::ALLOW);
        // What the browser is to keep or to forget belongs to the answer, in whatever language.
        let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        response = if wants_page {
            pages.problem(&reader, &problem)
        } else {
            problem.respond(reader.locale())
        };
        let headers = response.headers_mut();
        headers.extend(allowed.map(|methods| (header::ALLOW, methods)));
        for cookie in cookies {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    // Also JSON, CSV and the files of the log: no browser guesses that they are a page.
    let headers = response.headers_mut();
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    response
}

/// Whether an address is UTF-8 once its `%` signs are read.
fn is_text(path: &str) -> bool {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let escaped = escaped.and_then(|two| data_encoding::HEXLOWER_PERMISSIVE.decode(two).ok());
        rest = if escaped.is_some() { &after[2..] } else { after };
        bytes.push(escaped.map_or(*first, |one| one[0]));
    }
    std::str::from_utf8(&bytes).is_ok()
}

/// Browsers name `text/html`; scripts that say nothing, or `*/*`, or JSON get JSON. `/api/` never answers in HTML.
fn prefers_html(request: &Request) -> bool {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    accept.contains("text/html") && !request.uri().path().starts_with("/api/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_slug_and_words_in_both_languages() {
        for (at, kind) in KINDS.iter().enumerate() {
            assert!(
                KINDS[at + 1..].iter().all(|other| other.slug != kind.slug),
                "{}",
                kind.slug
            );
            for locale in Locale::ALL {
                for part in ["title", "detail"] {
                    assert!(
                        locale.knows(&format!("problem.{}.{part}", kind.slug)),
                        "{} {part}",
                        kind.slug
                    );
                }
            }
        }
    }

    #[test]
    fn a_problem_speaks_the_readers_language_and_names_the_field() {
        let problem = Problem::invalid("amount_fen", "must be above zero");
        let zh = problem.body(Locale::ZhHans);
        let en = problem.body(Locale::En);
        assert_eq!(zh.r#type, "/problems/invalid");
        assert_eq!(zh.field.as_deref(), Some("amount_fen"));
        assert_ne!(zh.title, en.title);
        assert!(en.detail.contains("must be above zero"), "{}", en.detail);
    }

    #[test]
    fn an_address_is_text_or_leads_nowhere() {
        for text in ["/", "/api/v1/gifts", "/c/%E5%96%84", "/100%", "/%zz%2", "/善"] {
            assert!(is_text(text), "{text}");
        }
        for bytes in ["/%FF", "/c/%e5%96", "/%C3%28/x"] {
            assert!(!is_text(bytes), "{bytes}");
        }
    }

    #[tokio::test]
    async fn a_cookie_that_comes_with_a_problem_is_given_in_every_language() {
        use tower::ServiceExt as _;

        async fn refused() -> Response {
            let mut response = Problem::not_found().into_response();
            let cookie = HeaderValue::from_static("held=1; HttpOnly");
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        let speaking = axum::middleware::from_fn_with_state(std::sync::Arc::new(Pages::new()), speak);
        let router = axum::Router::new()
            .route("/api/v1/way", axum::routing::get(refused))
            .layer(speaking);
        let request = axum::http::Request::get("/api/v1/way").header(header::ACCEPT_LANGUAGE, "en");
        let request = request.body(axum::body::Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(response.headers()[header::CONTENT_LANGUAGE], "en");
        assert_eq!(response.headers()[header::SET_COOKIE], "held=1; HttpOnly");
    }

    #[test]
    fn a_full_house_says_when_to_come_back() {
        let response = Problem::unavailable(3).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "3");
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
    }
}
