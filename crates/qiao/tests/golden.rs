//! What others build on, written down: a change here is seen in review. `UPDATE_GOLDEN=1` writes the files anew.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read what they need from the environment themselves"
)]

mod common;

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
        let other: std::collections::BTreeSet<&str> = other.lines().collect();
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
