//! Strict extractors: what a request says and nobody asked for is refused, with the field's name.

use std::net::{IpAddr, SocketAddr};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    locale::CHOICE,
    problem::{self, Problem},
};

/// The largest JSON body: far above any form of ours, far below what would hurt. Uploads have their own limits.
pub const JSON_BODY_MAX_BYTES: usize = 256 * 1024;
/// The longest query string.
const QUERY_MAX_BYTES: usize = 8 * 1024;

/// A JSON body (in) or answer (out). Unknown fields are refused by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        if !is_json(request.headers()) {
            return Err(Problem::new(problem::UNSUPPORTED_MEDIA));
        }
        let bytes = read_body(request.into_body(), JSON_BODY_MAX_BYTES).await?;
        from_json(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A query string of an API address. Unknown and repeated parameters are refused; `lang` is everyone's. (Public pages
/// take `axum::extract::Query` instead: chat apps append parameters of their own.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        from_query(parts.uri.query().unwrap_or("")).map(Self)
    }
}

/// Reads a JSON text strictly, for handlers that need the raw bytes first (signatures).
///
/// # Errors
/// `unknown-field` or `invalid`, with the path of the field.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut unknown = None;
    let mut track = serde_path_to_error::Track::new();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| {
        unknown.get_or_insert_with(|| path.to_string().replace(".?", ""));
    });
    let value: T = read.map_err(|error| {
        let path = track.path().to_string();
        let problem = Problem::new(problem::INVALID).arg("reason", reason(&error.to_string()));
        if path == "." { problem } else { problem.field(path) }
    })?;
    reader
        .end()
        .map_err(|_| Problem::new(problem::INVALID).arg("reason", "something follows the JSON value"))?;
    unknown.map_or(Ok(value), |field| Err(unknown_field(&field)))
}

fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let invalid = |reason: String| Problem::new(problem::INVALID).arg("reason", reason);
    if query.len() > QUERY_MAX_BYTES {
        return Err(invalid(format!("the query is longer than {QUERY_MAX_BYTES} bytes")));
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|e| invalid(e.to_string()))?;
    let own: Vec<_> = pairs
        .into_iter()
        .filter(|(name, value)| name != CHOICE && !value.is_empty())
        .collect();
    let again = serde_urlencoded::to_string(&own).map_err(|e| invalid(e.to_string()))?;
    let parser = serde_urlencoded::Deserializer::new(form_pairs(&again));
    let mut unknown = None;
    let mut track = serde_path_to_error::Track::new();
    let read = serde_ignored::deserialize(serde_path_to_error::Deserializer::new(parser, &mut track), |path| {
        unknown.get_or_insert_with(|| path.to_string().replace(".?", ""));
    });
    let value: T = read.map_err(|error| {
        let path = track.path().to_string();
        let problem = invalid(reason(&error.to_string()));
        if path == "." { problem } else { problem.field(path) }
    })?;
    unknown.map_or(Ok(value), |field| Err(unknown_field(&field)))
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

fn unknown_field(field: &str) -> Problem {
    Problem::new(problem::UNKNOWN_FIELD).field(field).arg("field", field)
}

/// Serde's message without the place in the text and without the value that stood there: it may be someone's name.
fn reason(message: &str) -> String {
    let short = message.split(" at line ").next().unwrap_or(message);
    match short.split_once("expected ") {
        Some((before, wanted)) if before.starts_with("invalid") => format!("expected {wanted}"),
        _ if short.starts_with("unknown variant") => short
            .split_once("expected ")
            .map_or("not one of the known words".into(), |(_, w)| format!("expected {w}")),
        _ => short.to_owned(),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Reads a whole body of at most `max_bytes`.
///
/// # Errors
/// `too-large`, or `invalid` when the client goes away in the middle.
pub async fn read_body(body: Body, max_bytes: usize) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, max_bytes).await.map_err(|error| {
        let over = std::error::Error::source(&error).is_some_and(|cause| cause.to_string().contains("limit"));
        if over {
            Problem::new(problem::TOO_LARGE).arg("limit", max_bytes)
        } else {
            Problem::new(problem::INVALID).arg("reason", "the body ended early")
        }
    })
}

/// Who is at the other end, for rate limits. With proxies of ours in front, the last address of `X-Forwarded-For` that
/// is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// The proxies whose `X-Forwarded-For` is believed; put it into the request's extensions.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub std::sync::Arc<[IpAddr]>);

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(client_ip(parts))
    }
}

/// The client's address; the unspecified one where the server did not tell (then all share one limit).
pub fn client_ip(parts: &Parts) -> ClientIp {
    if let Some(known) = parts.extensions.get::<ClientIp>() {
        return *known;
    }
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let Some(peer) = peer else {
        return ClientIp(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    };
    let trusted = parts.extensions.get::<TrustedProxies>().cloned().unwrap_or_default();
    if !trusted.0.contains(&peer) {
        return ClientIp(peer);
    }
    let forwarded = parts
        .headers
        .get("x-forwarded-for")
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let addresses = forwarded
        .rsplit(',')
        .filter_map(|text| text.trim().parse::<IpAddr>().ok());
    ClientIp(
        addresses
            .into_iter()
            .find(|address| !trusted.0.contains(address))
            .unwrap_or(peer),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Payer {
        name: Option<String>,
    }
    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Notice {
        amount_fen: i64,
        payer: Option<Payer>,
    }

    #[test]
    fn an_unknown_field_is_refused_by_its_path() {
        let problem = from_json::<Notice>(br#"{"amount_fen":1,"payer":{"nmae":"x"}}"#).expect_err("unknown");
        let body = problem.body(Locale::En);
        assert_eq!(body.r#type, "/problems/unknown-field");
        assert_eq!(body.field.as_deref(), Some("payer.nmae"));
    }

    #[test]
    fn a_wrong_value_names_its_field_and_never_repeats_the_value() {
        let problem = from_json::<Notice>(br#"{"amount_fen":"ZhangSan"}"#).expect_err("not a number");
        let body = problem.body(Locale::En);
        assert_eq!(body.field.as_deref(), Some("amount_fen"));
        assert!(!body.detail.contains("ZhangSan"), "{}", body.detail);
        assert!(from_json::<Notice>(br#"{"amount_fen":1} x"#).is_err());
    }

    #[tokio::test]
    async fn a_body_above_the_limit_is_refused_unread() {
        let body = Body::from(vec![b' '; JSON_BODY_MAX_BYTES + 1]);
        let request = Request::post("/")
            .header("content-type", "application/json")
            .body(body)
            .expect("a request");
        let refused = Json::<Notice>::from_request(request, &()).await.expect_err("too large");
        assert_eq!(refused.kind(), problem::TOO_LARGE);
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Filter {
        limit: Option<u16>,
        state: Option<String>,
    }

    #[test]
    fn a_query_is_strict_but_lets_the_language_pass() {
        assert_eq!(from_query::<Filter>("limit=3&lang=en").expect("fine").limit, Some(3));
        assert_eq!(from_query::<Filter>("limit=&state=open").expect("fine").limit, None);
        let body = from_query::<Filter>("limt=3").expect_err("unknown").body(Locale::En);
        assert_eq!(body.field.as_deref(), Some("limt"));
        assert!(from_query::<Filter>("limit=x").is_err());
        assert!(from_query::<Filter>("limit=1&limit=2").is_err());
    }

    #[test]
    fn a_forwarded_address_counts_only_from_our_own_proxy() {
        let parts = |trusted: &[&str]| {
            let request = Request::get("/").header("x-forwarded-for", "9.9.9.9, 203.0.113.7, 10.0.0.1");
            let (mut parts, ()) = request.body(()).expect("a request").into_parts();
            parts
                .extensions
                .insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 2], 5))));
            let proxies = trusted.iter().map(|ip| ip.parse().expect("an address")).collect();
            parts.extensions.insert(TrustedProxies(proxies));
            client_ip(&parts).0.to_string()
        };
        assert_eq!(parts(&[]), "10.0.0.2");
        assert_eq!(parts(&["10.0.0.2", "10.0.0.1"]), "203.0.113.7");
    }
}
