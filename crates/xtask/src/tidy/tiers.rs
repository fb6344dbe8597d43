//! Law 1: dependencies only downward; crates of one tier do not know each other.

use std::collections::BTreeMap;

use super::{File, Finding};

const LAW: &str = "law 1, tiers";

/// The plan of the house (ARCHITECTURE.md). A new crate gets its tier here first.
const TIERS: [(&str, u8); 19] = [
    ("kernel", 0),
    ("db", 1),
    ("web", 1),
    ("papers", 1),
    ("platform", 2),
    ("ledger", 3),
    ("governance", 3),
    ("giving", 4),
    ("proof", 5),
    ("relief", 6),
    ("partners", 6),
    ("aid", 6),
    ("people", 6),
    ("integrations", 7),
    ("insight", 7),
    // The double of the providers outside: below the adapters, so that their tests may use it; it knows none of them.
    ("sandbox", 6),
    ("qiao", 8),
    // The developer's tool knows no crate of the programme and none knows it.
    ("xtask", 0),
    ("testkit", 8),
];

/// Every crate has a tier and names only crates below it.
pub fn downward_only(files: &[File]) -> Vec<Finding> {
    let tiers: BTreeMap<&str, u8> = TIERS.into_iter().collect();
    let manifests = files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.ends_with("/Cargo.toml"));
    let mut findings = Vec::new();
    for file in manifests {
        let name = file.path.split('/').nth(1).unwrap_or_default();
        let Some(own) = tiers.get(name) else {
            let advice =
                format!("`{name}` has no tier; give it one in crates/xtask/src/tidy/tiers.rs and ARCHITECTURE.md");
            findings.push(Finding::new(&file.path, 1, LAW, advice));
            continue;
        };
        for (line, dependency) in dependencies(&file.text) {
            let Some(theirs) = tiers.get(dependency.as_str()) else {
                continue;
            };
            // Its own name is how a crate switches on its test features for its own tests.
            if dependency != name && theirs >= own {
                let advice = format!(
                    "`{name}` (tier {own}) must not know `{dependency}` (tier {theirs}); declare a trait here and let it be \
                     implemented there, or tell it by a fact"
                );
                findings.push(Finding::new(&file.path, line, LAW, advice));
            }
        }
    }
    findings
}

/// The names under any `[…dependencies]`, with their lines.
fn dependencies(manifest: &str) -> Vec<(usize, String)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            inside = section.trim_end_matches(']').ends_with("dependencies");
            continue;
        }
        let name: String = line
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            .collect();
        if inside && !name.is_empty() {
            found.push((at + 1, name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, text: &str) -> File {
        File {
            path: format!("crates/{name}/Cargo.toml"),
            text: text.into(),
        }
    }

    #[test]
    fn an_upward_a_sideways_and_an_unplanned_crate_are_found() {
        let upward = manifest(
            "platform",
            "[dependencies]\nkernel.workspace = true\ngiving.workspace = true\n",
        );
        let sideways = manifest("ledger", "[dev-dependencies]\ngovernance = { workspace = true }\n");
        let unplanned = manifest("misc", "[dependencies]\n");
        let found = downward_only(&[upward, sideways, unplanned]);
        let places: Vec<(&str, usize)> = found.iter().map(|f| (f.path.as_str(), f.line)).collect();
        assert_eq!(
            places,
            [
                ("crates/platform/Cargo.toml", 3),
                ("crates/ledger/Cargo.toml", 2),
                ("crates/misc/Cargo.toml", 1)
            ]
        );
        assert!(found[0].advice.contains("`giving` (tier 4)"), "{}", found[0]);
    }

    #[test]
    fn downward_and_its_own_test_features_are_fine() {
        let text = "[dependencies]\nkernel.workspace = true\n[dev-dependencies]\ndb = { path = \".\", features = [\"testing\"] }\n";
        assert_eq!(downward_only(&[manifest("db", text)]), []);
    }
}
