//! `deny.toml`, kept without a tool that would have to be built first: licences, banned crates and sources of every
//! package of the lock file, from `cargo metadata` (docs/adr/0004). Where cargo-deny is installed it reads the same file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::shell;

#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// A package that may have a licence of its own.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    #[serde(default)]
    deny: Vec<Banned>,
}

/// A package nobody may depend on, but its wrappers.
#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
    #[serde(default)]
    wrappers: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    unknown_registry: String,
    unknown_git: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

/// What a package really depends on, with the features that are switched on.
#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    source: Option<String>,
}

/// Reads `deny.toml` and holds every package against it.
pub fn run() -> Result<usize> {
    let text = fs::read_to_string(shell::root().join("deny.toml")).context("deny.toml")?;
    let rules: Rules = toml::from_str(&text).context("deny.toml")?;
    let mut ask = shell::command(
        "cargo",
        &["metadata", "--format-version", "1", "--locked", "--all-features"],
    );
    let said = ask.output().context("cargo metadata")?;
    if !said.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&said.stderr));
    }
    let metadata: Metadata = serde_json::from_slice(&said.stdout).context("cargo metadata")?;
    let findings = findings(&rules, &metadata);
    if findings.is_empty() {
        return Ok(metadata.packages.len());
    }
    bail!("packages against deny.toml:\n  {}", findings.join("\n  "))
}

fn findings(rules: &Rules, metadata: &Metadata) -> Vec<String> {
    let packages = &metadata.packages;
    let mut findings = Vec::new();
    let foreign = |package: &&Package| package.source.is_some();
    for package in packages.iter().filter(foreign) {
        let Package { name, version, .. } = package;
        let stated = package.license.as_deref().unwrap_or("");
        let own = rules
            .licenses
            .exceptions
            .iter()
            .find(|exception| exception.name == *name);
        let allowed = |licence: &str| {
            rules.licenses.allow.contains(licence) || own.is_some_and(|exception| exception.allow.contains(licence))
        };
        if !is_allowed(stated, &allowed) {
            findings.push(format!("{name} {version}: its licence “{stated}” is not in [licenses]"));
        }
    }
    let names: BTreeMap<&str, &str> = packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    let name = |id: &str| names.get(id).copied().unwrap_or_default();
    for banned in &rules.bans.deny {
        let users = metadata.resolve.nodes.iter().filter(|node| {
            let depends = node.dependencies.iter().any(|id| name(id) == banned.name);
            depends && !banned.wrappers.contains(name(&node.id))
        });
        findings.extend(users.map(|node| format!("{} depends on {}: {}", name(&node.id), banned.name, banned.reason)));
    }
    for package in packages.iter().filter(|package| package.source.is_none()) {
        let wild = package
            .dependencies
            .iter()
            .filter(|d| d.req == "*" && d.source.is_some());
        findings.extend(wild.map(|d| format!("{} takes any version of {}", package.name, d.name)));
    }
    findings.extend(strange_sources(rules, packages));
    findings
}

/// All packages come from one registry, the usual one: the source most of them have.
fn strange_sources(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for source in packages.iter().filter_map(|package| package.source.as_deref()) {
        *counted.entry(source).or_default() += 1;
    }
    let usual = counted.iter().max_by_key(|(_, n)| **n).map(|(source, _)| *source);
    let strange = |package: &&Package| {
        package.source.as_deref().is_some_and(|source| {
            let git = source.starts_with("git+") && rules.sources.unknown_git == "deny";
            let other = Some(source) != usual && rules.sources.unknown_registry == "deny";
            git || other
        })
    };
    let found = packages.iter().filter(strange);
    found
        .map(|package| format!("{} {} comes from an unknown source", package.name, package.version))
        .collect()
}

/// Whether a licence expression (SPDX, or the old form with `/`) can be met by allowed licences alone.
fn is_allowed(expression: &str, allowed: &impl Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, allowed) == Some(true) && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &impl Fn(&str) -> bool) -> Option<bool> {
    let mut met = all_of(rest, allowed)?;
    while let Some((&"OR", after)) = rest.split_first() {
        *rest = after;
        met |= all_of(rest, allowed)?;
    }
    Some(met)
}

fn all_of(rest: &mut &[&str], allowed: &impl Fn(&str) -> bool) -> Option<bool> {
    let mut met = one_of(rest, allowed)?;
    while let Some((&"AND", after)) = rest.split_first() {
        *rest = after;
        met &= one_of(rest, allowed)?;
    }
    Some(met)
}

fn one_of(rest: &mut &[&str], allowed: &impl Fn(&str) -> bool) -> Option<bool> {
    let (word, after) = rest.split_first()?;
    *rest = after;
    if *word == "(" {
        let met = any_of(rest, allowed)?;
        let (closing, after) = rest.split_first()?;
        *rest = after;
        return (*closing == ")").then_some(met);
    }
    if let [with, exception, ..] = rest
        && *with == "WITH"
    {
        let whole = format!("{word} WITH {exception}");
        *rest = rest.get(2..)?;
        return Some(allowed(&whole));
    }
    Some(allowed(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, license: Option<&str>, source: Option<&str>, dependencies: &[&str]) -> Package {
        Package {
            id: name.into(),
            name: name.into(),
            version: "1.0.0".into(),
            license: license.map(str::to_owned),
            source: source.map(str::to_owned),
            dependencies: dependencies
                .iter()
                .map(|name| Dependency {
                    name: (*name).into(),
                    req: "^1".into(),
                    source: Some("registry+a".into()),
                })
                .collect(),
        }
    }

    fn rules() -> Rules {
        let text = "[licenses]\nallow = ['MIT', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'Zlib']\n\
            exceptions = [{ crate = 'special', allow = ['MPL-2.0'] }]\n\
            [bans]\ndeny = [{ crate = 'chrono', reason = 'time is ours', wrappers = ['wrapper'] }]\n\
            [sources]\nunknown-registry = 'deny'\nunknown-git = 'deny'\n";
        toml::from_str(text).expect("rules")
    }

    #[test]
    fn a_licence_expression_is_met_by_allowed_licences_or_not() {
        let allowed = |licence: &str| rules().licenses.allow.contains(licence);
        for (expression, met) in [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("MIT/Unlicense", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND Zlib", true),
            ("GPL-3.0 OR (Zlib AND GPL-2.0)", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH Strange-exception", false),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
            ("", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT Zlib", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), met, "{expression}");
        }
    }

    /// As `cargo metadata` would say it: every dependency is switched on.
    fn metadata(packages: Vec<Package>) -> Metadata {
        let node = |package: &Package| Node {
            id: package.id.clone(),
            dependencies: package.dependencies.iter().map(|d| d.name.clone()).collect(),
        };
        let nodes = packages.iter().map(node).collect();
        Metadata {
            packages,
            resolve: Resolve { nodes },
        }
    }

    fn fine() -> Vec<Package> {
        vec![
            package("ours", None, None, &["a"]),
            package("a", Some("MIT"), Some("registry+a"), &[]),
            package("special", Some("MPL-2.0"), Some("registry+a"), &[]),
            package("wrapper", Some("MIT"), Some("registry+a"), &["chrono"]),
            package("chrono", Some("MIT"), Some("registry+a"), &[]),
        ]
    }

    #[test]
    fn what_deny_toml_forbids_is_found_and_what_it_allows_is_not() {
        assert_eq!(findings(&rules(), &metadata(fine())), Vec::<String>::new());
        for (bad, word) in [
            (package("b", Some("MPL-2.0"), Some("registry+a"), &[]), "licence"),
            (package("b", None, Some("registry+a"), &[]), "licence"),
            (package("b", Some("MIT"), Some("git+x"), &[]), "unknown source"),
            (package("b", Some("MIT"), Some("registry+b"), &[]), "unknown source"),
            (
                package("b", Some("MIT"), Some("registry+a"), &["chrono"]),
                "time is ours",
            ),
        ] {
            let mut packages = fine();
            packages.push(bad);
            let found = findings(&rules(), &metadata(packages));
            assert!(found.len() == 1 && found[0].contains(word), "{found:?}");
        }
        let mut switched_off = metadata(fine());
        switched_off.packages[0].dependencies.push(Dependency {
            name: "chrono".into(),
            req: "^1".into(),
            source: Some("registry+a".into()),
        });
        assert!(
            findings(&rules(), &switched_off).is_empty(),
            "a dependency that no feature switches on is none"
        );
        let mut wild = fine();
        wild[0].dependencies[0].req = "*".into();
        assert_eq!(findings(&rules(), &metadata(wild)).len(), 1);
    }
}
