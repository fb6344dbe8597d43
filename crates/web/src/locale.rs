//! The two languages: catalogues of flat keys with `{name}` places, and who is reading.

use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
    sync::{Arc, LazyLock, RwLock},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts},
};
use serde::{Serialize, Serializer};

use crate::assets;

/// The cookie and the query parameter that carry a choice of language.
pub const CHOICE: &str = "lang";

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// Simplified Chinese, the default.
    #[default]
    ZhHans,
    /// English.
    En,
}

type Words = HashMap<String, String>;

struct Catalogues {
    zh: Words,
    en: Words,
}

static CATALOGUES: LazyLock<RwLock<Arc<Catalogues>>> = LazyLock::new(|| RwLock::new(Arc::new(Catalogues::read())));

impl Catalogues {
    /// A catalogue that is not JSON shows itself as keys on every page and fails the tests of this file.
    fn read() -> Self {
        let words = |locale: Locale| {
            let text = assets::catalogue(locale.tag()).unwrap_or_default();
            serde_json::from_str(&text).unwrap_or_else(|error| {
                tracing::error!(%error, catalogue = locale.tag(), "the catalogue cannot be read");
                Words::new()
            })
        };
        Self {
            zh: words(Locale::ZhHans),
            en: words(Locale::En),
        }
    }
    fn of(&self, locale: Locale) -> &Words {
        match locale {
            Locale::ZhHans => &self.zh,
            Locale::En => &self.en,
        }
    }
}

fn catalogues() -> Arc<Catalogues> {
    CATALOGUES
        .read()
        .map_or_else(|poisoned| poisoned.into_inner().clone(), |kept| kept.clone())
}

/// Reads the catalogues again: development only, when a file has changed.
pub(crate) fn reload() {
    if let Ok(mut kept) = CATALOGUES.write() {
        *kept = Arc::new(Catalogues::read());
    }
}

impl Locale {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ZhHans, Self::En];

    /// The language tag, also the catalogue's file name.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::En => "en",
        }
    }
    /// The other one, for the switch on pages.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::ZhHans => Self::En,
            Self::En => Self::ZhHans,
        }
    }
    /// Reads `zh`, `zh-CN`, `zh-Hans`, `en`, `en-US`, …
    pub fn from_tag(tag: &str) -> Option<Self> {
        let main = tag.trim().split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
        match main.as_str() {
            "zh" => Some(Self::ZhHans),
            "en" => Some(Self::En),
            _ => None,
        }
    }
    /// Whether the catalogue has this key.
    pub fn knows(self, key: &str) -> bool {
        catalogues().of(self).contains_key(key)
    }
    /// The words under a key with their places filled; the Chinese ones, then the key itself, where they are missing.
    /// With an argument `count` of 1, `<key>.one` is taken where it exists.
    pub fn text(self, key: &str, args: &[(&str, String)]) -> String {
        let all = catalogues();
        let words = all.of(self);
        let single = args.iter().any(|(name, value)| *name == "count" && value == "1");
        let one = single.then(|| words.get(&format!("{key}.one"))).flatten();
        let pattern = one.or_else(|| words.get(key)).or_else(|| all.zh.get(key));
        pattern.map_or_else(|| key.to_owned(), |pattern| fill(pattern, args))
    }
    /// All keys, sorted.
    pub fn keys(self) -> BTreeSet<String> {
        catalogues().of(self).keys().cloned().collect()
    }
    /// All words under a prefix, for handing to a script or the console.
    pub fn under(self, prefix: &str) -> HashMap<String, String> {
        let all = catalogues();
        let words = all.of(self).iter().filter(|(key, _)| key.starts_with(prefix));
        words.map(|(key, text)| (key.clone(), text.clone())).collect()
    }
}

impl Serialize for Locale {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.tag())
    }
}

fn fill(pattern: &str, args: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = args.iter().find(|(arg, _)| *arg == name) {
            out.push_str(value);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Who reads a page: the language, whether it was just chosen, and the address for the language switch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reader {
    locale: Locale,
    chosen_now: bool,
    path: String,
}

impl Reader {
    /// A reader of this language at this path, for tests and previews.
    pub fn new(locale: Locale, path: &str) -> Self {
        Self {
            locale,
            path: path.to_owned(),
            ..Self::default()
        }
    }
    /// From the request: `?lang=`, then the cookie, then Accept-Language, then Chinese.
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let chosen = query_value(uri.query().unwrap_or(""), CHOICE).and_then(|tag| Locale::from_tag(&tag));
        let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
        let cookie = || cookie_value(text(header::COOKIE), CHOICE).and_then(Locale::from_tag);
        let accepted = || accepted(text(header::ACCEPT_LANGUAGE));
        Self {
            locale: chosen.or_else(cookie).or_else(accepted).unwrap_or_default(),
            chosen_now: chosen.is_some(),
            path: uri.path().to_owned(),
        }
    }
    /// The language.
    pub const fn locale(&self) -> Locale {
        self.locale
    }
    /// Whether the address itself named the language; then it is kept in a cookie.
    pub const fn chosen_now(&self) -> bool {
        self.chosen_now
    }
    /// The path of the page, without its query.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

fn query_value(query: &str, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn cookie_value<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, v)| v)
}

/// The language of ours with the highest weight; weights are read as thousandths.
fn accepted(header: &str) -> Option<Locale> {
    let weighted = header.split(',').filter_map(|part| {
        let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(1_000, thousandths);
        Locale::from_tag(tag)
            .filter(|_| weight > 0)
            .map(|locale| (weight, locale))
    });
    // The first of equals, as browsers list by preference.
    weighted
        .fold(None, |best: Option<(u32, Locale)>, next| match best {
            Some(kept) if kept.0 >= next.0 => Some(kept),
            _ => Some(next),
        })
        .map(|(_, locale)| locale)
}

fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().unwrap_or(0).min(1) * 1_000 + digits.parse::<u32>().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(uri: &str, headers: &[(header::HeaderName, &str)]) -> Reader {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().expect("a header")))
            .collect();
        Reader::of(&uri.parse().expect("a path"), &headers)
    }

    #[test]
    fn both_catalogues_have_the_same_keys_and_places() {
        let places = |text: &str| -> BTreeSet<String> {
            text.split('{')
                .skip(1)
                .filter_map(|p| p.split_once('}'))
                .map(|(name, _)| name.to_owned())
                .collect()
        };
        let (zh, en) = (Locale::ZhHans.under(""), Locale::En.under(""));
        assert!(zh.len() > 50, "the catalogue is read");
        for (key, text) in &zh {
            let other = en.get(key).unwrap_or_else(|| panic!("{key} has no English words"));
            assert_eq!(places(text), places(other), "{key}");
        }
        for key in en.keys().filter(|key| !key.ends_with(".one")) {
            assert!(zh.contains_key(key), "{key} has no Chinese words");
        }
    }

    #[test]
    fn the_address_beats_the_cookie_which_beats_the_browser() {
        let cookie = (header::COOKIE, "a=b; lang=en");
        let browser = (header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9");
        assert_eq!(
            reader("/x?lang=zh", std::slice::from_ref(&cookie)).locale(),
            Locale::ZhHans
        );
        assert_eq!(reader("/x", &[cookie, browser]).locale(), Locale::En);
        assert_eq!(
            reader("/x", &[(header::ACCEPT_LANGUAGE, "fr, en;q=0.5, zh;q=0.4")]).locale(),
            Locale::En
        );
        assert_eq!(
            reader("/x", &[(header::ACCEPT_LANGUAGE, "fr")]).locale(),
            Locale::ZhHans
        );
        assert_eq!(reader("/x?lang=tlh", &[]).locale(), Locale::ZhHans);
    }

    #[test]
    fn places_are_filled_and_a_lone_brace_does_no_harm() {
        let args = [("n", "3".to_owned())];
        assert_eq!(fill("{n} of {n}, {other}.", &args), "3 of 3, .");
        assert_eq!(fill("a { b", &args), "a { b");
    }
}
