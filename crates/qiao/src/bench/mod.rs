//! The bench: load generators and floors. Each run makes its own installation in a temporary folder, serves it from a
//! process of its own on loopback, and ends by itself.

pub mod certificate;
pub mod giving_day;
pub mod goods;
pub mod import;
pub mod intake;
pub mod load;
pub mod log;
mod machine;
pub mod pages;
pub mod server;

/// A rate of whole things a second.
pub fn per_second(count: u64, elapsed: std::time::Duration) -> u64 {
    let micros = elapsed.as_micros().max(1);
    u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// A share in thousandths, as a decimal number for JSON.
pub fn ratio(part: u64, whole: u64) -> serde_json::Number {
    let text = if whole == 0 {
        "0".to_owned()
    } else {
        let milli = u128::from(part) * 1_000 / u128::from(whole);
        format!("{}.{:03}", milli / 1_000, milli % 1_000)
    };
    text.parse().unwrap_or_else(|_| 0.into())
}

/// Microseconds as milliseconds with three decimals, for JSON.
pub fn millis(micros: u64) -> serde_json::Number {
    format!("{}.{:03}", micros / 1_000, micros % 1_000)
        .parse()
        .unwrap_or_else(|_| 0.into())
}
