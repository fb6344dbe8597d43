//! Every page × every sample × both languages, as the browser would get it.

use std::collections::BTreeSet;

use web::{Locale, Masthead, Page, Pages, Problem, Reader, problem};

use super::*;

/// Tags that have no end.
const VOID: &[&str] = &["meta", "link", "img", "input", "path", "circle", "br"];

fn rendered<P: Page>() -> Vec<(String, String)> {
    let pages = Pages::new();
    let mut all = Vec::new();
    for locale in Locale::ALL {
        for (at, page) in P::samples().iter().enumerate() {
            let name = format!("{} sample {at} {}", P::TEMPLATE, locale.tag());
            let masthead = page.masthead().cloned().unwrap_or_default();
            let html = pages.html(P::TEMPLATE, &Reader::new(locale, "/x"), &masthead, page);
            all.push((name.clone(), html.unwrap_or_else(|error| panic!("{name}: {error:?}"))));
        }
    }
    all
}

fn all_pages() -> Vec<(String, String)> {
    let mut all = rendered::<HomePage>();
    all.extend(rendered::<CampaignPage>());
    all.extend(rendered::<ProjectPage>());
    all.extend(rendered::<LookupPage>());
    all.extend(rendered::<CertificatePage>());
    all.extend(rendered::<TeamPage>());
    all.extend(rendered::<BoardPage>());
    all.extend(rendered::<log::LogPage>());
    all.extend(rendered::<log::EntryPage>());
    all.extend(rendered::<CoveragePage>());
    all.extend(rendered::<trail::TrailPage>());
    all.extend(rendered::<GoodsPage>());
    all.extend(rendered::<appraisal::AppraisalPage>());
    all.extend(rendered::<parcel::BoxPage>());
    all.extend(rendered::<donor::give::GivePage>());
    all.extend(rendered::<donor::order::OrderPage>());
    all.extend(rendered::<donor::my::MyPage>());
    all.extend(rendered::<donor::start::StartPage>());
    all.extend(rendered::<donor::monthly::form::MonthlyPage>());
    all.extend(rendered::<donor::monthly::mine::MandatesPage>());
    all.extend(rendered::<donor::monthly::month::MonthPage>());
    all.extend(rendered::<donor::monthly::month::ProgressPage>());
    all.extend(rendered::<fund::FundPage>());
    all.extend(rendered::<pool::PoolPage>());
    all.extend(rendered::<pool::PoolsPage>());
    all.extend(rendered::<notices::NoticesPage>());
    all.extend(rendered::<notices::NoticePage>());
    all
}

#[test]
fn every_page_is_whole_in_both_languages() {
    for (name, html) in all_pages() {
        assert!(
            !html.contains("{{") && !html.contains("{%"),
            "{name} shows template code"
        );
        assert!(html.contains("<h1"), "{name} has a title");
        well_formed(&name, &html);
        no_inline_code(&name, &html);
        unique_ids(&name, &html);
    }
}

#[test]
fn english_pages_speak_english_but_for_names() {
    // Words of the catalogue, not names of the samples: every Chinese catalogue text must be absent in English pages.
    let chinese: Vec<String> = Locale::ZhHans
        .under("")
        .into_iter()
        .filter(|(key, _)| !key.starts_with("nav."))
        .map(|(_, v)| v)
        .collect();
    for (name, html) in all_pages().into_iter().filter(|(name, _)| name.ends_with(" en")) {
        for words in chinese
            .iter()
            .filter(|words| words.chars().count() > 5 && !words.contains('{'))
        {
            assert!(!html.contains(words.as_str()), "{name} says {words}");
        }
    }
}

#[test]
fn what_the_law_wants_prominent_is_on_every_campaign() {
    // CL art. 25: name, certificate, filed plan, contact, how to query.
    for (name, html) in rendered::<CampaignPage>() {
        for wanted in [
            "示范市红十字会",
            "53370000MJE0000000",
            "53370000MJE0000000A26001",
            "0539-0000000",
            "/lookup",
        ] {
            assert!(html.contains(wanted), "{name} lacks {wanted}");
        }
    }
}

#[test]
fn problems_are_pages_in_both_languages() {
    let pages = Pages::new();
    for locale in Locale::ALL {
        for kind in problem::KINDS {
            let reader = Reader::new(locale, "/x");
            let response = pages.problem(&reader, &Problem::new(*kind).retry_after_s(5));
            assert_eq!(response.status().as_u16(), kind.status);
            assert_eq!(
                response.headers()["content-type"],
                "text/html; charset=utf-8",
                "{}",
                kind.slug
            );
        }
    }
    let _ = Masthead::default();
}

#[test]
fn lists_of_gifts_carry_no_address_of_a_certificate() {
    for (name, html) in rendered::<HomePage>().into_iter().chain(rendered::<CampaignPage>()) {
        assert!(!html.contains("/v/"), "{name} leads to someone's certificate");
    }
}

#[test]
fn the_log_has_a_word_for_every_state_of_goods() {
    for state in relief::stock::LotState::ALL {
        let word = serde_json::json!(state);
        let known = serde_json::from_value::<proof::log::leaf::Stands>(word.clone());
        assert!(known.is_ok(), "{word} would be left out of the public log");
    }
}

/// Tags open and close in order: enough to catch a forgotten end tag in a branch of a template.
fn well_formed(name: &str, html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let Some(end) = rest.find('>') else {
            panic!("{name}: a tag without end")
        };
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if tag.starts_with('!') {
            continue;
        }
        if let Some(closing) = tag.strip_prefix('/') {
            assert_eq!(
                open.pop(),
                Some(closing.trim()),
                "{name}: </{closing}> closes something else"
            );
            continue;
        }
        let element = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or("");
        if !tag.ends_with('/') && !VOID.contains(&element) {
            open.push(element);
        }
    }
    assert!(open.is_empty(), "{name}: left open {open:?}");
}

/// The content security policy would refuse them.
fn no_inline_code(name: &str, html: &str) {
    assert!(!html.contains(" style="), "{name} has an inline style");
    for handler in [" onclick=", " onload=", " onerror=", "javascript:"] {
        assert!(!html.contains(handler), "{name} has {handler}");
    }
    for script in html.split("<script").skip(1) {
        assert!(script.trim_start().starts_with("src="), "{name} has an inline script");
    }
}

fn unique_ids(name: &str, html: &str) {
    let mut seen = BTreeSet::new();
    for part in html.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap_or("");
        assert!(seen.insert(id), "{name}: id {id} stands twice");
    }
}
