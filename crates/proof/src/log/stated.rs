//! What the society's books say of each unit at a size of the log: told apart by what has its entry and what waits.

use std::collections::BTreeMap;

use giving::donations::totals::KindSums;
use kernel::id::public;
use kernel::{BusinessDay, Instant, UnitId};
use platform::Services;
use serde::{Deserialize, Serialize};

use super::leaf::{Figures, Leaf, PublicId};
use super::model::Candidate;

/// The fact of a total that the society states.
pub const STATED: &str = "totals.stated";

/// What that fact says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The day it was stated.
    pub day: BusinessDay,
    /// Of how many entries it speaks.
    pub size: u64,
    /// The figures.
    pub says: Figures,
}

/// A unit in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitBooks {
    /// The unit.
    pub unit: UnitId,
    /// What has its entry.
    pub told: Figures,
    /// What has none yet: it waits for others, so that nobody can be told by it, or came this very moment.
    pub waiting: Figures,
}

/// The books of one moment, and how far the log had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// Entries signed at that moment.
    pub size: u64,
    /// The moment.
    pub as_of: Instant,
    /// Every unit that has gifts.
    pub units: Vec<UnitBooks>,
}

/// What waits, by the public id of its unit.
#[derive(Default)]
pub(super) struct Waiting(BTreeMap<PublicId, Figures>);

impl Waiting {
    /// Of entries that wait for others. What speaks of a gift waits only with its gift.
    pub(super) fn of(held: &[Candidate]) -> Self {
        let mut waiting = Self::default();
        let gifts = held.iter().filter_map(|candidate| candidate.leaf.gift());
        let units: BTreeMap<&PublicId, &PublicId> = gifts.map(|gift| (&gift.id, &gift.unit)).collect();
        for candidate in held {
            let figures = figures(&candidate.leaf);
            let unit = match &candidate.leaf {
                Leaf::Received(l) | Leaf::Granted(l) => Some(&l.unit),
                Leaf::Refunded(l) | Leaf::Reversed(l) => units.get(&l.of).copied(),
                Leaf::Corrected(l) => units.get(&l.of).copied(),
                _ => None,
            };
            if let Some(unit) = unit {
                waiting.add(unit.clone(), figures);
            }
        }
        waiting
    }

    /// One more.
    pub(super) fn add(&mut self, unit: PublicId, figures: Figures) {
        let sum = self.0.entry(unit).or_default();
        *sum = *sum + figures;
    }

    fn of_unit(&self, services: &Services, unit: UnitId) -> Figures {
        let id = PublicId::new(&public(&*services.keys, unit)).ok();
        id.and_then(|id| self.0.get(&id).copied()).unwrap_or_default()
    }
}

/// What an entry adds to its unit.
fn figures(leaf: &Leaf) -> Figures {
    let none = Figures::default();
    match leaf {
        Leaf::Received(l) => gift(false, l.amt.get()),
        Leaf::Granted(l) => gift(true, l.amt.get()),
        Leaf::Refunded(l) => Figures {
            refunds: 1,
            refunded: l.amt.get(),
            ..none
        },
        Leaf::Reversed(l) => Figures {
            unmatched: l.amt.get(),
            ..none
        },
        Leaf::Corrected(l) => Figures {
            gifts: -1,
            given: l.diff.get(),
            ..none
        },
        _ => none,
    }
}

/// One gift or match of so many fen.
pub(super) fn gift(is_match: bool, fen: i64) -> Figures {
    let none = Figures::default();
    if is_match {
        Figures {
            matches: 1,
            matched: fen,
            ..none
        }
    } else {
        Figures {
            gifts: 1,
            given: fen,
            ..none
        }
    }
}

/// Units with what has its entry and what waits.
pub(super) fn units(services: &Services, sums: &[KindSums], waiting: &Waiting) -> Vec<UnitBooks> {
    let mut all: BTreeMap<UnitId, Figures> = BTreeMap::new();
    for of in sums {
        let (sums, none) = (of.sums, Figures::default());
        let part = if of.is_match {
            Figures {
                matches: sums.gifts,
                matched: sums.sum_fen.get(),
                unmatched: sums.refunds.sum_fen.get(),
                ..none
            }
        } else {
            Figures {
                gifts: sums.gifts,
                given: sums.sum_fen.get(),
                refunds: sums.refunds.count,
                refunded: sums.refunds.sum_fen.get(),
                ..none
            }
        };
        let unit = all.entry(of.unit).or_default();
        *unit = *unit + part;
    }
    let books = all.into_iter().map(|(unit, all)| {
        let waiting = waiting.of_unit(services, unit);
        UnitBooks {
            unit,
            told: all - waiting,
            waiting,
        }
    });
    books.collect()
}
