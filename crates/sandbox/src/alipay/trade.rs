//! Trades: what was ordered, paid, closed and given back. Amounts are fen, read from yuan texts by hand.

use kernel::Instant;
use kernel::clock::BEIJING;
use time::macros::format_description;
use time::{PrimitiveDateTime, format_description::BorrowedFormatItem};

use super::fault::Fault;

const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// Where a trade is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Waiting,
    Paid(Instant),
    Closed,
}

/// Money given back.
pub(super) struct Refund {
    pub request_no: String,
    pub fen: i64,
    pub at: Instant,
}

/// One trade.
pub(super) struct Trade {
    pub out_trade_no: String,
    pub trade_no: String,
    pub fen: i64,
    pub subject: String,
    pub notify_url: Option<String>,
    pub return_url: Option<String>,
    pub method: String,
    pub made_at: Instant,
    pub expires_at: Option<Instant>,
    pub status: Status,
    pub refunds: Vec<Refund>,
    pub fault: Fault,
}

impl Trade {
    pub(super) const fn paid_at(&self) -> Option<Instant> {
        match self.status {
            Status::Paid(at) => Some(at),
            Status::Waiting | Status::Closed => None,
        }
    }

    pub(super) fn refunded_fen(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.fen).sum()
    }

    /// The word on the wire.
    pub(super) fn status_word(&self) -> &'static str {
        match self.status {
            Status::Waiting => "WAIT_BUYER_PAY",
            Status::Paid(_) if self.refunded_fen() >= self.fen => "TRADE_CLOSED",
            Status::Paid(_) => "TRADE_SUCCESS",
            Status::Closed => "TRADE_CLOSED",
        }
    }

    /// Closes it when its time is over.
    pub(super) fn expire(&mut self, now: Instant) {
        if self.status == Status::Waiting && self.expires_at.is_some_and(|at| at <= now) {
            self.status = Status::Closed;
        }
    }
}

/// `12.3`, `12.30` or `12` as fen; `None` for anything else. Alipay takes 0.01 to 100,000,000.
pub(super) fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 || whole.len() > 9 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    let fen = whole.parse::<i64>().ok()? * 100 + part;
    (1..=10_000_000_000).contains(&fen).then_some(fen)
}

/// Fen as a yuan text.
pub(super) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100)
}

/// A moment on the wire.
pub(super) fn moment(at: Instant) -> String {
    at.to_beijing().format(MOMENT).unwrap_or_default()
}

/// A moment from the wire.
pub(super) fn read_moment(text: &str) -> Option<Instant> {
    let at = PrimitiveDateTime::parse(text, MOMENT).ok()?;
    Some(Instant::from_datetime(at.assume_offset(BEIJING)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_exactly() {
        for (text, expected) in [
            ("0.01", 1),
            ("20", 2_000),
            ("12.3", 1_230),
            ("100000000.00", 10_000_000_000),
        ] {
            assert_eq!(fen(text), Some(expected), "{text}");
        }
        for text in ["0", "0.00", "1.234", "-1", "1e2", "", ".5", "1.", "100000000.01"] {
            assert_eq!(fen(text), None, "{text}");
        }
        assert_eq!(yuan(-5), "-0.05");
        assert_eq!(yuan(123_456), "1234.56");
    }
}
