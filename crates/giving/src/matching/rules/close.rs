//! Sharing a pool out at its close: in proportion, by how many gave, by a score. Whole numbers only, so that everybody
//! who recomputes it gets the same fen.

use std::collections::BTreeMap;

use kernel::Fen;

use super::super::model::{Kind, Rule};
use super::{less, part_of};

/// A gift that counts at the close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<'c> {
    /// Its project.
    pub project: &'c str,
    /// Who gave; none where nobody knows.
    pub person: Option<[u8; 16]>,
    /// What counts of it, less what was given back.
    pub base: Fen,
}

/// What one project gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// The word of the project.
    pub project: String,
    /// The sum, before the caps of project and unit.
    pub sum: Fen,
}

/// The pool in proportion to the weights, none above its `most`: rounded down, what is over goes by largest remainder,
/// the earlier one first. What a cap holds back is shared among the others.
pub fn proportional(pool: Fen, weights: &[Fen], most: Option<Fen>) -> Vec<Fen> {
    let mut shares = vec![Fen::ZERO; weights.len()];
    let mut open: Vec<usize> = (0..weights.len()).filter(|&at| weights[at].is_positive()).collect();
    let mut left = pool;
    loop {
        let total: i128 = open.iter().map(|&at| i128::from(weights[at].get())).sum();
        if total == 0 || !left.is_positive() {
            return shares;
        }
        let exact = |at: usize| i128::from(left.get()) * i128::from(weights[at].get());
        let over = |at: &usize| most.is_some_and(|most| exact(*at) >= i128::from(most.get()) * total);
        let capped: Vec<usize> = open.iter().copied().filter(over).collect();
        if let (false, Some(most)) = (capped.is_empty(), most) {
            for at in &capped {
                shares[*at] = most;
                left = less(left, most);
            }
            open.retain(|at| !capped.contains(at));
            continue;
        }
        let mut given = Fen::ZERO;
        let mut rests: Vec<(i128, usize)> = Vec::with_capacity(open.len());
        for &at in &open {
            let share = Fen::new(i64::try_from(exact(at) / total).unwrap_or(0));
            shares[at] = share;
            given = given.plus(share).unwrap_or(left);
            rests.push((exact(at) % total, at));
        }
        rests.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let over = usize::try_from(less(left, given).get()).unwrap_or(0);
        for (_, at) in rests.into_iter().take(over) {
            shares[at] = shares[at].plus(Fen::new(1)).unwrap_or(shares[at]);
        }
        return shares;
    }
}

/// What a share is when more of its gift was given back after the sharing out began.
pub fn kept_share(share: Fen, counted: Fen, counted_now: Fen) -> Fen {
    part_of(share, counted_now.min(counted).get(), counted.get())
}

/// What each project gets of a pool that is shared out among projects; none for other kinds. The first is best.
pub fn awards(rule: &Rule, pool: Fen, gifts: &[Counted<'_>]) -> Vec<Award> {
    match &rule.kind {
        Kind::Quadratic { project_permille_max } => quadratic(pool, *project_permille_max, gifts),
        Kind::Score {
            sum_points,
            count_points,
            extra,
            prizes,
        } => {
            let extra = |project: &str| {
                extra
                    .iter()
                    .find(|one| one.project == project)
                    .map_or(0, |one| one.points)
            };
            let ranked = scored((*sum_points, *count_points), extra, gifts);
            let prize = |rank: i64| {
                let fits = prizes.iter().find(|p| p.from_rank <= rank && rank <= p.to_rank);
                fits.map_or(Fen::ZERO, |p| p.each_fen)
            };
            let with_rank = (1i64..).zip(ranked);
            let awards = with_rank.map(|(rank, project)| Award {
                sum: prize(rank),
                project,
            });
            awards.filter(|award| award.sum.is_positive()).collect()
        }
        _ => Vec::new(),
    }
}

/// Fractions of the square root kept: four decimals.
const ROOT_SCALE: u128 = 100_000_000;

/// Each project's share is the square of the sum of the square roots of what each person gave to it.
fn quadratic(pool: Fen, permille_max: i64, gifts: &[Counted<'_>]) -> Vec<Award> {
    let mut by_person: BTreeMap<(&str, [u8; 16]), u128> = BTreeMap::new();
    for gift in gifts {
        if let Some(person) = gift.person {
            let sum = by_person.entry((gift.project, person)).or_default();
            *sum += u128::from(gift.base.get().max(0).cast_unsigned());
        }
    }
    let mut roots: BTreeMap<&str, u128> = BTreeMap::new();
    for ((project, _), sum) in by_person {
        *roots.entry(project).or_default() += (sum * ROOT_SCALE).isqrt();
    }
    let mut weights: Vec<u128> = roots.values().map(|root| root * root).collect();
    // Weights are brought below 2^40, so that a pool of 2^63 fen times a weight stays in range; only ratios matter.
    let largest = weights.iter().max().copied().unwrap_or(0);
    let shift = (128 - largest.leading_zeros()).saturating_sub(40);
    for weight in &mut weights {
        *weight >>= shift;
    }
    let weights: Vec<Fen> = weights
        .into_iter()
        .map(|weight| Fen::new(i64::try_from(weight).unwrap_or(i64::MAX)))
        .collect();
    let most = part_of(pool, permille_max, 1_000);
    let shares = proportional(pool, &weights, Some(most));
    let awards = roots.keys().zip(shares).map(|(project, sum)| Award {
        project: (*project).to_owned(),
        sum,
    });
    awards.filter(|award| award.sum.is_positive()).collect()
}

/// Points have six decimals.
const POINT_SCALE: i128 = 1_000_000;

/// Projects by score, the best first; of equal scores the one with the larger sum, then by word.
fn scored((sum_points, count_points): (i64, i64), extra: impl Fn(&str) -> i64, gifts: &[Counted<'_>]) -> Vec<String> {
    let mut by_project: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for gift in gifts.iter().filter(|gift| gift.base.is_positive()) {
        let entry = by_project.entry(gift.project).or_default();
        entry.0 += i128::from(gift.base.get());
        entry.1 += 1;
    }
    let best_sum = by_project.values().map(|(sum, _)| *sum).max().unwrap_or(1);
    let best_count = by_project.values().map(|(_, count)| *count).max().unwrap_or(1);
    let mut ranked: Vec<(i128, i128, &str)> = by_project
        .iter()
        .map(|(project, (sum, count))| {
            let points = sum * i128::from(sum_points) * POINT_SCALE / best_sum
                + count * i128::from(count_points) * POINT_SCALE / best_count
                + i128::from(extra(project)) * POINT_SCALE;
            (points, *sum, *project)
        })
        .collect();
    ranked.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
    ranked.into_iter().map(|(_, _, project)| project.to_owned()).collect()
}
