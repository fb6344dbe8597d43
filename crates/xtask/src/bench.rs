//! `bench` and `bench-growth`: runs the programme's own benchmarks and holds them against what was promised.

#![allow(clippy::float_arithmetic, reason = "rates and ratios of measurements, never money")]

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{bring, check, console, demo, postgres, shell};

/// Promised in the issue of the house: intake on SQLite against the lower of its two floors.
const SQLITE_RATIO_MIN: f64 = 0.35;
/// Gifts a second on PostgreSQL against `pgbench`'s transactions a second.
const POSTGRES_FACTOR_MIN: f64 = 3.0;
/// At this share of its best rate the intake answers calmly: p99 below so many milliseconds.
const CALM_SHARE: f64 = 0.7;
const CALM_P99_MS_MAX: f64 = 20.0;
/// One hot project against ten: it costs less than a tenth.
const HOT_SHARE_MIN: f64 = 0.9;
/// After a run its reactions are done within this share of its time.
const DRAIN_SHARE_MAX: f64 = 0.5;
/// With one hot pool and project, against no pool; and the same with watchers: they cost less than a tenth.
const MATCHED_SHARE_MIN: f64 = 0.5;
const WATCHED_SHARE_MIN: f64 = 0.9;
/// An import on SQLite against a bare inflate and parse of its sheet.
const IMPORT_FACTOR_MAX: f64 = 20.0;
const IMPORT_FACTOR_POSTGRES_MAX: f64 = 60.0;
/// The rate with ten million gifts before it against the empty table's.
const GROWTH_SHARE_MIN: f64 = 0.85;
const GROWTH_GIFTS: &str = "10000000";

/// For how long the intake is measured.
const INTAKE_SECONDS: u32 = 20;
/// For how long each part of the giving day is.
const GIVING_DAY_SECONDS: &str = "24";

/// The day of 49,691 gifts, by which imports are measured; read where it is, never copied.
const IMPORT_FILE: &str = "wuhan-redcross/gifts/武汉市红十字会接受社会捐赠明细（二维码及pos机）2020年1月25日.xlsx";

/// Intake and the giving day on both databases, import, pages, certificates, the console.
pub fn all() -> Result<()> {
    build()?;
    let mut misses = Vec::new();
    let seconds = INTAKE_SECONDS.to_string();
    let sqlite = bench(&["intake", "--seconds", &seconds])?;
    at_least(
        &mut misses,
        "SQLite intake / lower floor",
        number(&sqlite, "ratio_to_lower_floor")?,
        SQLITE_RATIO_MIN,
    );
    drained(&mut misses, "SQLite", &sqlite)?;
    let calm = format!("{:.0}", number(&sqlite, "gifts_per_s")? * CALM_SHARE);
    let paced = bench(&["intake", "--seconds", &seconds, "--rate", &calm])?;
    below(
        &mut misses,
        "SQLite p99 in ms at 70 % of that rate",
        number(&paced, "p99_ms")?,
        CALM_P99_MS_MAX,
    );
    let ten = bench(&["intake", "--seconds", "10", "--projects", "10"])?;
    let hot = bench(&["intake", "--seconds", "10", "--projects", "1"])?;
    at_least(
        &mut misses,
        "one hot project / ten projects",
        number(&hot, "gifts_per_s")? / number(&ten, "gifts_per_s")?,
        HOT_SHARE_MIN,
    );
    postgres::require()?;
    let server = postgres::Server::start()?;
    let tps = server.pgbench_tps()?;
    let url = server.database("intake")?;
    let intake = bench(&["intake", "--seconds", &seconds, "--database", &url])?;
    at_least(
        &mut misses,
        "PostgreSQL intake / pgbench tps",
        number(&intake, "gifts_per_s")? / tps,
        POSTGRES_FACTOR_MIN,
    );
    drained(&mut misses, "PostgreSQL", &intake)?;
    giving_day(&mut misses, "SQLite", &[])?;
    let url = server.database("giving_day")?;
    giving_day(&mut misses, "PostgreSQL", &["--database", &url])?;
    import(&mut misses, "SQLite", IMPORT_FACTOR_MAX, &[])?;
    let url = server.database("import")?;
    import(
        &mut misses,
        "PostgreSQL",
        IMPORT_FACTOR_POSTGRES_MAX,
        &["--database", &url],
    )?;
    for kind in ["pages", "certificate"] {
        bench(&[kind])?;
    }
    console_figures(&mut misses)?;
    conclude(&misses)
}

/// Whether the reactions of a run of the intake were done in time.
fn drained(misses: &mut Vec<String>, name: &str, intake: &Value) -> Result<()> {
    below(
        misses,
        &format!("{name} drain of reactions / run"),
        number(intake, "drain_ms")? / 1_000.0 / f64::from(INTAKE_SECONDS),
        DRAIN_SHARE_MAX,
    );
    Ok(())
}

/// What matching and watchers cost.
fn giving_day(misses: &mut Vec<String>, name: &str, database: &[&str]) -> Result<()> {
    let found = bench(&[&["giving-day", "--seconds", GIVING_DAY_SECONDS], database].concat())?;
    for (what, key, least) in [
        ("one hot pool / no pool", "ratio_matched", MATCHED_SHARE_MIN),
        ("with watchers / without", "ratio_watched", WATCHED_SHARE_MIN),
    ] {
        at_least(misses, &format!("{name} {what}"), number(&found, key)?, least);
    }
    Ok(())
}

/// What the console takes to load and to use, and its tables of many gifts; each line says whether its promise is kept.
fn console_figures(misses: &mut Vec<String>) -> Result<()> {
    console::build()?;
    let folder = shell::root().join("e2e");
    let mut install = shell::command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    install.current_dir(&folder);
    shell::run(install)?;
    let mut figures = shell::command("node", &["bench/console.mjs"]);
    figures.current_dir(&folder).env("QIAO_BIN", program());
    if shell::run(figures).is_err() {
        misses.push("the console misses what its lines with “kept”: false say".into());
    }
    Ok(())
}

fn import(misses: &mut Vec<String>, name: &str, most: f64, database: &[&str]) -> Result<()> {
    let file = check::shared_data().join(IMPORT_FILE);
    if !file.is_file() {
        eprintln!("· not run: qiao bench import, since {} is not there", file.display());
        return Ok(());
    }
    let file = file.to_string_lossy();
    let found = bench(&[&["import", &file], database].concat())?;
    below(
        misses,
        &format!("import on {name} / bare parse"),
        number(&found, "ratio_to_floor")?,
        most,
    );
    Ok(())
}

/// Intake on SQLite, first on the empty table, then after ten million gifts.
pub fn growth() -> Result<()> {
    build()?;
    let mut misses = Vec::new();
    let empty = bench(&["intake", "--seconds", "30"])?;
    let full = bench(&["intake", "--seconds", "30", "--gifts-before", GROWTH_GIFTS])?;
    let share = number(&full, "gifts_per_s")? / number(&empty, "gifts_per_s")?;
    at_least(
        &mut misses,
        "rate after ten million gifts / empty",
        share,
        GROWTH_SHARE_MIN,
    );
    conclude(&misses)
}

fn build() -> Result<()> {
    bring::all()?;
    if is_dist() {
        // What is shipped carries the console in itself.
        console::build()?;
    }
    let words: &[&str] = match is_dist() {
        true => &["build", "--package", "qiao", "--profile", "dist"],
        false => &["build", "--package", "qiao", "--features", "db/testing"],
    };
    shell::run(shell::command("cargo", words))
}

fn is_dist() -> bool {
    std::env::var("PROFILE").is_ok_and(|profile| profile == "dist")
}

fn program() -> PathBuf {
    if is_dist() {
        shell::root().join("target/dist/qiao")
    } else {
        demo::binary()
    }
}

fn bench(words: &[&str]) -> Result<Value> {
    let mut command = Command::new(program());
    command
        .arg("bench")
        .args(words)
        .arg("--json")
        .current_dir(shell::root());
    eprintln!("· qiao bench {}", words.join(" "));
    let out = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("qiao bench")?;
    if !out.status.success() {
        bail!("qiao bench {} failed ({})", words.join(" "), out.status);
    }
    print!("{}", String::from_utf8_lossy(&out.stdout));
    serde_json::from_slice(&out.stdout).context("qiao bench prints one JSON document")
}

fn number(answer: &Value, key: &str) -> Result<f64> {
    answer[key]
        .as_f64()
        .with_context(|| format!("the answer has no number “{key}”"))
}

fn at_least(misses: &mut Vec<String>, what: &str, found: f64, least: f64) {
    println!("{what}: {found:.2} (promised: at least {least})");
    if found < least {
        misses.push(format!("{what} is {found:.2}, below {least}"));
    }
}

fn below(misses: &mut Vec<String>, what: &str, found: f64, most: f64) {
    println!("{what}: {found:.2} (promised: below {most})");
    if found >= most {
        misses.push(format!("{what} is {found:.2}, not below {most}"));
    }
}

fn conclude(misses: &[String]) -> Result<()> {
    if misses.is_empty() {
        Ok(())
    } else {
        bail!("{}", misses.join("; "))
    }
}
