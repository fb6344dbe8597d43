//! Pages: typed contexts, templates, and the headers every page carries.
//!
//! A page is a struct that implements [`Page`]; its template sees it as `page`, with `lang`, `other_lang`, `path`,
//! `t(key, name=value…)` and the filters `money`, `money_text`, `number`, `permille`, `day`, `clock`, `when`,
//! `moment`.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{BusinessDay, Fen, Instant};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, context, escape_formatter,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde, Value},
};
use serde::Serialize;

use crate::{
    assets,
    color::Brand,
    format,
    locale::{self, Locale, Reader},
    problem::Problem,
};

/// A page: what its template needs, and samples that a test renders in both languages.
pub trait Page: Serialize {
    /// The template's name under templates/pages.
    const TEMPLATE: &'static str;
    /// Made-up contexts for every state the page can be in: full, empty, long names, ended.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
    /// The status it is answered with.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }
    /// Seconds a shared cache may keep it; 0 for pages that concern one gift.
    fn cache_s(&self) -> u32 {
        0
    }
    /// An origin outside, to which a form of this page may be sent: a payment provider's. By default none.
    fn forms_to(&self) -> Option<String> {
        None
    }
    /// An origin outside, whose player a frame of this page may hold. By default none.
    fn frames_from(&self) -> Option<String> {
        None
    }
    /// An origin outside, whose video this page may play itself. By default none.
    fn media_from(&self) -> Option<String> {
        None
    }
    /// The society it stands under; where absent the installation's own.
    fn masthead(&self) -> Option<&Masthead> {
        None
    }
}

/// The origins outside that a page has to do with; its headers refuse all others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outside {
    forms_to: Option<String>,
    frames_from: Option<String>,
    media_from: Option<String>,
}

/// The society as the head and foot of a page show it: what CL art. 25 wants prominent (name, certificate, contact, how
/// to query).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Masthead {
    /// Full legal name.
    pub name: String,
    /// Number of the public-fundraising certificate, where it has one.
    pub certificate_no: Option<String>,
    /// The last day of that certificate.
    pub certificate_valid_to: Option<BusinessDay>,
    /// The telephone donors may call.
    pub phone: Option<String>,
    /// How else to reach it, in its own words.
    pub contact: Option<String>,
    /// The office's address.
    pub address: Option<String>,
    /// Its own colours.
    pub brand: Brand,
    /// Its own mark, an address under this server; the bridge where absent.
    pub logo: Option<String>,
}

/// The templates of the house. Cheap to share; make one.
pub struct Pages {
    environment: RwLock<Environment<'static>>,
    seen: AtomicU64,
    masthead: RwLock<Arc<Masthead>>,
}

/// A page as it goes over the wire, without what concerns one reader. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Made {
    html: bytes::Bytes,
    brand_css: String,
    status: StatusCode,
    cache_s: u32,
    outside: Outside,
}

/// The error page's context, rendered by [`Pages::problem`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ProblemPage {
    slug: &'static str,
    status: u16,
    title: String,
    detail: String,
    retry_after: Option<u32>,
}

/// The template of every error page.
const PROBLEM_TEMPLATE: &str = "error.html";
/// A year, for the cookie that keeps a choice of language.
const CHOICE_KEPT_S: u32 = 31_536_000;

impl Default for Pages {
    fn default() -> Self {
        Self::new()
    }
}

impl Pages {
    /// All templates, not yet compiled.
    pub fn new() -> Self {
        Self {
            environment: RwLock::new(environment()),
            seen: AtomicU64::new(assets::fingerprint()),
            masthead: RwLock::default(),
        }
    }

    /// Sets the society that pages without one of their own stand under.
    pub fn set_masthead(&self, masthead: Masthead) {
        if let Ok(mut kept) = self.masthead.write() {
            *kept = Arc::new(masthead);
        }
    }

    /// The society that pages without one of their own stand under.
    pub fn masthead(&self) -> Arc<Masthead> {
        self.masthead
            .read()
            .map_or_else(|poisoned| poisoned.into_inner().clone(), |kept| kept.clone())
    }

    /// The page as a response, with its status and headers. A template that fails is logged and answered as 500.
    pub fn render<P: Page>(&self, reader: &Reader, page: &P) -> Response {
        match self.make(reader, page) {
            Ok(made) => self.send(reader, &made),
            Err(problem) => self.problem(reader, &problem),
        }
    }

    /// A page in the reader's language, written once to be sent to many.
    ///
    /// # Errors
    /// `internal` for a template that fails, which is logged here.
    pub fn make<P: Page>(&self, reader: &Reader, page: &P) -> Result<Made, Problem> {
        let own = page.masthead().cloned().map(Arc::new);
        let masthead = own.unwrap_or_else(|| self.masthead());
        let html = self.html(P::TEMPLATE, reader, &masthead, page).map_err(|error| {
            tracing::error!(template = P::TEMPLATE, error = ?error, "a page could not be rendered");
            Problem::internal()
        })?;
        let brand_css = masthead.brand.css();
        Ok(Made {
            html: html.into(),
            brand_css,
            status: page.status(),
            cache_s: page.cache_s(),
            outside: Outside {
                forms_to: page.forms_to(),
                frames_from: page.frames_from(),
                media_from: page.media_from(),
            },
        })
    }

    /// Sends a page that was made for a reader of the same language.
    pub fn send(&self, reader: &Reader, made: &Made) -> Response {
        let mut response = self.respond(
            reader,
            &made.brand_css,
            made.status,
            made.cache_s,
            Body::from(made.html.clone()),
        );
        if made.outside != Outside::default() {
            secure(response.headers_mut(), &made.brand_css, &made.outside);
        }
        response
    }

    /// A problem as a page, in the reader's language.
    pub fn problem(&self, reader: &Reader, problem: &Problem) -> Response {
        let body = problem.body(reader.locale());
        let page = ProblemPage {
            slug: problem.kind().slug,
            status: body.status,
            title: body.title,
            detail: body.detail,
            retry_after: body.retry_after,
        };
        let masthead = self.masthead();
        let mut response = match self.html(PROBLEM_TEMPLATE, reader, &masthead, &page) {
            Ok(html) => self.respond(reader, &masthead.brand.css(), problem.status(), 0, html.into()),
            Err(error) => {
                tracing::error!(error = ?error, "the error page could not be rendered");
                problem.clone().respond(reader.locale())
            }
        };
        if let Some(seconds) = problem.wait_s() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// The page as text.
    ///
    /// # Errors
    /// A template that is missing, wrong, or names something its context does not have.
    pub fn html(
        &self,
        template: &str,
        reader: &Reader,
        masthead: &Masthead,
        page: &impl Serialize,
    ) -> Result<String, Error> {
        self.refresh();
        let environment = self.environment.read().map_err(|_| poisoned())?;
        let locale = reader.locale();
        environment.get_template(template)?.render(context! {
            page => Serde(page),
            masthead => Serde(masthead),
            brand_css => Value::from_safe_string(masthead.brand.css()),
            lang => locale.tag(),
            other_lang => locale.other().tag(),
            path => reader.path(),
        })
    }

    /// Development only: a changed file empties the compiled templates and reads the catalogues again.
    fn refresh(&self) {
        let now = assets::fingerprint();
        if self.seen.swap(now, Ordering::Relaxed) != now {
            if let Ok(mut environment) = self.environment.write() {
                *environment = self::environment();
            }
            locale::reload();
        }
    }

    fn respond(&self, reader: &Reader, brand_css: &str, status: StatusCode, cache_s: u32, html: Body) -> Response {
        let mut response = (status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(reader.locale().tag()),
        );
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
        secure(headers, brand_css, &Outside::default());
        let caching = if cache_s == 0 {
            "no-store".to_owned()
        } else {
            format!("public, max-age={cache_s}")
        };
        insert(headers, header::CACHE_CONTROL, &caching);
        if reader.chosen_now() {
            let tag = reader.locale().tag();
            let cookie = format!(
                "{}={tag}; Path=/; Max-Age={CHOICE_KEPT_S}; SameSite=Lax",
                locale::CHOICE
            );
            insert(headers, header::SET_COOKIE, &cookie);
            // A cookie for one reader must not be kept for others.
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }
}

/// Nothing from elsewhere but the origins that the page names, no script or style in the page but the hashed colours, no
/// frames but a player it names, no referrer that could carry a certificate's address away.
fn secure(headers: &mut HeaderMap, inline_css: &str, outside: &Outside) {
    let style = if inline_css.is_empty() {
        "'self'".to_owned()
    } else {
        let digest = ring::digest::digest(&ring::digest::SHA256, inline_css.as_bytes());
        format!("'self' 'sha256-{}'", data_encoding::BASE64.encode(digest.as_ref()))
    };
    let forms_to = outside.forms_to.as_deref().unwrap_or_default();
    let from =
        |word: &str, origin: Option<&str>| origin.map_or_else(String::new, |origin| format!(" {word} {origin};"));
    let frames = from("frame-src", outside.frames_from.as_deref());
    let media = from("media-src", outside.media_from.as_deref());
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; connect-src 'self';{frames}{media} \
         font-src 'self'; manifest-src 'self'; form-action 'self' {forms_to}; base-uri 'none'; frame-ancestors 'none'"
    );
    insert(headers, header::CONTENT_SECURITY_POLICY, &policy.replace(" ;", ";"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let features = HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=()");
    headers.insert(header::HeaderName::from_static("permissions-policy"), features);
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn poisoned() -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        "a thread died while the templates were being read again",
    )
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(|name| Ok(assets::template(name)));
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(plain_slashes);
    // A name the context does not have is a mistake in the template, never an empty place on a public page.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    let statics: Arc<HashMap<String, String>> = assets::addresses();
    environment.add_function("static", move |name: &str| {
        let missing = || Error::new(ErrorKind::InvalidOperation, format!("no static file {name}"));
        statics.get(name).cloned().ok_or_else(missing)
    });
    environment.add_function("t", translate);
    environment.add_filter("money", |state: &State<'_, '_>, fen: i64| {
        Value::from_safe_string(format::money_html(lang(state), Fen::new(fen)))
    });
    environment.add_filter("money_text", |state: &State<'_, '_>, fen: i64| {
        format::money(lang(state), Fen::new(fen))
    });
    environment.add_filter("number", format::number);
    environment.add_filter("permille", format::permille);
    environment.add_filter("day", |state: &State<'_, '_>, day: &str| {
        BusinessDay::parse(day)
            .map(|day| format::day(lang(state), day))
            .map_err(not_a_time)
    });
    environment.add_filter("moment", |state: &State<'_, '_>, at: &str| {
        Instant::parse_rfc3339(at)
            .map(|at| format::moment(lang(state), at))
            .map_err(not_a_time)
    });
    environment.add_filter("when", |at: &str, now: &str| {
        let read = |text| Instant::parse_rfc3339(text).map_err(not_a_time);
        Ok::<_, Error>(format::when(read(at)?, read(now)?))
    });
    environment.add_filter("clock", |at: &str| {
        Instant::parse_rfc3339(at).map(format::clock).map_err(not_a_time)
    });
    environment
}

/// Escapes as minijinja does, but for the slash, which is harmless in text and in quoted attributes: addresses stay
/// readable to people and programs.
fn plain_slashes(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let text = value
        .as_str()
        .filter(|_| !value.is_safe() && matches!(state.auto_escape(), AutoEscape::Html));
    let Some(mut rest) = text else {
        return escape_formatter(out, state, value);
    };
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    Ok(out.write_str(rest)?)
}

fn not_a_time(error: kernel::clock::TimeError) -> Error {
    Error::new(ErrorKind::InvalidOperation, error.to_string())
}

fn lang(state: &State<'_, '_>) -> Locale {
    let tag = state.lookup("lang");
    tag.as_ref()
        .and_then(Value::as_str)
        .and_then(Locale::from_tag)
        .unwrap_or_default()
}

/// `t("campaign.gifts", count=page.live.gifts)`: numbers are grouped; a missing key is an error, so that a test sees it.
fn translate(state: &State<'_, '_>, key: &str, words: Kwargs) -> Result<String, Error> {
    let locale = lang(state);
    if !locale.knows(key) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("the catalogue {} lacks {key}", locale.tag()),
        ));
    }
    let names: Vec<String> = words.args().map(str::to_owned).collect();
    let mut args = Vec::with_capacity(names.len());
    for name in &names {
        let value: Value = words.get(name)?;
        let text = value.as_i64().map_or_else(|| value.to_string(), format::number);
        args.push((name.as_str(), text));
    }
    Ok(locale.text(key, &args))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;

    #[test]
    fn a_problem_page_speaks_both_languages_and_keeps_its_status() {
        let pages = Pages::new();
        for locale in Locale::ALL {
            let response = pages.problem(&Reader::new(locale, "/nowhere"), &Problem::not_found());
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            assert_eq!(response.headers()[header::CONTENT_LANGUAGE], locale.tag());
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("ascii");
            assert!(!policy.contains("unsafe"), "{policy}");
        }
    }

    #[test]
    fn own_colours_are_allowed_by_their_hash_alone() {
        let pages = Pages::new();
        let brand = Brand {
            brand: Color::parse("#0B5FA5").ok(),
            ..Brand::default()
        };
        pages.set_masthead(Masthead {
            name: "示范市红十字会".into(),
            brand,
            ..Masthead::default()
        });
        let response = pages.problem(&Reader::default(), &Problem::not_found());
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ascii");
        assert!(policy.contains("style-src 'self' 'sha256-"), "{policy}");
    }

    #[test]
    fn only_the_origin_that_a_page_names_may_show_its_video() {
        let policy = |outside: &Outside| {
            let mut headers = HeaderMap::new();
            secure(&mut headers, "", outside);
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("ascii");
            policy.to_owned()
        };
        let plain = policy(&Outside::default());
        assert!(!plain.contains("frame-src") && !plain.contains("media-src"), "{plain}");
        let framed = policy(&Outside {
            frames_from: Some("https://live.example.org".into()),
            ..Outside::default()
        });
        assert!(framed.contains("; frame-src https://live.example.org;"), "{framed}");
        assert!(!framed.contains("media-src"), "{framed}");
        let played = policy(&Outside {
            media_from: Some("https://video.example.org".into()),
            ..Outside::default()
        });
        assert!(played.contains("; media-src https://video.example.org;"), "{played}");
    }

    #[test]
    fn markup_in_a_name_is_shown_and_not_obeyed() {
        let pages = Pages::new();
        let masthead = Masthead {
            name: "<script>x</script> & \"a/b\"".into(),
            ..Masthead::default()
        };
        let page = ProblemPage {
            slug: "not-found",
            status: 404,
            title: "a".into(),
            detail: "b".into(),
            retry_after: None,
        };
        let html = pages
            .html(PROBLEM_TEMPLATE, &Reader::default(), &masthead, &page)
            .expect("renders");
        assert!(
            html.contains("&lt;script&gt;x&lt;/script&gt; &amp; &quot;a/b&quot;"),
            "escaped"
        );
        assert!(!html.contains("<script>x"), "not obeyed");
    }
}
