//! Whether gifts come in a crowd just now, so that what can wait gives way to them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kernel::Instant;

/// How long after its last crowd a rush is over.
const OVER_AFTER: Duration = Duration::from_millis(100);
/// On SQLite a background writer holds the one write permit for at most this share of the time of a rush: it rests so
/// many times as long as it held the permit.
const RESTS: u32 = 50;
/// Who is further behind than this (a rush of a minute at ten thousand gifts a second) rests less, so that a rush of
/// hours does not leave certificates hours behind.
const BEHIND_MAX: i64 = 500_000;
/// How many times as long as it held the permit such a one rests.
const RESTS_BEHIND: u32 = 4;
/// The longest rest.
const REST_MAX: Duration = Duration::from_secs(2);

/// The moment of the last crowd, written by the intake and read by background writers.
#[derive(Debug, Default)]
pub struct Rush(AtomicI64);

impl Rush {
    /// A batch of gifts from many callers was just written.
    pub fn note(&self, now: Instant) {
        self.0.store(now.micros(), Ordering::Relaxed);
    }

    /// Whether gifts come in a crowd.
    pub fn is_on(&self, now: Instant) -> bool {
        let since = now.micros().saturating_sub(self.0.load(Ordering::Relaxed));
        i128::from(since) <= OVER_AFTER.as_micros().cast_signed()
    }

    /// How long one who held the write permit for `held`, and has `behind` facts still to read, leaves it to the gifts;
    /// nothing when there is no rush.
    pub fn rest(&self, now: Instant, held: Duration, behind: i64) -> Duration {
        if !self.is_on(now) {
            return Duration::ZERO;
        }
        let rests = if behind > BEHIND_MAX { RESTS_BEHIND } else { RESTS };
        held.saturating_mul(rests).min(REST_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: Duration = Duration::from_millis(4);

    fn at(micros: i64) -> Instant {
        Instant::from_micros(1_770_000_000_000_000 + micros)
    }

    #[test]
    fn background_work_rests_while_gifts_come_in_a_crowd_and_not_after() {
        let rush = Rush::default();
        assert_eq!(rush.rest(at(0), HELD, 0), Duration::ZERO, "no crowd was ever seen");
        rush.note(at(0));
        assert_eq!(rush.rest(at(50_000), HELD, 0), Duration::from_millis(200));
        assert_eq!(
            rush.rest(at(50_000), HELD, BEHIND_MAX + 1),
            Duration::from_millis(16),
            "who is far behind catches up"
        );
        assert_eq!(rush.rest(at(50_000), Duration::from_secs(1), 0), REST_MAX);
        assert_eq!(rush.rest(at(100_001), HELD, 0), Duration::ZERO);
    }
}
