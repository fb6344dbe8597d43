//! `qiao bench pages`: public pages of a simulated campaign.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::server::House;
use super::{millis, per_second};
use crate::output::{Failure, Out};

/// What `bench pages` is told.
#[derive(clap::Args)]
pub struct Args {
    /// For how long each page is asked for.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Readers at once.
    #[arg(long, default_value_t = 16)]
    readers: usize,
    /// Gifts in the campaign.
    #[arg(long, default_value_t = 38_000)]
    gifts: u64,
}

/// A page longer than this is none of ours.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The body of a page, asked for on a connection of its own.
pub async fn get(address: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(PAGE_BYTES_MAX as u64).read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| anyhow::anyhow!("{path}: no answer"))?;
    anyhow::ensure!(
        head.starts_with("HTTP/1.1 200"),
        "{path}: {}",
        head.lines().next().unwrap_or_default()
    );
    Ok(body.to_owned())
}

/// Measures.
pub async fn run(args: Args, out: &Out) -> Result<(Value, String), Failure> {
    let house = House::make(None)?;
    let gifts = args.gifts.to_string();
    let sum = (args.gifts * 28).to_string();
    let day = house.run(&[
        "simulate",
        "giving-day",
        "--gifts",
        &gifts,
        "--sum-yuan",
        &sum,
        "--json",
    ])?;
    let campaign = day["campaign"].as_str().unwrap_or_default().to_owned();
    let server = house.serve()?;
    let mut measured = serde_json::Map::new();
    let mut words = String::new();
    for (name, path) in [
        ("home", "/".to_owned()),
        ("campaign", format!("/c/{campaign}")),
        ("project", "/p/aed".into()),
    ] {
        out.say(format!("measuring {path}"));
        let end = Instant::now() + Duration::from_secs(args.seconds);
        let begin = Instant::now();
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..args.readers {
            let (address, path) = (server.address.clone(), path.clone());
            readers.spawn(async move {
                let mut latencies = Vec::new();
                while Instant::now() < end {
                    let begin = Instant::now();
                    get(&address, &path).await?;
                    latencies.push(u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX));
                }
                anyhow::Ok(latencies)
            });
        }
        let mut latencies = Vec::new();
        while let Some(done) = readers.join_next().await {
            latencies.extend(done??);
        }
        latencies.sort_unstable();
        let rate = per_second(latencies.len() as u64, begin.elapsed());
        let p99 = latencies.get(latencies.len() * 99 / 100).copied().unwrap_or(0);
        measured.insert(name.into(), json!({ "pages_per_s": rate, "p99_ms": millis(p99) }));
        words += &format!("{name}: {rate} pages/s, p99 {} ms\n", millis(p99));
    }
    server.stop()?;
    Ok((Value::Object(measured), words))
}
