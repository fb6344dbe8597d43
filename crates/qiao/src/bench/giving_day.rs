//! `qiao bench giving-day`: gifts with matching on, one hot pool and one hot project, beside the unmatched intake and
//! with live page watchers, all in one run. The three parts are measured in turns, there and back, so that the growth of
//! the database and the moods of the machine fall on each of them alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Number, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::intake;
use super::load::{self, Measured, Plan};
use super::server::{House, Server};
use super::{millis, ratio};
use crate::output::{Failure, Out};

/// What `bench giving-day` is told.
#[derive(clap::Args)]
pub struct Args {
    /// For how long each part runs, over all its rounds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 512)]
    connections: usize,
    /// Readers with a live page open in the part with watchers.
    #[arg(long, default_value_t = 1_000)]
    watchers: usize,
    /// The gift's cap in yuan.
    #[arg(long, default_value_t = 100)]
    cap_yuan: i64,
}

/// The money of a hot pool: more than any bench gives, so that every gift is matched.
const LOCKED_YUAN: &str = "10000000000";
/// How long the server is left to see a pool open or closed.
const SETTLE: Duration = Duration::from_millis(1_500);
/// A part's turn in a round is not shorter: watchers of a crowd are told every few seconds only.
const TURN_SECONDS: u64 = 4;
/// More rounds say no more.
const ROUNDS_MAX: u64 = 10;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// No pool is open.
    Unmatched,
    /// One is, and matches every gift.
    Matched,
    /// The same, with watchers.
    Watched,
}

impl Part {
    const ALL: [Self; 3] = [Self::Unmatched, Self::Matched, Self::Watched];

    /// The order of a round: there, and in the next one back.
    fn order(round: u64) -> [Self; 3] {
        let mut order = Self::ALL;
        if round % 2 == 1 {
            order.reverse();
        }
        order
    }
    /// In words.
    fn words(self) -> &'static str {
        match self {
            Self::Unmatched => "without a pool",
            Self::Matched => "with one hot pool",
            Self::Watched => "with one hot pool and watchers",
        }
    }
}

/// How many rounds the seconds of a part are cut into: an even number where there is time for it.
fn rounds(seconds: u64) -> u64 {
    let rounds = (seconds / TURN_SECONDS).clamp(1, ROUNDS_MAX);
    if rounds > 1 { rounds - rounds % 2 } else { rounds }
}

/// The seconds of a part's turn in a round; over all rounds they make up what was asked for.
fn turn(seconds: u64, rounds: u64, round: u64) -> u64 {
    seconds * (round + 1) / rounds - seconds * round / rounds
}

/// The house that is measured, and what it was brought to.
struct Day<'a> {
    house: &'a House,
    server: &'a Server,
    args: &'a Args,
    /// The first serial number of the next turn.
    first: u64,
    /// Pools made, each of which is open for some turns.
    pools: u64,
    is_open: bool,
    /// Bytes that watchers read.
    heard: Arc<AtomicU64>,
}

/// Measures.
pub async fn run(args: Args, database: Option<&str>, out: &Out) -> Result<(Value, String), Failure> {
    let house = House::make(database)?;
    let server = house.serve()?;
    let mut day = Day {
        house: &house,
        server: &server,
        args: &args,
        first: 0,
        pools: 0,
        is_open: false,
        heard: Arc::default(),
    };
    let mut sums = [Measured::default(), Measured::default(), Measured::default()];
    let mut rates: [Vec<u64>; 3] = Default::default();
    let rounds = rounds(args.seconds);
    for round in 0..rounds {
        for part in Part::order(round) {
            out.say(format!("round {} of {rounds}: {}", round + 1, part.words()));
            let measured = day.measure(part, turn(args.seconds, rounds, round)).await?;
            rates[part as usize].push(measured.per_second());
            sums[part as usize].absorb(measured);
        }
    }
    let heard = day.heard.load(Ordering::Relaxed);
    server.stop()?;
    let again = house.run(&["match", "replay", "--json"])?;
    let decisions = again["decisions"].as_u64().unwrap_or(0);
    let [unmatched, matched, watched] = sums;
    let [of_unmatched, of_matched, of_watched] = rates;
    let document = json!({
        "unmatched_per_s": unmatched.per_second(),
        "matched_per_s": matched.per_second(),
        "watched_per_s": watched.per_second(),
        "ratio_matched": ratio(matched.per_second(), unmatched.per_second()),
        "ratio_watched": ratio(watched.per_second(), matched.per_second()),
        "rounds": rounds,
        "round_ratios_matched": ratios(&of_matched, &of_unmatched),
        "round_ratios_watched": ratios(&of_watched, &of_matched),
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

/// The ratios of the rounds, which say how far the ratio of the sums is to be trusted.
fn ratios(parts: &[u64], wholes: &[u64]) -> Vec<Number> {
    parts
        .iter()
        .zip(wholes)
        .map(|(part, whole)| ratio(*part, *whole))
        .collect()
}

impl Day<'_> {
    /// Brings the house to where a part wants it, and measures it for that long. What the turn before left to be read
    /// in the background is waited for, so that no part pays for another.
    async fn measure(&mut self, part: Part, seconds: u64) -> Result<Measured, Failure> {
        intake::drain(self.server).await?;
        match (part, self.is_open) {
            (Part::Unmatched, true) => {
                self.house.run(&["match", "close", &self.pool(), "--json"])?;
                self.is_open = false;
            }
            (Part::Matched | Part::Watched, false) => {
                self.pools += 1;
                self.open()?;
                self.is_open = true;
            }
            _ => {}
        }
        tokio::time::sleep(SETTLE).await;
        if part != Part::Watched {
            return self.load(seconds).await;
        }
        let mut watchers = self.watch().await?;
        let measured = self.load(seconds).await;
        watchers.shutdown().await;
        measured
    }

    async fn load(&mut self, seconds: u64) -> Result<Measured, Failure> {
        let measured = load::run(Plan {
            address: self.server.address.clone(),
            path: "/api/v1/notices/notice".to_owned(),
            secret: self.house.text("notice_secret")?,
            seconds,
            connections: self.args.connections,
            rate: 0,
            projects: Vec::new(),
            first: self.first,
        })
        .await?;
        self.first += measured.answered + measured.refused + self.args.connections as u64;
        Ok(measured)
    }

    /// The code of the newest pool.
    fn pool(&self) -> String {
        format!("hot-{}", self.pools)
    }

    /// Opens a pool that matches every gift of the load, one yuan for one yuan up to the cap.
    fn open(&self) -> Result<(), Failure> {
        let rule = json!({
            "window": { "spans": [{ "from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z" }] },
            "kind": { "kind": "ratio", "permille": 1_000 },
            "caps": { "gift_fen": self.args.cap_yuan * 100 },
        });
        let folder = self.house.folder();
        let (rule_file, paper) = (folder.join("rule.json"), folder.join("agreement.txt"));
        std::fs::write(&rule_file, rule.to_string())?;
        std::fs::write(&paper, "made up for the bench")?;
        let (rule_file, paper) = (rule_file.display().to_string(), paper.display().to_string());
        self.house.run(&[
            "match",
            "set-up",
            "--pool",
            &self.pool(),
            "--sponsor",
            &format!("测量企业{}", self.pools),
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

    /// Opens live pages of the hot project and reads what they are told.
    async fn watch(&self) -> Result<JoinSet<()>, Failure> {
        let address = &self.server.address;
        let project: Value = serde_json::from_str(&super::pages::get(address, "/api/v1/projects/general").await?)?;
        let topic = project["id"].as_str().unwrap_or_default().to_owned();
        let mut all = JoinSet::new();
        for _ in 0..self.args.watchers {
            let mut stream = TcpStream::connect(address).await?;
            let request = format!("GET /events/{topic} HTTP/1.1\r\nhost: {address}\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            let mut buffer = vec![0; 4_096];
            let read = stream.read(&mut buffer).await?;
            if !buffer[..read].starts_with(b"HTTP/1.1 200") {
                return Err(Failure::Refused("a live page was refused".into()));
            }
            let heard = Arc::clone(&self.heard);
            all.spawn(async move {
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    heard.fetch_add(read as u64, Ordering::Relaxed);
                }
            });
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turns_of_a_part_make_up_its_seconds_and_every_part_has_its_turn_in_each_round() {
        for seconds in 0..=100 {
            let rounds = rounds(seconds);
            assert!((1..=ROUNDS_MAX).contains(&rounds) && (rounds == 1 || rounds.is_multiple_of(2)));
            let turns = (0..rounds).map(|round| turn(seconds, rounds, round));
            assert_eq!(turns.sum::<u64>(), seconds);
            assert!(seconds < TURN_SECONDS || (0..rounds).all(|round| turn(seconds, rounds, round) >= TURN_SECONDS));
        }
        assert!(Part::order(0) == Part::ALL && Part::order(1) == [Part::Watched, Part::Matched, Part::Unmatched]);
    }
}
