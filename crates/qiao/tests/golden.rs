//! What others build on, written down: a change here is seen in review. `UPDATE_GOLDEN=1` writes the files anew.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read what they need from the environment themselves"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{House, On};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares with the file, or writes it with `UPDATE_GOLDEN=1`.
#[track_caller]
fn is(file: &str, now: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(&path, now).expect("the golden file");
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if known == now {
        return;
    }
    let only = |of: &str, other: &str, mark: char| {
        let other: BTreeSet<&str> = other.lines().collect();
        of.lines()
            .filter(|line| !other.contains(line))
            .take(40)
            .map(|line| format!("{mark} {line}\n"))
            .collect::<String>()
    };
    panic!(
        "{file} differs; if it is meant, run the tests once with UPDATE_GOLDEN=1 and commit the file:\n{}{}",
        only(&known, now, '-'),
        only(now, &known, '+')
    );
}

fn document() -> Value {
    let house = House::new(On::Sqlite);
    let server = house.serve();
    let document = server.client().get("/api/openapi.json").expect("an answer").json();
    assert_eq!(server.stop(), 0);
    document
}

#[test]
fn every_route_says_who_may_call_it() {
    let document = document();
    let mut lines = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let access = operation["x-access"].as_str().unwrap_or("UNGUARDED");
            lines.push(format!("{} {path} {access}\n", method.to_uppercase()));
        }
    }
    lines.sort();
    let text: String = lines.concat();
    assert!(!text.contains("UNGUARDED"), "{text}");
    is("crates/qiao/tests/golden/routes.txt", &text);
}

#[test]
fn the_interface_is_the_published_one() {
    let document = document();
    assert_eq!(document["info"]["title"], "Shanqiao 善桥");
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    is("docs/api/openapi.json", &(text + "\n"));
}

#[test]
fn a_published_problem_type_keeps_its_status() {
    let list = std::fs::read_to_string(root().join("docs/errors.md")).expect("docs/errors.md; make gen");
    let types = list.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `/problems/")?.split('|');
        let slug = cells.next()?.trim().trim_end_matches('`');
        Some(format!("{} {}\n", slug, cells.next()?.trim()))
    });
    let text: String = types.collect();
    assert!(text.lines().count() > 20, "{text}");
    is("crates/qiao/tests/golden/problems.txt", &text);
}

/// `--help` of a command and of all below it.
fn help(house: &House, words: &[&str], text: &mut String) {
    let mut all = words.to_vec();
    all.push("--help");
    let said = house.command(&all).env("COLUMNS", "100").output().expect("qiao runs");
    assert!(said.status.success(), "{all:?}");
    let said = String::from_utf8(said.stdout).expect("UTF-8");
    *text += &format!("$ qiao {}\n\n{said}\n", all.join(" "));
    let listed = said.split_once("Commands:\n").map_or("", |(_, after)| after);
    for line in listed.lines().take_while(|line| !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        let name = line.split_whitespace().next().unwrap_or("help");
        if indent == 2 && name != "help" {
            let mut below = words.to_vec();
            below.push(name);
            help(house, &below, text);
        }
    }
}

#[test]
fn the_commands_and_their_options_are_the_published_ones() {
    let mut text = String::new();
    // The binary speaks of `--data` before the command, as these tests call it: `--help` ends before it is used.
    help(&House::empty(On::Sqlite), &[], &mut text);
    for command in [
        "qiao init",
        "qiao serve",
        "qiao import gifts",
        "qiao report totals",
        "qiao doctor",
        "qiao simulate giving-day",
        "qiao bench intake",
    ] {
        assert!(text.contains(&format!("$ {command} --help")), "{command}");
    }
    is("crates/qiao/tests/golden/help.txt", &text);
}

/// The program's own sources, without its tests.
fn sources() -> String {
    fn read(folder: &Path, text: &mut String) {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| !path.ends_with("tests") && !path.ends_with("tests.rs"))
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                read(&path, text);
            } else if path.extension().is_some_and(|end| end == "rs") {
                *text += &std::fs::read_to_string(&path).expect("a source");
            }
        }
    }
    let mut text = String::new();
    for of in std::fs::read_dir(root().join("crates")).expect("the crates") {
        let of = of.expect("a crate").path();
        if !of.ends_with("xtask") && of.is_dir() {
            read(&of.join("src"), &mut text);
        }
    }
    text
}

/// What the slices' own lists of their kinds of facts say, a name in place of its text.
fn declared(sources: &str) -> BTreeSet<String> {
    let lists = sources.split("const FACT_KINDS: &[&str] = &[").skip(1);
    let words = lists.flat_map(|list| list.split(']').next().unwrap_or_default().split(','));
    let is_kind = |text: &&str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte);
        text.contains('.') && text.bytes().all(plain)
    };
    let text_of = |word: &str| match word.strip_prefix('"') {
        Some(text) => text.trim_end_matches('"').to_owned(),
        None => sources
            .split(&format!("const {word}: &str = \""))
            .skip(1)
            .filter_map(|after| after.split('"').next())
            .find(is_kind)
            .unwrap_or_else(|| panic!("{word} names no kind"))
            .to_owned(),
    };
    words
        .map(str::trim)
        .filter(|word| !word.is_empty() && !word.starts_with("//"))
        .map(text_of)
        .collect()
}

/// Each kind of fact has words and each words a kind (`console/test/facts.test.ts`); those that a slice lists are held
/// against them here too.
#[test]
fn the_kinds_of_facts_are_the_recorded_ones() {
    let words = std::fs::read_to_string(root().join("locales/en.json")).expect("the words");
    let words: BTreeMap<String, String> = serde_json::from_str(&words).expect("one level of words");
    let kinds: BTreeSet<String> = words
        .keys()
        .filter_map(|key| key.strip_prefix("console.fact."))
        .map(str::to_owned)
        .collect();
    let declared = declared(&sources());
    assert!(declared.len() > 200, "{declared:?}");
    let missing: Vec<&String> = declared.difference(&kinds).collect();
    assert!(missing.is_empty(), "kinds without words: {missing:?}");
    let text: String = kinds.iter().map(|kind| format!("{kind}\n")).collect();
    is("crates/qiao/tests/golden/facts.txt", &text);
}

/// The environment's keys: each is written out where it is read. What else can be set is an option of a command.
#[test]
fn the_keys_of_the_environment_are_the_recorded_ones() {
    let sources = sources();
    let keys: BTreeSet<&str> = sources
        .split('"')
        .filter(|text| {
            text.strip_prefix("QIAO_")
                .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        })
        .collect();
    assert!(keys.contains("QIAO_KEY"), "{keys:?}");
    let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
    is("crates/qiao/tests/golden/config.txt", &text);
}

fn schema(url: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let db = db::Db::open(&db::DbUrl::parse(url)).await.expect("the database opens");
        let mut at = db.snapshot().await.expect("a snapshot");
        let text = db::dump_schema(&mut at).await.expect("the schema");
        drop(at);
        db.close().await;
        text
    })
}

#[test]
fn the_tables_on_sqlite_are_the_recorded_ones() {
    let house = House::new(On::Sqlite);
    let file = house.data().join("shanqiao.db");
    is("docs/schema/sqlite.sql", &schema(file.to_str().expect("a name")));
}

#[test]
fn the_tables_on_postgres_are_the_recorded_ones() {
    let house = House::new(On::Postgres);
    is("docs/schema/postgres.sql", &schema(house.url()));
}
