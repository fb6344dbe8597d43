//! Rate limits: a token bucket per client and route, in bounded memory.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{Clock, Instant};

use crate::problem::Problem;

/// Buckets of one generation; two are kept, so memory stays below about 10 MB whatever the number of clients.
const BUCKETS_MAX: usize = 65_536;
const MICROS_PER_S: i64 = 1_000_000;

/// How often one client may do one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// Microseconds until one more is allowed.
    pub refill_us: u32,
}

impl Rate {
    /// So many a minute, all of which may come at once.
    pub const fn per_minute(count: u32) -> Self {
        Self {
            burst: count,
            refill_us: 60_000_000 / if count == 0 { 1 } else { count },
        }
    }
}

/// Looking up a gift: enough for a donor who mistypes, too few to guess numbers and amounts.
pub const LOOKUP: Rate = Rate::per_minute(10);
/// Opening public pages.
pub const PAGES: Rate = Rate::per_minute(600);

/// When a full bucket would be reached again: one number says all about a bucket.
type FullAt = Instant;
type Key = ([u8; 8], &'static str);

#[derive(Default)]
struct Generations {
    young: HashMap<Key, FullAt>,
    old: HashMap<Key, FullAt>,
}

/// The limits of one process. Cheap to clone.
#[derive(Clone)]
pub struct RateLimiter {
    clock: Arc<dyn Clock>,
    buckets: Arc<Mutex<Generations>>,
}

impl RateLimiter {
    /// A limiter that reads this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            buckets: Arc::default(),
        }
    }

    /// Takes one token of this client on this route.
    ///
    /// # Errors
    /// `too-many-requests` with the seconds until a token is there.
    pub fn take(&self, client: IpAddr, route: &'static str, rate: Rate) -> Result<(), Problem> {
        let now = self.clock.now();
        let key = (network(client), route);
        let mut kept = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.young.get(&key).or_else(|| kept.old.get(&key)).copied();
        let full_at = found.unwrap_or(now).max(now);
        let next = full_at.plus_micros(i64::from(rate.refill_us));
        let depth = i64::from(rate.refill_us) * i64::from(rate.burst.max(1));
        let over = next.micros() - now.micros() - depth;
        if over > 0 {
            let seconds = over.div_euclid(MICROS_PER_S) + i64::from(over % MICROS_PER_S > 0);
            return Err(Problem::too_many(u32::try_from(seconds).unwrap_or(u32::MAX)));
        }
        if kept.young.len() >= BUCKETS_MAX {
            kept.old = std::mem::take(&mut kept.young);
        }
        kept.young.insert(key, next);
        Ok(())
    }
}

/// The part of an address that stands for one client: IPv4 whole, IPv6 by its /64, which one household has.
fn network(client: IpAddr) -> [u8; 8] {
    let mut part = [0; 8];
    match client.to_canonical() {
        IpAddr::V4(v4) => part[4..].copy_from_slice(&v4.octets()),
        IpAddr::V6(v6) => part.copy_from_slice(&v6.octets()[..8]),
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::FixedClock;

    const HOUR: Instant = Instant::from_micros(3_600_000_000);

    fn limiter() -> (Arc<FixedClock>, RateLimiter) {
        let clock = Arc::new(FixedClock::at(HOUR));
        (clock.clone(), RateLimiter::new(clock))
    }

    #[test]
    fn a_burst_passes_the_next_waits_and_tokens_come_back_one_by_one() {
        let (clock, limiter) = limiter();
        let ip: IpAddr = "203.0.113.7".parse().expect("an address");
        for _ in 0..10 {
            assert!(limiter.take(ip, "lookup", LOOKUP).is_ok());
        }
        let refused = limiter.take(ip, "lookup", LOOKUP).expect_err("empty");
        assert_eq!(refused.wait_s(), Some(6));
        assert!(
            limiter.take(ip, "pages", LOOKUP).is_ok(),
            "another route has its own bucket"
        );
        clock.set(HOUR.plus_micros(6_000_000));
        assert!(limiter.take(ip, "lookup", LOOKUP).is_ok());
        assert!(limiter.take(ip, "lookup", LOOKUP).is_err());
    }

    #[test]
    fn one_household_of_ipv6_is_one_client() {
        let (_, limiter) = limiter();
        let once = Rate {
            burst: 1,
            refill_us: 1_000_000,
        };
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert!(limiter.take(ip("2001:db8::1"), "x", once).is_ok());
        assert!(limiter.take(ip("2001:db8::ffff"), "x", once).is_err());
        assert!(limiter.take(ip("2001:db8:0:1::1"), "x", once).is_ok());
    }

    #[test]
    fn memory_stays_bounded_under_many_clients() {
        let (_, limiter) = limiter();
        for n in 0..u32::try_from(BUCKETS_MAX * 2 + 10).expect("small") {
            let _ = limiter.take(IpAddr::from(n.to_be_bytes()), "x", LOOKUP);
        }
        let kept = limiter.buckets.lock().expect("not poisoned");
        assert!(kept.young.len() <= BUCKETS_MAX && kept.old.len() <= BUCKETS_MAX);
    }
}
