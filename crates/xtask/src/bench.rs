//! `bench` and `bench-growth`: runs the programme's own benchmarks and holds them against what was promised.

#![allow(clippy::float_arithmetic, reason = "rates and ratios of measurements, never money")]

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{bring, demo, postgres, shell};

/// Promised in the issue of the house: intake on SQLite against the lower of its two floors.
const SQLITE_RATIO_MIN: f64 = 0.35;
/// Gifts a second on PostgreSQL against `pgbench`'s transactions a second.
const POSTGRES_FACTOR_MIN: f64 = 3.0;
/// The rate with ten million gifts before it against the empty table's.
const GROWTH_SHARE_MIN: f64 = 0.85;
const GROWTH_GIFTS: &str = "10000000";

/// Intake on both databases, import, pages, certificates.
pub fn all() -> Result<()> {
    build()?;
    let mut misses = Vec::new();
    let sqlite = bench(&["intake", "--seconds", "20"])?;
    judge(
        &mut misses,
        "SQLite intake / lower floor",
        number(&sqlite, "ratio_to_lower_floor")?,
        SQLITE_RATIO_MIN,
    );
    postgres::require()?;
    let server = postgres::Server::start()?;
    let tps = server.pgbench_tps()?;
    let url = server.database("intake")?;
    let intake = bench(&["intake", "--seconds", "20", "--database", &url])?;
    judge(
        &mut misses,
        "PostgreSQL intake / pgbench tps",
        number(&intake, "gifts_per_s")? / tps,
        POSTGRES_FACTOR_MIN,
    );
    for kind in ["import", "pages", "certificate"] {
        bench(&[kind])?;
    }
    conclude(&misses)
}

/// Intake on SQLite, first on the empty table, then after ten million gifts.
pub fn growth() -> Result<()> {
    build()?;
    let mut misses = Vec::new();
    let empty = bench(&["intake", "--seconds", "30"])?;
    let full = bench(&["intake", "--seconds", "30", "--gifts-before", GROWTH_GIFTS])?;
    let share = number(&full, "gifts_per_s")? / number(&empty, "gifts_per_s")?;
    judge(
        &mut misses,
        "rate after ten million gifts / empty",
        share,
        GROWTH_SHARE_MIN,
    );
    conclude(&misses)
}

fn build() -> Result<()> {
    bring::all()?;
    let words: &[&str] = match is_dist() {
        true => &["build", "--package", "qiao", "--profile", "dist"],
        false => &["build", "--package", "qiao", "--features", "db/testing"],
    };
    shell::run(shell::command("cargo", words))
}

fn is_dist() -> bool {
    std::env::var("PROFILE").is_ok_and(|profile| profile == "dist")
}

fn bench(words: &[&str]) -> Result<Value> {
    let program = if is_dist() {
        shell::root().join("target/dist/qiao")
    } else {
        demo::binary()
    };
    let mut command = Command::new(program);
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

fn judge(misses: &mut Vec<String>, what: &str, found: f64, least: f64) {
    println!("{what}: {found:.2} (promised: at least {least})");
    if found < least {
        misses.push(format!("{what} is {found:.2}, below {least}"));
    }
}

fn conclude(misses: &[String]) -> Result<()> {
    if misses.is_empty() {
        Ok(())
    } else {
        bail!("{}", misses.join("; "))
    }
}
