//! Which entries go into the log now, in which order, and which wait.
//!
//! A gift alone in its project on its day could be told by who knows of it: it stands alone only where at least k people
//! gave. When its day is over and others wait too, it goes in as a member of a bundle, which tells their sum and days, not
//! the single amount or project. Gifts go in shuffled, so that their order tells nothing about their time; where a pace is
//! set, they wait until a batch is large enough for that.

use std::collections::{BTreeMap, HashSet};

use kernel::{Fen, MoneyError, Rng};

use super::leaf::{Bundle, Leaf, LeafError, MEMBERS_MAX, Member, PublicId, Received};
use super::model::{Candidate, Decision, Group, Ident, Known, Limits, NewEntry};
use crate::tlog::hash::sha256;
use crate::tlog::leaf_hash;

/// Why nothing could be decided.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// A bundle's sum.
    #[error("{0}")]
    Money(#[from] MoneyError),
    /// An entry.
    #[error("{0}")]
    Leaf(#[from] LeafError),
}

/// Decides about all candidates.
///
/// # Errors
/// [`RulesError`]; nothing is decided then.
pub fn decide(
    candidates: Vec<Candidate>,
    known: &Known,
    limits: &Limits,
    rng: &dyn Rng,
) -> Result<Decision, RulesError> {
    let mut decision = Decision::default();
    let mut groups: BTreeMap<Group, Vec<Candidate>> = BTreeMap::new();
    let (mut others, mut ready) = (Vec::new(), Vec::new());
    for candidate in candidates {
        match candidate.leaf.gift().map(Group::of) {
            Some(group) => groups.entry(group).or_default().push(candidate),
            None => others.push(candidate),
        }
    }
    // Matches go together with matches: how many gave is told by gifts alone.
    let mut pools: BTreeMap<(PublicId, bool), Vec<(Received, Candidate)>> = BTreeMap::new();
    for (group, gifts) in groups {
        let alone = known.crowd.get(&group).copied().unwrap_or_default();
        if is_crowd(&gifts, alone, limits.crowd_min) {
            ready.extend(gifts);
            continue;
        }
        let is_over = group.day < limits.today;
        for candidate in gifts {
            let waited = is_over && candidate.held_at <= limits.held_before;
            match candidate.leaf.gift().filter(|_| waited).cloned() {
                Some(gift) => {
                    let pool = (gift.unit.clone(), gift.is_match());
                    pools.entry(pool).or_default().push((gift, candidate));
                }
                None => decision.keep.push(candidate),
            }
        }
    }
    if is_batch(&ready, limits) {
        decision.entries.extend(ready.into_iter().map(single));
    } else {
        decision.keep.extend(ready);
    }
    for ((unit, _), pool) in pools {
        pool_gifts(&unit, pool, limits, &mut decision)?;
    }
    shuffle(&mut decision.entries, rng);
    // What speaks of a gift comes after it.
    let mut there: HashSet<Ident> = known.idents.clone();
    if !others.is_empty() {
        there.extend(decision.entries.iter().flat_map(|entry| &entry.idents));
    }
    for other in others {
        if other.waits_for.is_none_or(|ident| there.contains(&ident)) {
            there.insert(other.ident);
            decision.entries.push(single(other));
        } else {
            decision.keep.push(other);
        }
    }
    Ok(decision)
}

fn single(candidate: Candidate) -> NewEntry {
    NewEntry {
        idents: vec![candidate.ident],
        leaf: candidate.leaf,
    }
}

/// Whether gifts of one group may stand alone, so that they wait for their batch at most; `alone` stand alone already.
pub fn is_crowd<'c>(gifts: impl IntoIterator<Item = &'c Candidate>, alone: i64, crowd_min: usize) -> bool {
    usize::try_from(alone).unwrap_or_default() + payers(gifts) >= crowd_min
}

/// How many gave: one for each known payer, and one for each gift whose payer is unknown.
fn payers<'c>(gifts: impl IntoIterator<Item = &'c Candidate>) -> usize {
    let mut known = HashSet::new();
    let new = |gift: &&Candidate| gift.payer.is_none_or(|payer| known.insert(payer));
    gifts.into_iter().filter(new).count()
}

/// Whether those that may stand alone go in now: enough people gave, or one of them has waited long enough. What is a match
/// goes with the others.
fn is_batch(ready: &[Candidate], limits: &Limits) -> bool {
    let is_gift = |one: &&Candidate| one.leaf.gift().is_some_and(|gift| !gift.is_match());
    limits.batch_min <= 1
        || ready.iter().any(|one| one.held_at <= limits.batch_before)
        || payers(ready.iter().filter(is_gift)) >= limits.batch_min
}

/// Bundles of a unit's gifts; those of too few payers wait on.
fn pool_gifts(
    unit: &PublicId,
    mut pool: Vec<(Received, Candidate)>,
    limits: &Limits,
    decision: &mut Decision,
) -> Result<(), RulesError> {
    let fewest = limits.crowd_min.max(2);
    loop {
        // One gift of each payer first: who gives every day must not fill a bundle alone, or nobody's would ever go in.
        let mut known = HashSet::new();
        let (first, again): (Vec<_>, Vec<_>) = pool
            .into_iter()
            .partition(|(_, one)| one.payer.is_none_or(|payer| known.insert(payer)));
        pool = first.into_iter().chain(again).collect();
        let next = pool.iter().take(MEMBERS_MAX).map(|(_, candidate)| candidate);
        if payers(next) < fewest {
            break;
        }
        let rest = pool.split_off(pool.len().min(MEMBERS_MAX));
        decision.entries.push(bundle(unit, pool)?);
        pool = rest;
    }
    decision.keep.extend(pool.into_iter().map(|(_, candidate)| candidate));
    Ok(())
}

fn bundle(unit: &PublicId, mut gifts: Vec<(Received, Candidate)>) -> Result<NewEntry, RulesError> {
    gifts.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    let sum = Fen::sum(gifts.iter().map(|(gift, _)| gift.amt))?;
    let days = gifts.iter().map(|(gift, _)| gift.day);
    let (from, to) = (days.clone().min(), days.max());
    let (Some(from), Some(to)) = (from, to) else {
        return Err(LeafError::Form("a bundle of nothing").into());
    };
    let mut members = Vec::with_capacity(gifts.len());
    let mut all = Vec::new();
    for (gift, candidate) in &gifts {
        let h = leaf_hash(&candidate.leaf.encode()?);
        all.extend_from_slice(&h.0);
        members.push(Member { id: gift.id.clone(), h });
    }
    let mut id = [0; 16];
    id.copy_from_slice(&sha256(&all).0[..16]);
    let bundle = Bundle {
        id: PublicId::from_bytes(&id),
        unit: unit.clone(),
        from,
        to,
        sum,
        members,
    };
    let is_match = gifts.iter().any(|(gift, _)| gift.is_match());
    Ok(NewEntry {
        idents: gifts.iter().map(|(_, candidate)| candidate.ident).collect(),
        leaf: if is_match {
            Leaf::MatchBundle(bundle)
        } else {
            Leaf::Bundle(bundle)
        },
    })
}

/// Fisher and Yates.
fn shuffle(entries: &mut [NewEntry], rng: &dyn Rng) {
    for last in (1..entries.len()).rev() {
        let other = usize::try_from(rng.below(last as u64 + 1)).unwrap_or(last);
        entries.swap(last, other);
    }
}

#[cfg(test)]
mod tests;
