//! Applied migrations never change: each is recorded with its hash in `docs/schema/migrations.lock`.
//!
//! `make gen` records new ones and never touches what is recorded, so that an edit is found here before a database finds it.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;

use super::{File, Finding};
use crate::{hash, shell};

const LAW: &str = "applied migrations never change";
const LOCK: &str = "docs/schema/migrations.lock";

/// Every migration is recorded, and stands as it was recorded.
pub fn never_change(files: &[File]) -> Vec<Finding> {
    let lock = files
        .iter()
        .find(|file| file.path == LOCK)
        .map(|file| file.text.as_str())
        .unwrap_or_default();
    let recorded = recorded(lock);
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| is_migration(&file.path)) {
        match recorded.get(file.path.as_str()) {
            None => findings.push(Finding::new(
                &file.path,
                1,
                LAW,
                format!("not recorded in {LOCK}: run `make gen`"),
            )),
            Some(hash) if *hash != hash::sha256(file.text.as_bytes()) => {
                let advice = "its text differs from what was recorded: put it back and write the change as a new file";
                findings.push(Finding::new(&file.path, 1, LAW, advice));
            }
            Some(_) => {}
        }
    }
    let gone = recorded
        .keys()
        .filter(|path| !files.iter().any(|file| file.path == **path));
    findings.extend(gone.map(|path| Finding::new(LOCK, 1, LAW, format!("{path} is recorded and no longer there"))));
    findings
}

/// Adds what is new to the lock.
pub fn record() -> Result<()> {
    let place = shell::root().join(LOCK);
    let old = fs::read_to_string(&place).unwrap_or_default();
    let recorded = recorded(&old);
    let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
    for file in super::files()?.iter().filter(|file| is_migration(&file.path)) {
        if !recorded.contains_key(file.path.as_str()) {
            lines.push(format!("{}  {}", hash::sha256(file.text.as_bytes()), file.path));
            eprintln!("recorded {}", file.path);
        }
    }
    let text = lines.join("\n") + "\n";
    if text.trim().is_empty() || text == old {
        return Ok(());
    }
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(&place, text)?)
}

fn is_migration(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/migrations/") && path.ends_with(".sql")
}

/// Path to hash.
fn recorded(lock: &str) -> BTreeMap<&str, &str> {
    lock.lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(hash, path)| (path, hash))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "crates/giving/migrations/0001_gifts.sql";

    fn files(sql: &str, lock: &str) -> Vec<File> {
        [(PATH, sql), (LOCK, lock)]
            .map(|(path, text)| File {
                path: path.into(),
                text: text.into(),
            })
            .into()
    }

    #[test]
    fn an_edited_an_unrecorded_and_a_removed_migration_are_found() {
        let lock = format!("{}  {PATH}\n", hash::sha256(b"CREATE TABLE gift (id BYTES);"));
        assert_eq!(never_change(&files("CREATE TABLE gift (id BYTES);", &lock)), []);
        let edited = never_change(&files("CREATE TABLE gift (id TEXT);", &lock));
        assert!(edited[0].advice.contains("new file"), "{}", edited[0]);
        assert!(never_change(&files("x", ""))[0].advice.contains("make gen"));
        assert_eq!(
            never_change(&files("CREATE TABLE gift (id BYTES);", &lock)[1..]).len(),
            1
        );
    }
}
