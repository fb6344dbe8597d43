//! The live feed: one task of the process reads what is being watched once a second and tells what moved, to part after
//! part of the watchers. Each message is a write by the one thread that speaks HTTP, which must not be a crowd's alone:
//! the more there are who watch, the rarer each is told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use web::sse::LANES;

use super::house::{House, Kept, Topic};

/// How often what is watched is read again, and how often each is told while few watch.
const EVERY: Duration = Duration::from_secs(1);
/// Messages of a second, whatever the crowd: so many watchers are told every second, more of them rarer.
const MESSAGES_A_SECOND: u64 = 300;
/// However large the crowd, nobody is told rarer: a house with more than 1,500 watchers pays for it in messages.
const RAREST: Duration = Duration::from_secs(5);
/// Topics read in one round; on a day with more the rest waits for the next round.
const TOPICS_A_ROUND: usize = 200;

/// How a round, in which every watcher is told once, is spread over its time.
struct Pace {
    /// Between one part of the watchers and the next.
    gap: Duration,
    /// After the last.
    rest: Duration,
}

impl Pace {
    /// The pace of so many watchers.
    fn of(watchers: usize) -> Self {
        let millis = u64::try_from(watchers).unwrap_or(u64::MAX).saturating_mul(1_000) / MESSAGES_A_SECOND;
        let spread = Duration::from_millis(millis).min(RAREST);
        Self {
            gap: spread / LANES as u32,
            rest: EVERY.saturating_sub(spread),
        }
    }
}

/// Runs until the program stops, then ends all streams.
pub(super) async fn run(house: House, mut stopping: watch::Receiver<bool>) {
    // The society's name for error pages, before anybody has opened the home page.
    if let Ok(root) = house.root() {
        let _ = house.page(Topic::Unit(root)).await;
    }
    let mut looks = Looks::default();
    let (mut lane, mut wait, mut looked) = (0, EVERY, tokio::time::Instant::now());
    loop {
        tokio::select! {
            () = sleep(wait) => {}
            // Also when the program was dropped without a word.
            _ = stopping.wait_for(|stop| *stop) => break,
        }
        // A round of a crowd is longer than a second: those told last hear what is new by then.
        if lane == 0 || looked.elapsed() >= EVERY {
            looked = tokio::time::Instant::now();
            looks.look(&house).await;
        }
        house.hub().tell(lane);
        lane = (lane + 1) % LANES;
        let pace = Pace::of(house.hub().readers_total());
        wait = if lane == 0 { pace.gap + pace.rest } else { pace.gap };
    }
    house.hub().close();
}

/// What was read of what is watched.
#[derive(Default)]
struct Looks {
    told: HashMap<String, Arc<Kept>>,
    /// Where the next look begins.
    first: usize,
}

impl Looks {
    /// Reads what is watched, and keeps what moved for its readers.
    async fn look(&mut self, house: &House) {
        let mut watched = house.hub().read_topics();
        watched.sort_unstable();
        self.told.retain(|topic, _| watched.binary_search(topic).is_ok());
        let count = watched.len().min(TOPICS_A_ROUND);
        for at in 0..count {
            self.read(house, &watched[(self.first + at) % watched.len()]).await;
        }
        self.first = if count == watched.len() {
            0
        } else {
            (self.first + count) % watched.len()
        };
    }

    async fn read(&mut self, house: &House, name: &str) {
        let Some(topic) = Topic::parse(&house.services().keys, name) else {
            return;
        };
        // A reading that fails is logged where it failed; the next look tries again.
        let Ok(page) = house.page(topic).await else { return };
        let moved = self
            .told
            .get(name)
            .is_none_or(|before| page.shown.moved_since(&before.shown));
        if moved {
            page.shown.keep(house.hub(), name);
            self.told.insert(name.to_owned(), page);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(watchers: usize) -> Duration {
        let pace = Pace::of(watchers);
        pace.gap * LANES as u32 + pace.rest
    }

    #[test]
    fn few_are_told_every_second_and_without_delay() {
        for watchers in [0, 1, 30, 299, 300] {
            assert_eq!(round(watchers), EVERY, "{watchers}");
        }
        assert_eq!(Pace::of(0).gap, Duration::ZERO);
        assert_eq!(Pace::of(30).gap, Duration::from_millis(10));
    }

    #[test]
    fn a_crowd_gets_no_more_messages_than_a_few_and_nobody_is_forgotten() {
        for watchers in 300_u64..=1_500 {
            let millis = u64::try_from(round(usize::try_from(watchers).expect("small")).as_millis()).expect("short");
            assert_eq!(watchers * 1_000 / millis, MESSAGES_A_SECOND, "{watchers}");
        }
        assert_eq!(round(1_000), Duration::from_millis(3_333));
        for watchers in [1_500, 10_000, usize::MAX] {
            assert_eq!(round(watchers), RAREST, "{watchers}");
        }
    }
}
