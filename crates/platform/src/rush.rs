//! Whether gifts come in a crowd just now, so that what can wait gives way to them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kernel::Instant;

/// How long after its last crowd a rush is over.
const OVER_AFTER: Duration = Duration::from_millis(100);
/// On SQLite background writers together hold the one write permit for at most this share of the time of a rush: after
/// each hold all of them rest so many times as long.
const RESTS: u32 = 5;
/// Behind one who is further behind than this (some seconds of a rush) they rest less and take more at once, so that a
/// long rush does not leave certificates behind for as long again.
pub const BEHIND_MAX: i64 = 60_000;
/// How many times as long as the hold they rest then.
const RESTS_BEHIND: u32 = 1;
/// How long a turn is kept for one who never says that it is over, because its work failed.
const TURN_MAX_MICROS: i64 = 250_000;
/// Who writes elsewhere and takes only a share of processor and disk rests so many times as long as it worked.
const RESTS_BESIDE: u32 = 4;
/// The longest rest.
const REST_MAX: Duration = Duration::from_secs(2);
const REST_MAX_MICROS: i64 = REST_MAX.as_micros() as i64;

/// The moment of the last crowd, written by the intake and read by background writers, and whose turn it is among these.
#[derive(Debug, Default)]
pub struct Rush {
    crowd_at: AtomicI64,
    turn_at: AtomicI64,
}

impl Rush {
    /// A batch of gifts from many callers was just written.
    pub fn note(&self, now: Instant) {
        self.crowd_at.store(now.micros(), Ordering::Relaxed);
    }

    /// Whether gifts come in a crowd.
    pub fn is_on(&self, now: Instant) -> bool {
        let since = now.micros().saturating_sub(self.crowd_at.load(Ordering::Relaxed));
        i128::from(since) <= OVER_AFTER.as_micros().cast_signed()
    }

    /// Asks for the turn to take SQLite's write permit beside the gifts: nothing when it is the caller's, who then says
    /// with [`Rush::took`] for how long it held the permit, or how long to wait before asking again. Two background
    /// writers one behind the other would keep a gift waiting for both. Without a rush nobody waits.
    pub fn turn(&self, now: Instant) -> Option<Duration> {
        let at = self.turn_at.load(Ordering::Relaxed);
        let wait = at.saturating_sub(now.micros()).min(REST_MAX_MICROS);
        if !self.is_on(now) {
            return None;
        }
        if wait > 0 {
            return Some(Duration::from_micros(wait.cast_unsigned()));
        }
        let kept = now.micros().saturating_add(TURN_MAX_MICROS);
        match self
            .turn_at
            .compare_exchange(at, kept, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => None,
            // Somebody was faster by a moment.
            Err(_) => Some(Duration::from_millis(1)),
        }
    }

    /// Ends a turn: the permit was held for `held`, and whoever held it has `behind` facts still to read.
    pub fn took(&self, now: Instant, held: Duration, behind: i64) {
        let rests = if behind > BEHIND_MAX { RESTS_BEHIND } else { RESTS };
        let rest = i64::try_from(held.as_micros()).unwrap_or(REST_MAX_MICROS);
        let rest = rest.saturating_mul(i64::from(rests)).min(REST_MAX_MICROS);
        self.turn_at.store(now.micros().saturating_add(rest), Ordering::Relaxed);
    }

    /// How long one who worked for `worked` beside the gifts, without the write permit, leaves processor and disk to
    /// them; nothing when there is no rush.
    pub fn rest_beside(&self, now: Instant, worked: Duration) -> Duration {
        if !self.is_on(now) {
            return Duration::ZERO;
        }
        worked.saturating_mul(RESTS_BESIDE).min(REST_MAX)
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
    fn background_writers_take_turns_while_gifts_come_in_a_crowd_and_not_after() {
        let rush = Rush::default();
        assert_eq!(rush.turn(at(0)), None, "no crowd was ever seen");
        rush.note(at(0));
        assert_eq!(rush.turn(at(0)), None, "the first has the turn");
        assert!(rush.turn(at(1_000)).is_some(), "the second waits for it");
        rush.took(at(4_000), HELD, 0);
        assert_eq!(
            rush.turn(at(4_000)),
            Some(Duration::from_millis(20)),
            "all of them rest"
        );
        assert_eq!(rush.turn(at(24_000)), None);
        rush.took(at(28_000), HELD, BEHIND_MAX + 1);
        let soon = rush.turn(at(28_000));
        assert_eq!(soon, Some(Duration::from_millis(4)), "who is far behind catches up");
        rush.took(at(40_000), Duration::from_secs(1), 0);
        assert_eq!(rush.turn(at(40_000)), Some(REST_MAX));
        assert_eq!(rush.turn(at(100_001)), None, "the crowd is gone");
    }

    #[test]
    fn a_turn_that_is_never_given_back_passes() {
        let rush = Rush::default();
        rush.note(at(0));
        assert_eq!(rush.turn(at(0)), None);
        rush.note(at(TURN_MAX_MICROS));
        assert_eq!(rush.turn(at(TURN_MAX_MICROS)), None);
    }

    #[test]
    fn who_works_beside_the_gifts_rests_only_in_a_rush() {
        let rush = Rush::default();
        assert_eq!(rush.rest_beside(at(0), HELD), Duration::ZERO);
        rush.note(at(0));
        assert_eq!(rush.rest_beside(at(50_000), HELD), Duration::from_millis(16));
        assert_eq!(rush.rest_beside(at(50_000), Duration::from_secs(1)), REST_MAX);
        assert_eq!(rush.rest_beside(at(100_001), HELD), Duration::ZERO);
    }
}
