//! What the write path handles.

use std::collections::{HashMap, HashSet};

use kernel::{BusinessDay, Instant};

use super::leaf::{Leaf, PublicId, Received};
use crate::tlog::Hash;

/// What makes an entry unique: the id of the fact it comes from.
pub type Ident = [u8; 16];

/// The mark of a payer: from the blind index of a telephone.
pub type Payer = [u8; 16];

/// The tree as it was signed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its leaves.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// The signed checkpoint.
    pub note: String,
}

/// The leaves at the end of the tree that the last rounds added: what is to be published is then not read back.
#[derive(Debug, Default)]
pub struct Tail {
    first: u64,
    leaves: Vec<(Hash, Vec<u8>)>,
}

impl Tail {
    /// Puts leaves behind the first `size` of the tree.
    pub fn push(&mut self, size: u64, leaves: Vec<(Hash, Vec<u8>)>) {
        if self.leaves.is_empty() || self.first + self.leaves.len() as u64 != size {
            (self.first, self.leaves) = (size, leaves);
        } else {
            self.leaves.extend(leaves);
        }
    }

    /// The leaves of `from..to` that are here, all those from the returned place on: what stands before it is not.
    pub fn since(&self, from: u64, to: u64) -> (u64, &[(Hash, Vec<u8>)]) {
        let begin = self.first.clamp(from, to);
        let at = |place: u64| usize::try_from(place.saturating_sub(self.first)).unwrap_or(usize::MAX);
        match self.leaves.get(at(begin)..at(to)) {
            Some(part) if !part.is_empty() => (begin, part),
            _ => (to, &[]),
        }
    }
}

/// An entry that wants into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The fact it comes from.
    pub ident: Ident,
    /// The entry.
    pub leaf: Leaf,
    /// The fact whose entry must stand before it.
    pub waits_for: Option<Ident>,
    /// Since when it waits.
    pub held_at: Instant,
    /// Who gave, of a gift whose payer told a telephone: the same mark for the same payer. It never leaves the log's own
    /// database, and that only while the entry waits.
    pub payer: Option<Payer>,
}

/// An entry on its way into the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The entry.
    pub leaf: Leaf,
    /// The facts that stand there: one, or the members of a bundle in its order.
    pub idents: Vec<Ident>,
}

impl NewEntry {
    /// The places of its facts inside it: 0 for an entry that is one fact, from 1 in a bundle.
    pub fn places(&self) -> impl Iterator<Item = (Ident, i64)> {
        let first = i64::from(self.leaf.bundle().is_some());
        self.idents
            .iter()
            .enumerate()
            .map(move |(at, ident)| (*ident, first + at as i64))
    }
}

/// A project and a day; gifts and matches apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// The project.
    pub project: PublicId,
    /// The business day.
    pub day: BusinessDay,
    /// Whether its members are matches.
    pub is_match: bool,
}

impl Group {
    /// The group of a gift or match.
    pub fn of(gift: &Received) -> Self {
        Self {
            project: gift.proj.clone(),
            day: gift.day,
            is_match: gift.is_match(),
        }
    }
}

/// What the log knows already of what is asked.
#[derive(Debug, Default)]
pub struct Known {
    /// How many gifts of a project and day stand alone.
    pub crowd: HashMap<Group, i64>,
    /// Which of the facts that somebody waits for stand in the log.
    pub idents: HashSet<Ident>,
}

/// How the log treats what could stand out.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Payers of a project and day below which none of their gifts stands alone. Gifts whose payer is unknown count one each.
    pub crowd_min: usize,
    /// Payers below which a batch of gifts waits for more; 1 for none.
    pub batch_min: usize,
    /// A gift that waits since before this takes its batch along, however small.
    pub batch_before: Instant,
    /// The day that is not over yet.
    pub today: BusinessDay,
    /// What waits since before this is put together with others.
    pub held_before: Instant,
}

/// How large a batch of gifts should be, and how long it waits for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Payers below which a batch of gifts waits; 1: every batch goes at once.
    pub fewest: usize,
    /// The longest such wait in seconds, after which it goes as it is.
    pub longest_seconds: i64,
}

impl Pace {
    /// The most payers that may be waited for.
    pub const FEWEST_MAX: usize = 1_000;
    /// The longest wait: a day, which makes daily batches.
    pub const LONGEST_MAX: i64 = 86_400;

    /// Every batch goes at once.
    pub const AT_ONCE: Self = Self {
        fewest: 1,
        longest_seconds: 0,
    };

    /// A pace within its bounds; `None` outside them.
    pub fn new(fewest: usize, longest_seconds: i64) -> Option<Self> {
        let fits = (1..=Self::FEWEST_MAX).contains(&fewest) && (0..=Self::LONGEST_MAX).contains(&longest_seconds);
        fits.then_some(Self {
            fewest,
            longest_seconds,
        })
    }
}

/// What becomes of the candidates.
#[derive(Debug, Default)]
pub struct Decision {
    /// Into the log, in this order.
    pub entries: Vec<NewEntry>,
    /// They wait on.
    pub keep: Vec<Candidate>,
}

/// Where the time of rounds went, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Spent {
    /// Waiting for facts to be read and entries made of them: each gift's secret unwrapped, its name committed to.
    pub making_micros: i64,
    /// Putting the entries in order, hashing, signing, committing.
    pub sequencing_micros: i64,
    /// Bundles, tiles, witnesses, checkpoint.
    pub publishing_micros: i64,
}

/// What a round, or several, did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Facts read.
    pub facts: usize,
    /// Entries added.
    pub entries: usize,
    /// Whether a checkpoint was published.
    pub published: bool,
    /// Whether as many facts were read as a round may take: there may be more.
    pub is_full: bool,
    /// Where the time went.
    pub spent: Spent,
}

impl Round {
    /// This one and the next after it, as one.
    pub fn and(self, next: Self) -> Self {
        let (a, b) = (self.spent, next.spent);
        Self {
            facts: self.facts + next.facts,
            entries: self.entries + next.entries,
            published: self.published || next.published,
            is_full: next.is_full,
            spent: Spent {
                making_micros: a.making_micros.saturating_add(b.making_micros),
                sequencing_micros: a.sequencing_micros.saturating_add(b.sequencing_micros),
                publishing_micros: a.publishing_micros.saturating_add(b.publishing_micros),
            },
        }
    }
}

/// How the log stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Leaves signed.
    pub size: u64,
    /// Leaves published.
    pub published: u64,
    /// Entries that wait for others.
    pub held: i64,
    /// Facts not read yet.
    pub lag: i64,
    /// For how many seconds the oldest of those, or of what is signed and not published, has waited; 0 where nothing does.
    /// Gifts that wait for others are not counted: they wait on purpose.
    pub oldest_seconds: i64,
    /// Why it does not go on, if it does not.
    pub stopped: Option<String>,
}
