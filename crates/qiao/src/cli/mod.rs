//! The command line. Each command is a function of the open program and of where it speaks, so that it runs alike in
//! its own process and inside a server that holds the database.

mod bench;
mod boards;
mod doctor;
mod fund;
mod gift;
mod goods;
mod import;
mod init;
mod keep;
mod log;
mod matching;
mod payments;
mod platforms;
mod recurring;
mod report;
mod sandbox;
mod serve;
mod simulate;
mod user;
mod verify;
mod witness;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{self, App, OpenError, Opening, Place};
use crate::output::{Done, Failure, Out};

/// Shanqiao 善桥: gifts in, durable, in the books, on the page, on paper.
#[derive(Parser)]
#[command(name = "qiao", version, about, max_term_width = 100)]
pub struct Cli {
    /// The data folder.
    #[arg(long, global = true, default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The database: `postgres://…` or a SQLite file; by default a file in the data folder.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// The public log's own database; by default `log.db` in the data folder, or `NAME_log` beside a PostgreSQL database.
    #[arg(long, global = true, value_name = "URL")]
    log_database: Option<String>,
    /// Where the public log is published: `s3://BUCKET/PREFIX`, or `folder` for the folder `log` in the data folder; by
    /// default where it was published last. Endpoint and keys are read from QIAO_LOG_STORE_… in the environment.
    #[arg(long, global = true, value_name = "PLACE")]
    log_store: Option<String>,
    /// Print one JSON document on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Make a new installation: its first unit, accounts, general project and administrator.
    Init(init::Args),
    /// Serve the pages and the interfaces until stopped.
    Serve(serve::Args),
    /// Bring in files.
    #[command(subcommand)]
    Import(import::Command),
    /// Relief goods: begin a catalogue.
    #[command(subcommand)]
    Goods(goods::Command),
    /// Print figures.
    #[command(subcommand)]
    Report(report::Command),
    /// League tables: freeze a day, replay a frozen one, show them, load population figures.
    #[command(subcommand)]
    Boards(boards::Command),
    /// Say what is wrong and how to mend it.
    Doctor(doctor::Args),
    /// Play through a giving day with made-up donors.
    #[command(subcommand)]
    Simulate(simulate::Command),
    /// Measure.
    #[command(subcommand)]
    Bench(bench::Command),
    /// Pools that match gifts: set up, close, export, recompute, plan.
    #[command(subcommand)]
    Match(matching::Command),
    /// Actors, roles and tokens.
    #[command(subcommand)]
    User(user::Command),
    /// A single gift.
    #[command(subcommand)]
    Gift(gift::Command),
    /// Payment providers: connect a unit, compare a day's bill.
    #[command(subcommand)]
    Payments(payments::Command),
    /// Donation platforms: the register, statements, the daily comparison, what they are told.
    #[command(subcommand)]
    Platforms(platforms::Command),
    /// Monthly giving: do what is due, list mandates.
    #[command(subcommand)]
    Recurring(recurring::Command),
    /// Named and community funds: fees and alerts, a list with balances.
    #[command(subcommand)]
    Fund(fund::Command),
    /// Play the payment providers and a donation platform, with faults on demand; keys are made in the data folder.
    Sandbox(sandbox::Args),
    /// Write a consistent copy of everything but the key, also while serving.
    Backup(keep::BackupArgs),
    /// Fill an empty database from a backup.
    Restore(keep::RestoreArgs),
    /// The installation's key.
    #[command(subcommand)]
    Key(keep::KeyCommand),
    /// The public log of this installation.
    #[command(subcommand)]
    Log(log::Command),
    /// Watch public logs for a supervisory board, an audit or a discipline office, and cosign what they continue. Needs
    /// no data folder, only a folder of its own.
    Witness(witness::Args),
    /// Check a public log or a proof from anywhere, trusting nothing but a policy. Needs no data folder.
    #[command(subcommand)]
    Verify(verify::Command),
}

/// Reads a command line.
///
/// # Errors
/// Words for standard error; the exit code is 2.
pub fn parse(argv: &[String]) -> Result<Cli, String> {
    Cli::try_parse_from(argv).map_err(|error| error.render().to_string())
}

/// The entry of the program.
pub fn main() -> ExitCode {
    let argv: Vec<String> = std::env::args().collect();
    let cli = match Cli::try_parse_from(&argv) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()) * 2);
        }
    };
    let runtime = match runtime(&cli.command) {
        Ok(runtime) => runtime,
        Err(error) => {
            crate::output::print(crate::output::Said::Words(format!("the program cannot start: {error}")));
            return ExitCode::from(1);
        }
    };
    ExitCode::from(runtime.block_on(run(cli, argv)))
}

/// One thread for HTTP on two cores, since the gift writer has one of its own; more where there are more.
fn runtime(command: &Command) -> std::io::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if matches!(command, Command::Serve(_)) {
        cores.saturating_sub(1).max(1)
    } else {
        cores
    };
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
}

async fn run(cli: Cli, argv: Vec<String>) -> u8 {
    let cwd = std::env::current_dir().unwrap_or_default();
    let place = Place {
        data: cli.data.clone(),
        database: cli.database.clone(),
        log_database: cli.log_database.clone(),
        log_store: cli.log_store.clone(),
    };
    let out = Out::local(cli.json, cwd.clone());
    let outcome = match cli.command {
        Command::Init(args) => init::run(&place, args, &out).await,
        Command::Serve(args) => serve::run(&place, args, &out).await,
        Command::Sandbox(args) => sandbox::run(cli.data, args, &out).await,
        Command::Restore(args) => keep::restore(&place, args, &out).await,
        Command::Doctor(args) => doctor::run(&place, args, argv, &out).await,
        Command::Verify(command) => verify::run(command, &out).await,
        Command::Witness(args) => witness::run(args, &out).await,
        Command::Bench(command) => bench::run_alone(command, cli.database.as_deref(), &out).await,
        Command::Match(command) if command.is_apart() => matching::run_apart(command, &out).await,
        command => match app::open(&place, Opening::Existing).await {
            Ok(opened) => {
                let outcome = run_in(&opened.app, command, &out).await;
                opened.close().await;
                outcome
            }
            Err(OpenError::Held) => match crate::admin::run_there(&place.data, argv, cwd).await {
                Ok(code) => return code,
                Err(failure) => Err(failure),
            },
            Err(error) => Err(error.into()),
        },
    };
    match outcome {
        Ok(()) => 0,
        Err(failure) => {
            tell(&failure, &out);
            failure.code()
        }
    }
}

/// Says why a command failed: words for people, a document with `--json`.
pub fn tell(failure: &Failure, out: &Out) {
    out.say(failure.words());
    if out.wants_json() && !matches!(failure, Failure::Said(_)) {
        out.result(&serde_json::json!({ "error": failure.words() }), String::new);
    }
}

/// Runs a command inside an open program.
///
/// # Errors
/// [`Failure`] with words and exit code.
pub async fn run_in(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Import(command) => import::run(app, command, out).await,
        Command::Goods(command) => goods::run(app, command, out).await,
        Command::Report(command) => report::run(app, command, out).await,
        Command::Boards(command) => boards::run(app, command, out).await,
        Command::Simulate(command) => simulate::run(app, command, out).await,
        Command::Match(command) => matching::run(app, command, out).await,
        Command::User(command) => user::run(app, command, out).await,
        Command::Gift(command) => gift::run(app, command, out).await,
        Command::Payments(command) => payments::run(app, command, out).await,
        Command::Platforms(command) => platforms::run(app, command, out).await,
        Command::Recurring(command) => recurring::run(app, command, out).await,
        Command::Fund(command) => fund::run(app, command, out).await,
        Command::Backup(args) => keep::backup(app, args, out).await,
        Command::Key(command) => keep::key(app, command, out).await,
        Command::Doctor(args) => doctor::run_in(app, args, out).await,
        Command::Log(command) => log::run(app, command, out).await,
        Command::Verify(command) => verify::run(command, out).await,
        Command::Witness(_) => Err(Failure::Usage(
            "a witness runs by itself, outside any installation".into(),
        )),
        Command::Init(_) => Err(Failure::Refused(
            "this data folder is initialised and being served".into(),
        )),
        Command::Serve(_) => Err(Failure::Refused("a server runs on this data folder already".into())),
        Command::Restore(_) => Err(Failure::Refused(
            "restore needs an empty database and no running server".into(),
        )),
        Command::Sandbox(_) => Err(Failure::Usage("the sandbox has a data folder of its own".into())),
        Command::Bench(_) => Err(Failure::Usage("the bench runs against a database of its own".into())),
    }
}
