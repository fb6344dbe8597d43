//! Law 10: the list of problem types, docs/errors.md, is made from the code and the catalogues by `make gen`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::Result;
use serde_json::Value;

use super::{File, Finding, Rust};
use crate::shell;

const LAW: &str = "law 10, problem types";
const LIST: &str = "docs/errors.md";
const HEAD: &str = "\
# Problem types

Every refusal and failure of the HTTP interface is `application/problem+json` (RFC 9457): a stable `type`, a `title`, a `detail`
that says what happened, what was kept and what to do next, the `status`, and where they help `field` and `retry_after`. The
words come in the reader's language; programs go by `type`. A type, once published, keeps its meaning.

Made by `make gen` from the code and `locales/`; do not edit.

| type | status | crate | 中文 | English |
|---|---|---|---|---|
";

/// Where a kind of problem is declared.
struct Kind {
    path: String,
    line: usize,
    status: String,
}

/// Every kind has its words in every language, one status, and its row in the list.
pub fn are_listed(files: &[File], rust: &[Rust]) -> Vec<Finding> {
    let kinds = kinds(rust);
    let mut findings = Vec::new();
    let catalogues: Vec<&File> = files
        .iter()
        .filter(|f| f.path.starts_with("locales/") && f.path.ends_with(".json"))
        .collect();
    for (slug, kind) in &kinds {
        let keys = ["title", "detail"].map(|part| format!("\"problem.{slug}.{part}\""));
        let lacks = |file: &&&File| keys.iter().any(|key| !file.text.contains(key.as_str()));
        let without: Vec<&str> = catalogues.iter().filter(lacks).map(|file| file.path.as_str()).collect();
        if !without.is_empty() {
            let advice = format!(
                "`problem.{slug}.title` and `.detail` are missing in {}",
                without.join(", ")
            );
            findings.push(Finding::new(&kind.path, kind.line, LAW, advice));
        }
    }
    let listed = files
        .iter()
        .find(|file| file.path == LIST)
        .map(|file| file.text.as_str());
    if listed != Some(list(files, &kinds).as_str()) {
        findings.push(Finding::new(
            LIST,
            1,
            LAW,
            "the list is not what the code says: run `make gen`",
        ));
    }
    findings
}

/// Writes the list.
pub fn write() -> Result<()> {
    let files = super::files()?;
    let rust: Vec<Rust> = super::rust(&files);
    let place = shell::root().join(LIST);
    let text = list(&files, &kinds(&rust));
    if fs::read_to_string(&place).is_ok_and(|old| old == text) {
        Ok(())
    } else {
        Ok(fs::write(&place, text)?)
    }
}

/// `Kind::new("slug", status)` in any crate, by slug.
fn kinds(rust: &[Rust]) -> BTreeMap<String, Kind> {
    let mut found = BTreeMap::new();
    for file in rust {
        for (line, slug) in file.texts() {
            let code = &file.code[line - 1];
            let Some((_, rest)) = code.split_once("Kind::new(") else {
                continue;
            };
            let Some((_, status)) = rest.split_once(',') else {
                continue;
            };
            let status: String = status.trim().chars().take_while(char::is_ascii_digit).collect();
            let is_slug = !slug.is_empty()
                && slug
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if is_slug && status.len() == 3 {
                found.entry(slug.to_owned()).or_insert_with(|| Kind {
                    path: file.path.clone(),
                    line,
                    status,
                });
            }
        }
    }
    found
}

fn list(files: &[File], kinds: &BTreeMap<String, Kind>) -> String {
    let words = |language: &str| -> Value {
        let catalogue = files
            .iter()
            .find(|file| file.path == format!("locales/{language}.json"));
        catalogue
            .and_then(|file| serde_json::from_str(&file.text).ok())
            .unwrap_or_default()
    };
    let (zh, en) = (words("zh-Hans"), words("en"));
    let mut text = HEAD.to_owned();
    for (slug, kind) in kinds {
        let say = |words: &Value| {
            let part = |name: &str| {
                words[format!("problem.{slug}.{name}")]
                    .as_str()
                    .unwrap_or("—")
                    .replace('|', "/")
            };
            format!("**{}** {}", part("title"), part("detail"))
        };
        let krate = kind.path.split('/').nth(1).unwrap_or_default();
        let _ = writeln!(
            text,
            "| `/problems/{slug}` | {} | {krate} | {} | {} |",
            kind.status,
            say(&zh),
            say(&en)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &str) -> (Vec<File>, Vec<Rust>) {
        let file = |path: &str, text: &str| File {
            path: path.into(),
            text: text.into(),
        };
        let code = file(
            "crates/giving/src/x/error.rs",
            "pub const HELD: Kind = Kind::new(\"gift-held\", 409);\n",
        );
        let zh = file(
            "locales/zh-Hans.json",
            r#"{"problem.gift-held.title": "待核", "problem.gift-held.detail": "请等"}"#,
        );
        let en = file("locales/en.json", r#"{"problem.gift-held.title": "Held"}"#);
        let rust = vec![Rust::parse(&code)];
        (vec![code, zh, en, file(LIST, list)], rust)
    }

    #[test]
    fn a_kind_without_words_and_a_stale_list_are_found() {
        let (files, rust) = files("old");
        let found: Vec<String> = are_listed(&files, &rust).iter().map(ToString::to_string).collect();
        assert!(
            found.iter().any(|f| f.contains("missing in locales/en.json")),
            "{found:?}"
        );
        assert!(found.iter().any(|f| f.starts_with("docs/errors.md")), "{found:?}");
    }

    #[test]
    fn the_list_made_from_the_code_is_current() {
        let (mut files, rust) = files("");
        let made = list(&files, &kinds(&rust));
        assert!(
            made.contains("| `/problems/gift-held` | 409 | giving | **待核** 请等 | **Held** — |"),
            "{made}"
        );
        files[3].text = made;
        assert_eq!(
            are_listed(&files, &rust).len(),
            1,
            "only the missing English words remain"
        );
    }
}
