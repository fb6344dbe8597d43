//! `qiao bench`: measures, each figure beside its floor, on this machine and in this run.

use serde_json::json;

use crate::bench::{self, intake};
use crate::output::{Done, Out};

/// What to measure.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Signed notices through real HTTP, against a fresh database.
    Intake(intake::Args),
    /// Gifts with matching on, one hot pool and project, beside the unmatched intake; then with live page watchers.
    GivingDay(bench::giving_day::Args),
    /// A bill file, beside a bare inflate and parse of it.
    Import(bench::import::Args),
    /// Public pages of a simulated campaign.
    Pages(bench::pages::Args),
    /// What the public log costs the intake, its speed beside a bare floor, and the way from a gift to its proof.
    Log(bench::log::Args),
    /// Movements of goods, and their allocation to requests, beside bare rows.
    Goods(bench::goods::Args),
    /// Certificates drawn, one core.
    Certificate(bench::certificate::Args),
}

/// Measures.
pub async fn run_alone(command: Command, database: Option<&str>, out: &Out) -> Done {
    let (document, words) = match command {
        Command::Intake(args) => intake::run(args, database, out).await?,
        Command::GivingDay(args) => bench::giving_day::run(args, database, out).await?,
        Command::Import(args) => bench::import::run(args, database, out).await?,
        Command::Pages(args) => bench::pages::run(args, out).await?,
        Command::Log(args) => bench::log::run(args, out).await?,
        Command::Goods(args) => bench::goods::run(args, database, out).await?,
        Command::Certificate(args) => bench::certificate::run(args, out).await?,
    };
    out.result(&json!(document), || words);
    Ok(())
}
