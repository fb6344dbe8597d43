//! Amounts with a heavy tail that add up exactly.

use kernel::{Fen, Rng as _, SeededRng};

/// What people give, in yuan, with its share of a thousand gifts: median 20, mean near 28.
const TABLE: [(i64, u64); 17] = [
    (1, 75),
    (2, 40),
    (5, 105),
    (10, 190),
    (20, 330),
    (30, 50),
    (50, 118),
    (66, 18),
    (88, 12),
    (100, 44),
    (168, 3),
    (200, 9),
    (300, 2),
    (500, 2),
    (666, 1),
    (1_000, 1),
    (2_000, 0),
];
/// The mean of the table in fen, to scale it when another mean is asked for.
const MEAN_FEN: i64 = 2_710;

/// `gifts` amounts above zero that add up to `sum`.
///
/// The table is scaled to the mean that is asked for when that is far from its own; what is then missing or too much
/// is laid on or taken off gift after gift, in whole yuan as long as it lasts, so that the median stays.
pub fn draw(gifts: usize, sum: Fen, rng: &SeededRng) -> Vec<Fen> {
    if gifts == 0 {
        return Vec::new();
    }
    let count = gifts as i64;
    let mean = sum.get() / count;
    let is_near = (MEAN_FEN - MEAN_FEN / 8..=MEAN_FEN + MEAN_FEN / 8).contains(&mean);
    let mut fen: Vec<i64> = (0..gifts)
        .map(|_| {
            let yuan = TABLE[super::weighted(rng, TABLE.iter().map(|row| row.1))].0;
            let scaled = if is_near {
                yuan * 100
            } else {
                yuan * 100 * mean / MEAN_FEN
            };
            scaled.max(1)
        })
        .collect();
    let mut missing = sum.get() - fen.iter().sum::<i64>();
    while missing != 0 {
        let at = rng.below(gifts as u64) as usize;
        if missing > 0 {
            // The tail takes what is missing: a gift that is large already becomes larger.
            let step = if missing >= 100 {
                (missing / 100 * 100).min(20_000)
            } else {
                missing
            };
            if fen[at] >= 5_000 || mean < 100 || missing < 100 {
                fen[at] += step;
                missing -= step;
            }
        } else {
            let room = (fen[at] - 1).min(-missing);
            let step = if room >= 100 && is_near { room / 100 * 100 } else { room };
            if step > 0 && (fen[at] > 2_000 || !is_near || -missing < 100) {
                fen[at] -= step;
                missing += step;
            }
        }
    }
    fen.into_iter().map(Fen::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_and_sum_that_can_be_is_met_exactly() {
        for (gifts, sum) in [
            (1, 1),
            (1, 123_456),
            (10, 10),
            (500, 1_395_000),
            (1_000, 5_000_000),
            (7, 99_999),
        ] {
            let amounts = draw(gifts, Fen::new(sum), &SeededRng::new(1));
            assert_eq!(amounts.len(), gifts);
            assert_eq!(Fen::sum(amounts.iter().copied()), Ok(Fen::new(sum)));
            assert!(amounts.iter().all(|a| a.is_positive()), "{gifts} {sum}");
        }
    }
}
