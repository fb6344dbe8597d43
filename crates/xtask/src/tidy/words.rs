//! Words: every language has every key with the same places, and every term of the glossary both names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{File, Finding};

const LAW: &str = "words";
const GLOSSARY: &str = "docs/glossary.md";
/// A form that only some languages have: `gifts.one` beside `gifts.other`.
const PLURAL_ONLY: &str = ".one";

/// All catalogues of a folder have the same keys, and one key the same `{places}`.
pub fn same_keys(files: &[File]) -> Vec<Finding> {
    let catalogues = files
        .iter()
        .filter(|file| file.path.starts_with("locales/") && file.path.ends_with(".json"));
    let mut findings = Vec::new();
    let mut read: Vec<(&File, BTreeMap<String, BTreeSet<String>>)> = Vec::new();
    for file in catalogues {
        match serde_json::from_str::<Value>(&file.text) {
            Ok(value) => {
                let mut keys = BTreeMap::new();
                flatten(&value, "", &mut keys);
                read.push((file, keys));
            }
            Err(error) => findings.push(Finding::new(
                &file.path,
                error.line(),
                LAW,
                format!("cannot be read: {error}"),
            )),
        }
    }
    for (file, keys) in &read {
        for (other, theirs) in read.iter().filter(|(other, _)| other.path != file.path) {
            for (key, places) in theirs {
                let advice = match keys.get(key) {
                    None if key.ends_with(PLURAL_ONLY) => continue,
                    None => format!("`{key}` is missing; {} has it", other.path),
                    Some(mine) if mine == places => continue,
                    Some(_) => format!("`{key}` has other places than in {}", other.path),
                };
                let line = file
                    .text
                    .lines()
                    .position(|line| line.contains(&format!("\"{key}\"")))
                    .unwrap_or(0)
                    + 1;
                findings.push(Finding::new(&file.path, line, LAW, advice));
            }
        }
    }
    findings
}

fn flatten(value: &Value, at: &str, into: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                let path = if at.is_empty() {
                    key.clone()
                } else {
                    format!("{at}.{key}")
                };
                flatten(inner, &path, into);
            }
        }
        other => {
            into.insert(at.to_owned(), places(other.as_str().unwrap_or_default()));
        }
    }
}

/// The names between braces.
fn places(text: &str) -> BTreeSet<String> {
    let inner = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    inner.map(|(name, _)| name.trim().to_owned()).collect()
}

/// Every row of the glossary's table has its Chinese and its English term and a meaning.
pub fn glossary_is_filled(files: &[File]) -> Vec<Finding> {
    let Some(file) = files.iter().find(|file| file.path == GLOSSARY) else {
        return vec![Finding::new(GLOSSARY, 1, LAW, "the glossary is missing")];
    };
    let rows = file
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with('|') && !line.starts_with("|--"));
    let poor = rows.filter(|(_, line)| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        cells.len() < 3 || cells.iter().take(3).any(|cell| cell.is_empty())
    });
    poor.map(|(at, _)| Finding::new(GLOSSARY, at + 1, LAW, "a term needs 中文, English and its meaning"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(name: &str, text: &str) -> File {
        File {
            path: format!("locales/{name}.json"),
            text: text.into(),
        }
    }

    #[test]
    fn a_missing_key_and_another_place_are_found() {
        let zh = catalogue("zh-Hans", r#"{"a": "甲 {day}", "b": "乙"}"#);
        let en = catalogue("en", r#"{"a": "A {date}"}"#);
        let found: Vec<String> = same_keys(&[zh, en]).iter().map(ToString::to_string).collect();
        assert!(
            found
                .iter()
                .any(|f| f.starts_with("locales/en.json") && f.contains("`b` is missing")),
            "{found:?}"
        );
        assert!(found.iter().any(|f| f.contains("`a` has other places")), "{found:?}");
    }

    #[test]
    fn equal_keys_and_an_english_singular_are_fine() {
        let zh = catalogue("zh-Hans", r#"{"a": {"other": "{n} 笔"}}"#);
        let en = catalogue("en", r#"{"a": {"other": "{n} gifts", "one": "one gift"}}"#);
        assert_eq!(same_keys(&[zh, en]), []);
    }

    #[test]
    fn a_term_without_its_other_name_is_found() {
        let text = "| 中文 | English | meaning |\n|---|---|---|\n| 捐赠 | gift | what is given |\n| 配捐 | | x |\n";
        let found = glossary_is_filled(&[File {
            path: GLOSSARY.into(),
            text: text.into(),
        }]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 4);
        assert_eq!(glossary_is_filled(&[]).len(), 1);
    }
}
