//! The session's cookie and the header against forged requests.

use axum::http::{HeaderMap, HeaderValue, header};

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "qiao_session";
/// The header that shows a request comes from a page of ours.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// A session's secret is 43 characters; what is longer is not looked at.
const SECRET_CHARS_MAX: usize = 64;

/// The secret in a request's cookie.
pub fn session(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter();
    let pairs = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map(|(_, secret)| secret)
        .filter(|secret| !secret.is_empty() && secret.len() <= SECRET_CHARS_MAX)
}

/// Gives the browser a session. It forgets it when it is closed; scripts cannot read it; other sites cannot send it.
pub fn set(secret: &str, base_url: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{SESSION_COOKIE}={secret}; {}", attributes(base_url))).ok()
}

/// Takes the session away.
pub fn clear(base_url: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{SESSION_COOKIE}=; Max-Age=0; {}", attributes(base_url))).ok()
}

fn attributes(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") {
        "HttpOnly; SameSite=Strict; Path=/; Secure"
    } else {
        "HttpOnly; SameSite=Strict; Path=/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_is_closed_to_scripts_and_strangers() {
        let mut headers = HeaderMap::new();
        assert_eq!(session(&headers), None);
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("lang=en; qiao_session=abc; x=y"),
        );
        assert_eq!(session(&headers), Some("abc"));
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("not_qiao_session=abc; qiao_session="),
        );
        assert_eq!(session(&headers), None);
        let text = |value: Option<HeaderValue>| {
            value
                .and_then(|v| v.to_str().map(str::to_owned).ok())
                .expect("a header")
        };
        assert_eq!(
            text(set("abc", "https://give.example")),
            "qiao_session=abc; HttpOnly; SameSite=Strict; Path=/; Secure"
        );
        assert!(!text(set("abc", "http://127.0.0.1:8080")).contains("Secure"));
        assert!(text(clear("https://give.example")).starts_with("qiao_session=; Max-Age=0; HttpOnly"));
    }
}
