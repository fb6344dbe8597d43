//! The one place where the world is touched: the real clock, real chance, the environment.

use std::time::{SystemTime, UNIX_EPOCH};

use kernel::{Clock, Instant, SeededRng};

use crate::log_store::Access;

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A generator seeded by the operating system.
///
/// # Errors
/// When the operating system has no randomness to give.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine for chance"
)]
pub fn system_rng() -> anyhow::Result<SeededRng> {
    let mut key = [0u8; 32];
    getrandom::fill(&mut key).map_err(|e| anyhow::anyhow!("the operating system gives no randomness: {e}"))?;
    Ok(SeededRng::from_key(key))
}

/// The key file's content from `QIAO_KEY`, for those who keep it in a secret store.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn key_from_environment() -> Option<String> {
    std::env::var("QIAO_KEY").ok().filter(|text| !text.trim().is_empty())
}

/// What signatures are blinded with.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine for chance"
)]
pub fn signing_chance() -> ring::rand::SystemRandom {
    ring::rand::SystemRandom::new()
}

/// The gateway of messages, `QIAO_NOTIFY_URL`, with the secret that signs what it is sent, `QIAO_NOTIFY_SECRET`; both
/// or none.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn messages_from_environment() -> Option<(String, String)> {
    let read = |name: &str| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    Some((read("QIAO_NOTIFY_URL")?, read("QIAO_NOTIFY_SECRET")?))
}

/// The way to the store of the published log.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn log_store_from_environment() -> Access {
    let read = |name: &str| {
        let value = std::env::var(name).ok();
        value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    Access {
        endpoint: read("QIAO_LOG_STORE_ENDPOINT"),
        region: read("QIAO_LOG_STORE_REGION"),
        access_key: read("QIAO_LOG_STORE_ACCESS_KEY"),
        secret_key: read("QIAO_LOG_STORE_SECRET_KEY"),
        conditions: read("QIAO_LOG_STORE_CONDITIONS"),
    }
}
