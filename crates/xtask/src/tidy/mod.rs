//! `tidy`: the laws of the house that a machine can check (STYLE.md), each a function from files to findings.
//!
//! A finding names file and line, the law, and what to do. A law that cannot be checked mechanically is not here.

mod errors;
mod features;
mod migrations;
mod numbers;
mod rooms;
mod source;
mod sql;
mod text;
mod tiers;
mod words;

use std::fmt;
use std::fs;

use anyhow::{Context, Result, bail};

pub use errors::write as write_errors;
pub use migrations::record as record_migrations;
use source::{File, Rust, is_test_path};

use crate::shell;

/// One breach of one law.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    law: &'static str,
    advice: String,
}

impl Finding {
    fn new(path: &str, line: usize, law: &'static str, advice: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            law,
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} — {}", self.path, self.line, self.law, self.advice)
    }
}

/// A file above this is data, not text to read.
const FILE_BYTES_MAX: u64 = 4_000_000;

/// Checks every law on every file that git knows or would know; refuses with the list of findings.
pub fn run() -> Result<usize> {
    let files = files()?;
    let rust: Vec<Rust> = files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .map(Rust::parse)
        .collect();
    let mut findings = Vec::new();
    findings.extend(tiers::downward_only(&files));
    findings.extend(rust.iter().flat_map(rooms::sql_in_its_rooms));
    findings.extend(rust.iter().flat_map(rooms::http_stays_outside));
    findings.extend(rust.iter().flat_map(rooms::decisions_are_pure));
    findings.extend(rust.iter().flat_map(rooms::only_actions_commit));
    findings.extend(rust.iter().flat_map(rooms::transaction_first));
    findings.extend(rust.iter().flat_map(rooms::world_is_handed_in));
    findings.extend(rust.iter().flat_map(rooms::no_floats));
    findings.extend(rust.iter().flat_map(rooms::no_unwrap));
    findings.extend(sql::tables_have_one_owner(&files));
    findings.extend(sql::no_foreign_tables(&files, &rust));
    findings.extend(migrations::never_change(&files));
    findings.extend(errors::are_listed(&files, &rust));
    findings.extend(files.iter().flat_map(text::files_are_short));
    findings.extend(files.iter().flat_map(text::nothing_unfinished));
    findings.extend(files.iter().flat_map(text::no_registry_hosts));
    findings.extend(files.iter().flat_map(numbers::no_personal_numbers));
    findings.extend(text::links_resolve(&files));
    findings.extend(words::same_keys(&files));
    findings.extend(words::glossary_is_filled(&files));
    findings.extend(features::agree()?);
    findings.sort();
    findings.dedup();
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} breaches of the laws in STYLE.md", findings.len());
    }
    Ok(files.len())
}

fn rust(files: &[File]) -> Vec<Rust> {
    files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .map(Rust::parse)
        .collect()
}

fn files() -> Result<Vec<File>> {
    let root = shell::root();
    let out = shell::command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output()?;
    if !out.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&out.stderr));
    }
    let mut files = Vec::new();
    for path in String::from_utf8(out.stdout)?
        .split('\0')
        .filter(|path| !path.is_empty())
    {
        let place = root.join(path);
        // A file deleted but not yet committed, a picture or a very large file has nothing to say here.
        let Ok(about) = fs::metadata(&place) else { continue };
        if !about.is_file() || about.len() > FILE_BYTES_MAX {
            continue;
        }
        let bytes = fs::read(&place).with_context(|| path.to_owned())?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(files)
}
