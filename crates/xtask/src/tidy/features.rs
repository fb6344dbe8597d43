//! Nothing is built twice (ADR 0003): what `make run` builds has the features that the tests' build gives it.
//!
//! Cargo unifies features over what one command builds. A feature that only a test's dependency asks for makes a second
//! copy of that crate and of all that stand on it, and `make run` after `make test` builds them again.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use super::Finding;
use crate::shell;

const LAW: &str = "nothing is built twice";

/// Asks cargo for both sets of features and compares.
pub fn agree() -> Result<Vec<Finding>> {
    let run = tree(&["--package", "qiao", "--features", "db/testing", "--edges", "no-dev"])?;
    let test = tree(&["--workspace"])?;
    Ok(differing(&run, &test))
}

fn tree(words: &[&str]) -> Result<String> {
    let mut command = shell::command(
        "cargo",
        &["tree", "--quiet", "--prefix", "none", "--format", "{p} [{f}]"],
    );
    let out = command.args(words).output()?;
    if !out.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8(out.stdout)?)
}

/// Packages of the first listing that the second does not have with the same features.
fn differing(run: &str, test: &str) -> Vec<Finding> {
    let test = by_package(test);
    let mut findings = Vec::new();
    for (package, features) in by_package(run) {
        let theirs = test.get(package).cloned().unwrap_or_default();
        if features.is_subset(&theirs) {
            continue;
        }
        let advice = format!(
            "{package} gets {} for `make run` and {} for the tests: ask for the same in [workspace.dependencies], or not at all",
            features.into_iter().collect::<Vec<_>>().join(" "),
            theirs.into_iter().collect::<Vec<_>>().join(" ")
        );
        findings.push(Finding::new("Cargo.toml", 1, LAW, advice));
    }
    findings
}

/// `name version` to its sets of features: a package may stand there twice, for the programme and for build scripts.
fn by_package(listing: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in listing.lines() {
        let Some((package, rest)) = line.split_once(" [") else {
            continue;
        };
        let name = package.split(" (").next().unwrap_or(package);
        let features = rest.split(']').next().unwrap_or_default();
        found.entry(name).or_default().insert(features);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_only_a_test_asks_for_is_found() {
        let run = "tokio v1.0.0 [rt,time]\nserde v1.0.0 [derive] (*)\n";
        let test = "tokio v1.0.0 [rt,test-util,time]\nserde v1.0.0 [derive]\nproptest v1.0.0 []\n";
        let found = differing(run, test);
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .advice
                .starts_with("tokio v1.0.0 gets rt,time for `make run` and rt,test-util,time"),
            "{}",
            found[0]
        );
        assert_eq!(differing(run, run), []);
    }
}
