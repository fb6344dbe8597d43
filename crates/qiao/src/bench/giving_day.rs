//! `qiao bench giving-day`: gifts with matching on, one hot pool and one hot project, beside the unmatched intake and
//! with live page watchers, all in one run.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::load::{self, Measured, Plan};
use super::server::{House, Server};
use super::{millis, ratio};
use crate::output::{Failure, Out};

/// What `bench giving-day` is told.
#[derive(clap::Args)]
pub struct Args {
    /// For how long each part runs.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 512)]
    connections: usize,
    /// Readers with a live page open in the last part.
    #[arg(long, default_value_t = 1_000)]
    watchers: usize,
    /// The gift's cap in yuan.
    #[arg(long, default_value_t = 100)]
    cap_yuan: i64,
}

/// The money of the hot pool: more than any bench gives, so that every gift is matched.
const LOCKED_YUAN: &str = "10000000000";
/// How long the server is left to see the pool and to read what the part before left behind.
const SETTLE: Duration = Duration::from_millis(1_500);

/// Measures.
pub async fn run(args: Args, database: Option<&str>, out: &Out) -> Result<(Value, String), Failure> {
    let house = House::make(database)?;
    let server = house.serve()?;
    let mut first = 0;
    out.say("measuring without a pool");
    let unmatched = part(&house, &server, &args, &mut first).await?;
    set_up(&house, args.cap_yuan)?;
    tokio::time::sleep(SETTLE).await;
    out.say("measuring with one hot pool");
    let matched = part(&house, &server, &args, &mut first).await?;
    tokio::time::sleep(SETTLE).await;
    out.say(format!("measuring with {} watchers", args.watchers));
    let (mut watchers, heard) = watch(&server, args.watchers).await?;
    let watched = part(&house, &server, &args, &mut first).await?;
    watchers.abort_all();
    let heard = heard.load(std::sync::atomic::Ordering::Relaxed);
    server.stop()?;
    let again = house.run(&["match", "replay", "--json"])?;
    let decisions = again["decisions"].as_u64().unwrap_or(0);
    let document = json!({
        "unmatched_per_s": unmatched.per_second(),
        "matched_per_s": matched.per_second(),
        "watched_per_s": watched.per_second(),
        "ratio_matched": ratio(matched.per_second(), unmatched.per_second()),
        "ratio_watched": ratio(watched.per_second(), matched.per_second()),
        "matched_p50_ms": millis(matched.permille(500)),
        "matched_p99_ms": millis(matched.permille(990)),
        "watched_p99_ms": millis(watched.permille(990)),
        "watchers": args.watchers,
        "bytes_heard": heard,
        "decisions": decisions,
        "gifts_matched_parts": matched.answered + watched.answered,
        "replay_agrees": again["agrees"],
        "refused": unmatched.refused + matched.refused + watched.refused,
        "database": if database.is_some_and(|d| d.starts_with("postgres")) { "postgres" } else { "sqlite" },
    });
    let words = format!(
        "{} gifts/s without a pool, {} with one hot pool, {} with {} watchers as well; {decisions} decisions, replay {}",
        unmatched.per_second(),
        matched.per_second(),
        watched.per_second(),
        args.watchers,
        if again["agrees"] == true { "agrees" } else { "DIFFERS" }
    );
    Ok((document, words))
}

async fn part(house: &House, server: &Server, args: &Args, first: &mut u64) -> Result<Measured, Failure> {
    let measured = load::run(Plan {
        address: server.address.clone(),
        path: "/api/v1/notices/notice".to_owned(),
        secret: house.text("notice_secret")?,
        seconds: args.seconds,
        connections: args.connections,
        rate: 0,
        projects: Vec::new(),
        first: *first,
    })
    .await?;
    *first += measured.answered + measured.refused + args.connections as u64;
    Ok(measured)
}

/// A pool that matches every gift of the load, one yuan for one yuan up to the cap.
fn set_up(house: &House, cap_yuan: i64) -> Result<(), Failure> {
    let rule = json!({
        "window": { "spans": [{ "from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z" }] },
        "kind": { "kind": "ratio", "permille": 1_000 },
        "caps": { "gift_fen": cap_yuan * 100 },
    });
    let (rule_file, paper) = (house.folder().join("rule.json"), house.folder().join("agreement.txt"));
    std::fs::write(&rule_file, rule.to_string())?;
    std::fs::write(&paper, "made up for the bench")?;
    let (rule_file, paper) = (rule_file.display().to_string(), paper.display().to_string());
    house.run(&[
        "match",
        "set-up",
        "--pool",
        "hot",
        "--sponsor",
        "测量企业",
        "--locked-yuan",
        LOCKED_YUAN,
        "--rule",
        &rule_file,
        "--agreement",
        &paper,
        "--open",
        "--json",
    ])?;
    Ok(())
}

type Heard = std::sync::Arc<std::sync::atomic::AtomicU64>;

/// Opens live pages of the hot project and reads what they are told.
async fn watch(server: &Server, watchers: usize) -> Result<(JoinSet<()>, Heard), Failure> {
    let project: Value = serde_json::from_str(&super::pages::get(&server.address, "/api/v1/projects/general").await?)?;
    let topic = project["id"].as_str().unwrap_or_default().to_owned();
    let heard = Heard::default();
    let mut all = JoinSet::new();
    for _ in 0..watchers {
        let mut stream = TcpStream::connect(&server.address).await?;
        let request = format!("GET /events/{topic} HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
        stream.write_all(request.as_bytes()).await?;
        let mut buffer = vec![0; 4_096];
        let read = stream.read(&mut buffer).await?;
        if !buffer[..read].starts_with(b"HTTP/1.1 200") {
            return Err(Failure::Refused("a live page was refused".into()));
        }
        let heard = std::sync::Arc::clone(&heard);
        all.spawn(async move {
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                heard.fetch_add(read as u64, std::sync::atomic::Ordering::Relaxed);
            }
        });
    }
    Ok((all, heard))
}
