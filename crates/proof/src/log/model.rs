//! What the write path handles.

use std::collections::{HashMap, HashSet};

use kernel::{BusinessDay, Instant};

use super::leaf::{Leaf, PublicId, Received};
use crate::tlog::Hash;

/// What makes an entry unique: the id of the fact it comes from.
pub type Ident = [u8; 16];

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
    /// Gifts of a project and day below which none of them stands alone.
    pub crowd_min: usize,
    /// The day that is not over yet.
    pub today: BusinessDay,
    /// What waits since before this is put together with others.
    pub held_before: Instant,
}

/// What becomes of the candidates.
#[derive(Debug, Default)]
pub struct Decision {
    /// Into the log, in this order.
    pub entries: Vec<NewEntry>,
    /// They wait on.
    pub keep: Vec<Candidate>,
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Facts read.
    pub facts: usize,
    /// Entries added.
    pub entries: usize,
    /// Whether a checkpoint was published.
    pub published: bool,
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
    /// Why it does not go on, if it does not.
    pub stopped: Option<String>,
}
