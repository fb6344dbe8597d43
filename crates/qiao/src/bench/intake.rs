//! `qiao bench intake`: signed notices through real HTTP, beside bare HTTP and bare commits.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::load::{self, Measured, Plan};
use super::machine::Watch;
use super::server::{House, Server};
use super::{millis, ratio};
use crate::output::{Failure, Out};

mod floor;
pub mod goods_floor;

/// What `bench intake` is told.
#[derive(clap::Args)]
pub struct Args {
    /// For how long each part runs.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 512)]
    connections: usize,
    /// Gifts in the table before the run.
    #[arg(long, default_value_t = 0)]
    gifts_before: u64,
    /// Gifts a second; 0 is as fast as it goes.
    #[arg(long, default_value_t = 0)]
    rate: u64,
    /// Projects that share the gifts, at most sixteen; 0 is the general project.
    #[arg(long, default_value_t = 0)]
    projects: usize,
    /// Leave the public log out, to see what it costs the gifts.
    #[arg(long)]
    without_log: bool,
}

/// Gifts made up at once when the table is filled before the run: a simulated day is held in memory.
const FILL_PART: u64 = 500_000;
/// How long reactions and jobs may take to catch up.
const PATIENCE: Duration = Duration::from_secs(600);
/// Seconds without a running job that count as calm: the runner looks every second.
const STILL_SECONDS: u32 = 5;
/// Their mean.
const FILL_YUAN: u64 = 30;
/// The seed of the first part, which keeps its numbers apart from those of the run.
const FILL_SEED: u64 = 100;

/// Measures.
pub async fn run(args: Args, database: Option<&str>, out: &Out) -> Result<(Value, String), Failure> {
    let house = House::make(database)?;
    let mut projects = Vec::new();
    if args.projects > 0 {
        let made = house.run(&["simulate", "giving-day", "--gifts", "1", "--sum-yuan", "1", "--json"])?;
        let codes = made["projects"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|code| code.as_str());
        projects.extend(codes.take(args.projects).map(str::to_owned));
    }
    fill(&house, args.gifts_before, out)?;
    let without: &[&str] = if args.without_log {
        &["--bench-without-log"]
    } else {
        &[]
    };
    let server = house.serve_with(without)?;
    if args.gifts_before > 0 {
        // A house that starts does the work of the night it has missed; counting millions of gifts again takes a minute.
        calm(&server).await?;
    }
    out.say("measuring the intake");
    let watch = Watch::begin();
    let plan = plan(
        &house,
        &server,
        "/api/v1/notices/notice",
        args.seconds,
        args.connections,
        args.gifts_before,
    )?;
    let measured = load::run(Plan {
        rate: args.rate,
        projects,
        ..plan
    })
    .await?;
    let lag = lags(&server).await?;
    let drained = drain(&server).await?;
    let batches = counter(&server, "qiao_intake_batches_total").await?;
    let memory_kib = server.resident_kib();
    out.say("measuring bare HTTP");
    let bare = plan_bare(&house, &server, &args)?;
    let http = load::run(bare).await?;
    // What the machine itself does to a paced run: the same pace against a handler that only reads and answers.
    let calm = match args.rate {
        0 => None,
        rate => {
            let bare = plan_bare(&house, &server, &args)?;
            Some(load::run(Plan { rate, ..bare }).await?)
        }
    };
    server.stop()?;
    out.say("measuring bare commits");
    let full = floor::Pace {
        seconds: args.seconds,
        paced: None,
    };
    let commits = commit_floor(&house, database, full).await?.per_second;
    // What the disk itself does to commits as large and as frequent as those of the paced run.
    let paced_commits = match args.rate {
        0 => None,
        rate => {
            let many = rate * args.seconds / batches.max(1);
            let pace = floor::Pace {
                paced: Some((rate, many)),
                ..full
            };
            Some(commit_floor(&house, database, pace).await?.p99)
        }
    };
    let lower = http.per_second().min(commits);
    let stolen = watch.stolen();
    let document = json!({
        "gifts_per_s": measured.per_second(),
        "p50_ms": millis(measured.permille(500)),
        "p99_ms": millis(measured.permille(990)),
        "max_ms": millis(measured.permille(1_000)),
        "batches": batches,
        "refused": measured.refused,
        "floor_http_per_s": http.per_second(),
        "floor_http_p99_ms": calm.map(|c| millis(c.permille(990))),
        "floor_commit_per_s": commits,
        "floor_commit_p99_ms": paced_commits.map(|p99| millis(u64::try_from(p99.as_micros()).unwrap_or(u64::MAX))),
        "ratio_to_lower_floor": ratio(measured.per_second(), lower),
        "gifts_before": args.gifts_before,
        "reaction_lag": lag.reactions,
        "drain_ms": whole_millis(drained.reactions),
        "log_lag": lag.log,
        "log_drain_ms": whole_millis(drained.log),
        "memory_kib": memory_kib,
        "stolen": stolen,
        "database": if database.is_some_and(|d| d.starts_with("postgres")) { "postgres" } else { "sqlite" },
    });
    let words = words(&measured, &http, commits, &lag, &drained);
    Ok((document, words))
}

async fn commit_floor(house: &House, database: Option<&str>, pace: floor::Pace) -> Result<floor::Found, Failure> {
    Ok(match database {
        Some(url) if url.starts_with("postgres") => floor::postgres(url, pace).await?,
        _ => {
            let folder = house.folder().to_owned();
            tokio::task::spawn_blocking(move || floor::sqlite(&folder, pace)).await??
        }
    })
}

fn words(measured: &Measured, http: &Measured, commits: u64, lag: &Lags, drained: &Drained) -> String {
    format!(
        "{} gifts/s, p50 {} ms, p99 {} ms; bare HTTP {}/s, bare commits {}/s; reactions {} behind, drained in {} ms; \
         public log {} behind, drained in {} ms",
        measured.per_second(),
        millis(measured.permille(500)),
        millis(measured.permille(990)),
        http.per_second(),
        commits,
        lag.reactions,
        drained.reactions.as_millis(),
        lag.log,
        drained.log.as_millis()
    )
}

fn whole_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn plan(
    house: &House,
    server: &Server,
    path: &str,
    seconds: u64,
    connections: usize,
    first: u64,
) -> Result<Plan, Failure> {
    Ok(Plan {
        address: server.address.clone(),
        path: path.to_owned(),
        secret: house.text("notice_secret")?,
        seconds,
        connections,
        rate: 0,
        projects: Vec::new(),
        first,
    })
}

fn plan_bare(house: &House, server: &Server, args: &Args) -> Result<Plan, Failure> {
    plan(
        house,
        server,
        "/bench/notices/notice",
        args.seconds,
        args.connections,
        0,
    )
}

/// Fills the table as an import would, without HTTP, before the server starts; ends when the reactions have caught up.
fn fill(house: &House, gifts: u64, out: &Out) -> Result<(), Failure> {
    let mut done = 0;
    let mut seed = FILL_SEED;
    while done < gifts {
        let part = (gifts - done).min(FILL_PART);
        let (count, sum) = (part.to_string(), (part * FILL_YUAN).to_string());
        let day = seed.to_string();
        let words = [
            "simulate",
            "giving-day",
            "--gifts",
            &count,
            "--sum-yuan",
            &sum,
            "--seed",
            &day,
            "--json",
        ];
        house.run(&words)?;
        done += part;
        seed += 1;
        out.say(format!("{done} of {gifts} gifts are there"));
    }
    Ok(())
}

/// Facts not yet read.
struct Lags {
    /// By the slowest reaction.
    reactions: u64,
    /// By the public log, which has a promise of its own.
    log: u64,
}

/// How long it took to read them.
pub(super) struct Drained {
    /// All reactions.
    reactions: Duration,
    /// The public log, which works beside them.
    log: Duration,
}

async fn lags(server: &Server) -> Result<Lags, Failure> {
    let text = super::pages::get(&server.address, "/metrics").await?;
    let log = format!("qiao_reaction_lag{{name=\"{}\"}}", proof::log::LAG_LABEL);
    let most = |lines: &mut dyn Iterator<Item = &str>| lines.filter_map(value).max().unwrap_or(0);
    Ok(Lags {
        reactions: most(
            &mut text
                .lines()
                .filter(|l| l.starts_with("qiao_reaction_lag") && !l.starts_with(&log)),
        ),
        log: most(&mut text.lines().filter(|l| l.starts_with(&log))),
    })
}

/// Waits until no job has run for a while and the reactions have caught up.
async fn calm(server: &Server) -> Result<(), Failure> {
    drain(server).await?;
    let (begin, mut still) = (Instant::now(), 0);
    while still < STILL_SECONDS {
        if begin.elapsed() > PATIENCE {
            return Err(Failure::Refused(
                "the jobs of the night did not end within ten minutes".into(),
            ));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        still = match counter(server, "qiao_jobs{name=\"running\"}").await? {
            0 => still + 1,
            _ => 0,
        };
    }
    Ok(())
}

/// Waits until the reactions and the public log have read all that was given.
///
/// # Errors
/// When they do not catch up, or the server does not answer.
pub(super) async fn drain(server: &Server) -> Result<Drained, Failure> {
    let begin = Instant::now();
    let (mut reactions, mut log) = (None, None);
    loop {
        let left = lags(server).await?;
        let now = begin.elapsed();
        if left.reactions == 0 {
            reactions.get_or_insert(now);
        }
        if left.log == 0 {
            log.get_or_insert(now);
        }
        if let (Some(reactions), Some(log)) = (reactions, log) {
            return Ok(Drained { reactions, log });
        }
        if now > PATIENCE {
            return Err(Failure::Refused(
                "the reactions and the public log did not catch up within ten minutes".into(),
            ));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The largest value of a metric with this name.
async fn counter(server: &Server, name: &str) -> Result<u64, Failure> {
    let text = super::pages::get(&server.address, "/metrics").await?;
    Ok(text
        .lines()
        .filter(|l| l.starts_with(name))
        .filter_map(value)
        .max()
        .unwrap_or(0))
}

/// The value at the end of a metric's line.
fn value(line: &str) -> Option<u64> {
    line.rsplit(' ').next()?.parse().ok()
}
