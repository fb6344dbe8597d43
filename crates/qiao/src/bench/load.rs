//! The load generator: keep-alive connections over plain TCP, one request in flight on each.
//!
//! It writes HTTP/1.1 by hand, because on two cores a full client would take from the server what it measures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use ring::hmac;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer longer than this is none of ours.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A paced run's latencies count from here on: before it the files of a fresh database grow for the first time.
const WARM_UP: Duration = Duration::from_secs(2);

/// What to send.
pub struct Plan {
    /// `127.0.0.1:port`.
    pub address: String,
    /// The path of the notices.
    pub path: String,
    /// The account's secret, as `init` printed it.
    pub secret: String,
    /// For how long.
    pub seconds: u64,
    /// How many connections.
    pub connections: usize,
    /// Gifts a second over all connections; 0 is as fast as it goes.
    pub rate: u64,
    /// Codes of the projects, taken in turn; none is the general project.
    pub projects: Vec<String>,
    /// The first serial number.
    pub first: u64,
}

/// What came of it.
#[derive(Default)]
pub struct Measured {
    /// Answers of 200.
    pub answered: u64,
    /// Answers of 503.
    pub refused: u64,
    /// The time it took.
    pub elapsed: Duration,
    /// Latencies in microseconds, sorted; of a paced run without its first [`WARM_UP`].
    pub latencies: Vec<u32>,
}

impl Measured {
    /// The latency that this many of a thousand answers stay below, in microseconds.
    pub fn permille(&self, permille: usize) -> u64 {
        if self.latencies.is_empty() {
            return 0;
        }
        let at = (self.latencies.len() * permille / 1_000).min(self.latencies.len() - 1);
        u64::from(self.latencies[at])
    }
    /// Takes in what came of another run of the same kind, its time too.
    pub fn absorb(&mut self, other: Self) {
        self.answered += other.answered;
        self.refused += other.refused;
        self.elapsed += other.elapsed;
        self.latencies.extend(other.latencies);
        self.latencies.sort_unstable();
    }
    /// Answers a second.
    pub fn per_second(&self) -> u64 {
        super::per_second(self.answered, self.elapsed)
    }
}

/// Sends notices until the time is over.
pub async fn run(plan: Plan) -> anyhow::Result<Measured> {
    let serial = Arc::new(AtomicU64::new(plan.first));
    let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, plan.secret.as_bytes()));
    let plan = Arc::new(plan);
    // The clock starts when all are connected: what is measured is giving, not the handshake of hundreds at once.
    let mut streams = Vec::with_capacity(plan.connections);
    for _ in 0..plan.connections {
        let stream = TcpStream::connect(&plan.address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let begin = Instant::now();
    let end = begin + Duration::from_secs(plan.seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for (index, stream) in streams.into_iter().enumerate() {
        let (plan, key, serial) = (Arc::clone(&plan), Arc::clone(&key), Arc::clone(&serial));
        tasks.spawn(async move { connection(stream, &plan, &key, &serial, (begin, end), index).await });
    }
    let mut measured = Measured::default();
    while let Some(done) = tasks.join_next().await {
        let one = done??;
        measured.answered += one.answered;
        measured.refused += one.refused;
        measured.latencies.extend(one.latencies);
    }
    measured.elapsed = begin.elapsed();
    measured.latencies.sort_unstable();
    Ok(measured)
}

async fn connection(
    mut stream: TcpStream,
    plan: &Plan,
    key: &hmac::Key,
    serial: &AtomicU64,
    (begin, end): (Instant, Instant),
    index: usize,
) -> anyhow::Result<Measured> {
    let mut own = Measured::default();
    let mut answer = Vec::with_capacity(1_024);
    // A paced connection sends its n-th request at its own time, so that a slow answer is felt by the next ones.
    let gap = (plan.rate > 0).then(|| Duration::from_micros(plan.connections as u64 * 1_000_000 / plan.rate));
    let calm = begin + gap.map_or(Duration::ZERO, |_| WARM_UP);
    let mut due = begin + gap.map_or(Duration::ZERO, |g| g * index as u32 / plan.connections as u32);
    loop {
        if let Some(gap) = gap {
            tokio::time::sleep_until(due.into()).await;
            due += gap;
        }
        let sent = if gap.is_some() {
            due - gap.unwrap_or_default()
        } else {
            Instant::now()
        };
        if Instant::now() >= end {
            return Ok(own);
        }
        let request = request(plan, key, serial.fetch_add(1, Ordering::Relaxed));
        stream.write_all(&request).await?;
        let status = read_answer(&mut stream, &mut answer).await?;
        let micros = sent.elapsed().as_micros();
        match status {
            200 => own.answered += 1,
            503 => own.refused += 1,
            other => return Err(anyhow!("an answer of {other}: {}", String::from_utf8_lossy(&answer))),
        }
        if sent >= calm {
            own.latencies.push(u32::try_from(micros).unwrap_or(u32::MAX));
        }
    }
}

/// A signed notice with an ordered number like the real ones: channel, date, time, serial.
fn request(plan: &Plan, key: &hmac::Key, serial: u64) -> Vec<u8> {
    let second = serial / 40_000 % 86_400;
    let project = match plan.projects.len() {
        0 => String::new(),
        n => format!(r#","project":"{}""#, plan.projects[serial as usize % n]),
    };
    let body = format!(
        r#"{{"trade_no":"010220260508{:02}{:02}{:02}{serial:010}","amount_fen":{},"paid_at":"2026-05-08T{:02}:{:02}:{:02}Z","payer":{{"name":"王示例"}}{project}}}"#,
        second / 3_600,
        second / 60 % 60,
        second % 60,
        100 + serial % 20_000,
        second / 3_600 % 16,
        second / 60 % 60,
        second % 60,
    );
    let signature = data_encoding::HEXLOWER.encode(hmac::sign(key, body.as_bytes()).as_ref());
    format!(
        "POST {} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nx-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        plan.path,
        body.len()
    )
    .into_bytes()
}

/// Reads one answer; returns its status.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(anyhow!("the server closed a connection"));
        }
        let Some(head) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
            if buffer.len() > ANSWER_BYTES_MAX {
                return Err(anyhow!("an answer without end"));
            }
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head]).context("the head of an answer")?;
        let status = text.get(9..12).and_then(|s| s.parse().ok()).context("a status line")?;
        let length = text
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .map(|n| n.trim().parse::<usize>())
            })
            .context("an answer without length")??;
        while buffer.len() < head + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                return Err(anyhow!("the server closed a connection"));
            }
        }
        return Ok(status);
    }
}
