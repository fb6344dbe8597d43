//! A made-up giving day, repeatable to the fen: who gives how much to what, and when.
//!
//! Everything hangs on the seed alone; the world's clock and chance are not asked. Shapes are taken from real streams
//! (heavy tail, median 20 yuan, bursts at the hour); donors are made up.

pub mod amounts;
pub mod donors;
pub mod region;
pub mod setting;

use kernel::{BusinessDay, Fen, Instant, Rng as _, SeededRng};

/// The hours of the day and how many of a hundred gifts fall into each: quiet at night, a wave at the opening at
/// ten, another in the evening.
const HOURS: [u64; 24] = [1, 0, 0, 0, 0, 0, 1, 2, 4, 8, 14, 8, 6, 5, 5, 5, 6, 5, 5, 7, 8, 6, 3, 1];
/// Of a hundred gifts of an hour, how many fall into its first five minutes.
const BURST_SHARE: u64 = 35;

/// One made-up gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeUpGift {
    /// When it is paid.
    pub paid_at: Instant,
    /// Its number, shaped like real ones: channel, date, time, serial.
    pub trade_no: String,
    /// Which of the accounts: index into [`CHANNELS`].
    pub channel: usize,
    /// Which of the projects, as an index.
    pub project: usize,
    /// How much.
    pub amount: Fen,
    /// The donor's name; `None` for those who stay anonymous.
    pub name: Option<String>,
}

/// Accounts and the first four digits of their numbers, with their share of a hundred gifts.
pub const CHANNELS: [(&str, &str, u64); 3] = [("wechat", "0102", 66), ("alipay", "0202", 22), ("unionpay", "0303", 12)];

/// Picks an index by weight.
fn weighted(rng: &SeededRng, weights: impl Iterator<Item = u64> + Clone) -> usize {
    let total: u64 = weights.clone().sum();
    let mut at = rng.below(total);
    for (index, weight) in weights.enumerate() {
        if at < weight {
            return index;
        }
        at -= weight;
    }
    0
}

/// The gifts of a day, in order of time: `gifts` of them, `sum` together, shared over projects by `weights`.
pub fn giving_day(gifts: usize, sum: Fen, seed: u64, day: BusinessDay, weights: &[u64]) -> Vec<MadeUpGift> {
    let rng = SeededRng::new(seed);
    let amounts = amounts::draw(gifts, sum, &rng);
    let mut seconds: Vec<i64> = (0..gifts).map(|_| second_of_day(&rng)).collect();
    seconds.sort_unstable();
    let mut all = Vec::with_capacity(gifts);
    for (serial, (second, amount)) in seconds.into_iter().zip(amounts).enumerate() {
        let paid_at = day
            .start()
            .plus_micros(second * 1_000_000 + (rng.below(1_000_000)).cast_signed());
        let channel = weighted(&rng, CHANNELS.iter().map(|c| c.2));
        let project = weighted(&rng, weights.iter().copied());
        let trade_no = format!(
            "{}{}{:02}{:02}{:02}{:010}",
            CHANNELS[channel].1,
            day.to_number(),
            second / 3_600,
            second / 60 % 60,
            second % 60,
            // Serials go up with time, as real ones do; the seed keeps two days apart.
            (seed % 1_000) * 10_000_000 + serial as u64
        );
        let name = (rng.below(100) >= 28).then(|| donors::name(&rng));
        all.push(MadeUpGift {
            paid_at,
            trade_no,
            channel,
            project,
            amount,
            name,
        });
    }
    all
}

fn second_of_day(rng: &SeededRng) -> i64 {
    let hour = weighted(rng, HOURS.iter().copied()) as u64;
    let within = if rng.below(100) < BURST_SHARE {
        rng.below(300)
    } else {
        rng.below(3_600)
    };
    (hour * 3_600 + within).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> BusinessDay {
        BusinessDay::parse("2026-05-08").expect("a day")
    }

    #[test]
    fn the_same_seed_gives_the_same_day_to_the_fen() {
        let sum = Fen::new(106_110_000);
        let weights = [3, 2, 1];
        let one = giving_day(3_800, sum, 58, day(), &weights);
        assert_eq!(one, giving_day(3_800, sum, 58, day(), &weights));
        assert_ne!(one, giving_day(3_800, sum, 59, day(), &weights));
        assert_eq!(Fen::sum(one.iter().map(|g| g.amount)), Ok(sum));
        assert!(one.iter().all(|g| g.paid_at.business_day() == day()));
        let mut numbers: Vec<&str> = one.iter().map(|g| g.trade_no.as_str()).collect();
        assert!(numbers.iter().all(|n| n.len() == 28));
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 3_800);
    }

    #[test]
    fn the_shape_is_that_of_real_streams() {
        let mut fen: Vec<i64> = giving_day(38_000, Fen::new(106_110_000), 58, day(), &[1])
            .iter()
            .map(|g| g.amount.get())
            .collect();
        fen.sort_unstable();
        assert_eq!(fen[19_000], 2_000, "the median is 20 yuan");
        assert!(fen[37_999] >= 50_000, "the tail is heavy");
        assert!(fen[0] >= 1);
    }
}
