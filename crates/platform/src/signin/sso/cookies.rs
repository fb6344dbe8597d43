//! The cookie that holds the way to a provider and back.

use axum::http::{HeaderMap, HeaderValue, header};

/// Its name.
pub(super) const COOKIE: &str = "qiao_sso";
/// Sealed it has some six hundred characters; what is longer is not looked at.
const CHARS_MAX: usize = 3_000;
/// Beyond what is sealed inside, the browser forgets it too.
const AGE_S: u32 = 600;

/// What a request's cookie holds.
pub(super) fn held(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter();
    let mut pairs = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, text)| text)
        .filter(|text| !text.is_empty() && text.len() <= CHARS_MAX)
}

/// Gives it. Only the interface sees it, scripts and other sites do not: the console's page hands in what the provider
/// sent, so that the cookie need not come along with the provider's own call.
pub(super) fn give(text: &str, base_url: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{COOKIE}={text}; Max-Age={AGE_S}; {}", attributes(base_url))).ok()
}

/// Takes it away.
pub(super) fn take(base_url: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{COOKIE}=; Max-Age=0; {}", attributes(base_url))).ok()
}

fn attributes(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") {
        "HttpOnly; SameSite=Strict; Path=/api/v1; Secure"
    } else {
        "HttpOnly; SameSite=Strict; Path=/api/v1"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_short_lived_and_closed_to_scripts_and_strangers() {
        let text = |value: Option<HeaderValue>| {
            value
                .and_then(|v| v.to_str().map(str::to_owned).ok())
                .expect("a header")
        };
        let given = text(give("abc", "https://give.example"));
        assert_eq!(
            given,
            "qiao_sso=abc; Max-Age=600; HttpOnly; SameSite=Strict; Path=/api/v1; Secure"
        );
        assert!(!text(give("abc", "http://127.0.0.1:8080")).contains("Secure"));
        assert!(text(take("https://give.example")).starts_with("qiao_sso=; Max-Age=0"));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("qiao_session=x; qiao_sso=abc"));
        assert_eq!(held(&headers), Some("abc"));
        let long = format!("qiao_sso={}", "a".repeat(CHARS_MAX + 1));
        headers.insert(header::COOKIE, HeaderValue::try_from(long).expect("a header"));
        assert_eq!(held(&headers), None);
    }
}
