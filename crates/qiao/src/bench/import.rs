//! `qiao bench import`: a bill file into a fresh database, beside a bare inflate and parse of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use integrations::bills;
use serde_json::{Value, json};

use super::server::House;
use super::{millis, ratio};
use crate::output::{Failure, Out};

/// What `bench import` is told.
#[derive(clap::Args)]
pub struct Args {
    /// The file.
    file: PathBuf,
    /// How often the bare parse is repeated; its fastest counts.
    #[arg(long, default_value_t = 5)]
    runs: u32,
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Measures.
pub async fn run(args: Args, database: Option<&str>, out: &Out) -> Result<(Value, String), Failure> {
    let path = out.cwd.join(&args.file);
    let mut floor = Duration::MAX;
    for _ in 0..args.runs.max(1) {
        let begin = Instant::now();
        bills::bare_parse(&path)?;
        floor = floor.min(begin.elapsed());
    }
    let house = House::make(database)?;
    let file = path.to_string_lossy().into_owned();
    // The time of a whole command, opening and closing the installation included.
    let begin = Instant::now();
    let report = house.run(&["import", "gifts", &file, "--json"])?;
    let took = begin.elapsed();
    let document = json!({
        "gifts_new": report["gifts_new"], "sum_new_fen": report["sum_new_fen"],
        "import_ms": millis(micros(took)), "floor_ms": millis(micros(floor)),
        "ratio_to_floor": ratio(micros(took), micros(floor)),
        "database": if database.is_some_and(|d| d.starts_with("postgres")) { "postgres" } else { "sqlite" },
    });
    let words = format!(
        "{} gifts in {} ms, {} times a bare parse of {} ms",
        report["gifts_new"],
        took.as_millis(),
        ratio(micros(took), micros(floor)),
        floor.as_millis()
    );
    Ok((document, words))
}
