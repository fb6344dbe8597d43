//! `qiao bench log`: what the public log costs the intake, how fast it writes beside bare hashing and syncing of the same
//! bytes, and how long a gift waits for its published proof.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use proof::log::Folder;
use proof::tlog::tile::{bundles_between, entries_path};
use proof::tlog::{entries, leaf_hash};
use serde_json::{Value, json};

use super::load::{self, Measured, Plan};
use super::server::{House, Server, program};
use super::{millis, per_second, ratio};
use crate::output::{Failure, Out};

/// What `bench log` is told.
#[derive(clap::Args)]
pub struct Args {
    /// For how long gifts come as fast as they go, with the log and without it.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 256)]
    connections: usize,
    /// Gifts a second while the way to the proof is measured.
    #[arg(long, default_value_t = 500)]
    rate: u64,
    /// For how long.
    #[arg(long, default_value_t = 20)]
    paced_seconds: u64,
}

const NOTICES: &str = "/api/v1/notices/notice";
/// Entries of one batch of the floor.
const BATCH: usize = 256;
/// How often the checkpoint is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long a log may take to catch up.
const PATIENCE: Duration = Duration::from_secs(600);
/// A paced run's first gifts do not count: the files of a fresh database grow for the first time.
const WARM_UP: Duration = Duration::from_secs(2);

/// Measures.
pub async fn run(args: Args, out: &Out) -> Result<(Value, String), Failure> {
    out.say("measuring the intake without the log");
    let house = House::make(None)?;
    let server = house.serve_with(&["--bench-without-log"])?;
    let without = load::run(plan(&house, &server, args.seconds, args.connections, 0)?).await?;
    server.stop()?;
    out.say("measuring the log alone over the same gifts");
    let written = house.run(&["log", "write", "--json"])?;
    let entries = written["entries"].as_u64().unwrap_or(0);
    // The start of the process is not the log's; what it took from then on is.
    let alone = micros_of(&written["took_micros"]);
    let spent = |part: &str| micros_of(&written["spent"][part]);
    let (sequencing, publishing) = (spent("sequencing_micros"), spent("publishing_micros"));
    out.say("measuring bare hashing and syncing of the same bytes");
    let published = house.folder().join("log");
    let spare = house.folder().join("floor");
    let floors = move || {
        let all = published_entries(&published, entries)?;
        Ok::<_, anyhow::Error>((floor(&all, &spare)?, floor_of_files(&all, &spare)?))
    };
    let (floor, files_floor) = tokio::task::spawn_blocking(floors).await??;
    drop(house);

    out.say("measuring the intake with the log");
    let house = House::make(None)?;
    let server = house.serve()?;
    let with = load::run(plan(&house, &server, args.seconds, args.connections, 0)?).await?;
    let begin = Instant::now();
    let drained = loop {
        if size(&server).await? >= with.answered {
            break begin.elapsed();
        }
        if begin.elapsed() > PATIENCE {
            return Err(Failure::Refused("the log did not catch up within ten minutes".into()));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    server.stop()?;
    drop(house);

    out.say("measuring the way from a gift to its published proof, with a witness");
    let waits = waits(&args).await?;
    let permille = |permille: usize| waits.get((waits.len() * permille / 1_000).min(waits.len().saturating_sub(1)));
    let micros =
        |wait: Option<&Duration>| u64::try_from(wait.copied().unwrap_or_default().as_micros()).unwrap_or(u64::MAX);
    let speed = per_second(entries, alone);
    let written_speed = per_second(entries, sequencing + publishing);
    let document = json!({
        "gifts_per_s_without": without.per_second(),
        "gifts_per_s_with": with.per_second(),
        "ratio_with_to_without": ratio(with.per_second(), without.per_second()),
        "drain_ms": u64::try_from(drained.as_millis()).unwrap_or(u64::MAX),
        "entries_per_s": speed,
        "floor_hash_and_sync_per_s": floor,
        "ratio_to_floor": ratio(speed, floor),
        "floor_same_files_per_s": files_floor,
        "ratio_to_same_files": ratio(speed, files_floor),
        "sequenced_and_published_per_s": written_speed,
        "sequenced_and_published_to_floor": ratio(written_speed, floor),
        "sequenced_and_published_to_same_files": ratio(written_speed, files_floor),
        "spent": written["spent"],
        "rate": args.rate,
        "proof_p50_ms": millis(micros(permille(500))),
        "proof_p99_ms": millis(micros(permille(990))),
        "proofs": waits.len(),
    });
    let words = words(&document, &without, &with);
    Ok((document, words))
}

fn words(document: &Value, without: &Measured, with: &Measured) -> String {
    format!(
        "intake {} gifts/s with the log, {} without, drained in {} ms; {} entries/s from the gifts on, {} through sequencing, \
         tiles and checkpoint, beside {} bare and {} of the same files; gift to published proof at {} gifts/s: p50 {} ms, p99 {} ms",
        with.per_second(),
        without.per_second(),
        document["drain_ms"],
        document["entries_per_s"],
        document["sequenced_and_published_per_s"],
        document["floor_hash_and_sync_per_s"],
        document["floor_same_files_per_s"],
        document["rate"],
        document["proof_p50_ms"],
        document["proof_p99_ms"]
    )
}

fn plan(house: &House, server: &Server, seconds: u64, connections: usize, rate: u64) -> Result<Plan, Failure> {
    Ok(Plan {
        address: server.address.clone(),
        path: NOTICES.to_owned(),
        secret: house.text("notice_secret")?,
        seconds,
        connections,
        rate,
        projects: Vec::new(),
        first: 0,
    })
}

fn micros_of(number: &Value) -> Duration {
    Duration::from_micros(number.as_u64().unwrap_or(0))
}

/// The size of the published tree.
async fn size(server: &Server) -> Result<u64, Failure> {
    let text = super::pages::get(&server.address, "/log/checkpoint").await?;
    let line = text.lines().nth(1).and_then(|line| line.parse().ok());
    Ok(line.unwrap_or(0))
}

fn published_entries(published: &Path, count: u64) -> anyhow::Result<Vec<Vec<u8>>> {
    let folder = Folder::at(published.to_path_buf());
    let mut all: Vec<Vec<u8>> = Vec::new();
    for (index, width) in bundles_between(0, count) {
        let bytes = folder.read(&entries_path(index, width))?.context("a bundle")?;
        all.extend(entries::decode(&bytes, width)?.into_iter().map(<[u8]>::to_vec));
    }
    Ok(all)
}

/// Hashes all entries and syncs them to one file, a batch at a time: less nobody can do.
fn floor(all: &[Vec<u8>], spare: &Path) -> anyhow::Result<u64> {
    let mut file = File::create(spare)?;
    let begin = Instant::now();
    for batch in all.chunks(BATCH) {
        let mut bytes = Vec::with_capacity(batch.len() * 300);
        for entry in batch {
            bytes.extend_from_slice(&leaf_hash(entry).0);
            entries::push(&mut bytes, entry)?;
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
    }
    Ok(per_second(all.len() as u64, begin.elapsed()))
}

/// Hashes all entries and syncs them to the files that a log in this form has, a batch at a time: what makes the batch
/// certain, its bundle, its tile, and the checkpoint once these are durable. No database, no text made, nothing signed.
fn floor_of_files(all: &[Vec<u8>], spare: &Path) -> anyhow::Result<u64> {
    let folder = spare.with_extension("files");
    std::fs::create_dir_all(&folder)?;
    let mut certain = File::create(spare)?;
    let begin = Instant::now();
    for (at, batch) in all.chunks(BATCH).enumerate() {
        let (mut bundle, mut tile) = (
            Vec::with_capacity(batch.len() * 300),
            Vec::with_capacity(batch.len() * 32),
        );
        for entry in batch {
            tile.extend_from_slice(&leaf_hash(entry).0);
            entries::push(&mut bundle, entry)?;
        }
        certain.write_all(&bundle)?;
        certain.write_all(&tile)?;
        certain.sync_data()?;
        for (name, bytes) in [("bundle", &bundle), ("tile", &tile)] {
            let mut file = File::create(folder.join(format!("{name}{at}")))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        let new = folder.join("new");
        let mut file = File::create(&new)?;
        file.write_all(leaf_hash(&tile).to_base64().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, folder.join("checkpoint"))?;
        File::open(&folder)?.sync_all()?;
    }
    Ok(per_second(all.len() as u64, begin.elapsed()))
}

/// A witness in a process of its own; ended when dropped.
struct Watcher {
    child: Child,
    vkey: String,
    url: String,
    folder: PathBuf,
}

impl Watcher {
    fn start(house: &House) -> anyhow::Result<Self> {
        let folder = house.folder().with_extension("witness");
        let mut child = Command::new(program()?)
            .args([
                "witness",
                "--name",
                "bench.example/w1",
                "--listen",
                "127.0.0.1:0",
                "--watch",
            ])
            .arg(house.text("log_vkey")?)
            .arg("--state")
            .arg(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("the witness’s words")?).lines();
        let mut next = |lead: &str| -> anyhow::Result<String> {
            let line = lines.next().ok_or_else(|| anyhow!("the witness ended"))??;
            let rest = line.strip_prefix(lead).map(str::to_owned);
            rest.ok_or_else(|| anyhow!("the witness says {line}"))
        };
        let vkey = next("witness ")?;
        let url = format!("http://{}", next("http://")?.trim_end_matches('/'));
        Ok(Self {
            child,
            vkey,
            url,
            folder,
        })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Ours, started above.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// How long each gift waited until a published tree had room for it and all before it, sorted.
async fn waits(args: &Args) -> Result<Vec<Duration>, Failure> {
    let house = House::make(None)?;
    let witness = Watcher::start(&house)?;
    let policy = house.folder().join("bench.policy");
    let text = format!(
        "log {}\nwitness w1 {} {}\nquorum w1\n",
        house.text("log_vkey")?,
        witness.vkey,
        witness.url
    );
    std::fs::write(&policy, text)?;
    house.run(&["log", "policy", "--set", &policy.display().to_string(), "--json"])?;
    let server = house.serve()?;
    let seen: Arc<Mutex<Vec<(Instant, u64)>>> = Arc::default();
    let looking = {
        let (seen, address) = (Arc::clone(&seen), server.address.clone());
        tokio::spawn(async move {
            loop {
                let text = super::pages::get(&address, "/log/checkpoint").await.unwrap_or_default();
                let size = text.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
                {
                    let mut all = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    if all.last().is_none_or(|(_, last)| *last != size) {
                        all.push((Instant::now(), size));
                    }
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        })
    };
    let begin = Instant::now();
    let measured = load::run(plan(&house, &server, args.paced_seconds, 64, args.rate)?).await?;
    let end = Instant::now();
    while size(&server).await? < measured.answered && end.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    tokio::time::sleep(2 * LOOK_EVERY).await;
    looking.abort();
    server.stop()?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    // Gift n was due n / rate after the beginning; it is proved by the first tree of more than n entries.
    let mut waits = Vec::new();
    for n in 0..measured.answered {
        let due = begin + Duration::from_micros(n * 1_000_000 / args.rate.max(1));
        if due < begin + WARM_UP {
            continue;
        }
        let at = seen.partition_point(|(_, size)| *size <= n);
        let Some((when, _)) = seen.get(at) else { continue };
        waits.push(when.saturating_duration_since(due));
    }
    waits.sort_unstable();
    Ok(waits)
}
