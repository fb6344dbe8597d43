//! The tree over SM3 beside a log that is read from its beginning: its root at any of the last sizes, so that an entry that
//! states one can be held against the entries.

use std::collections::VecDeque;

use super::leaf::Sm3Root;
use crate::tlog::Hash;
use crate::tlog::sm3::{Peaks, leaf_hash};

/// Entries between two trees that are remembered.
const BLOCK: usize = 4_096;
/// Remembered trees: an entry speaks of a tree of at most some hundred thousand entries before it, as a stated total does.
const BLOCKS: usize = 25;

/// The end of the tree as far as it was read.
#[derive(Default)]
pub(super) struct RecentSm3 {
    tree: Peaks,
    /// Trees, each with the hashes behind it up to the next.
    blocks: VecDeque<(Peaks, Vec<Hash>)>,
}

impl RecentSm3 {
    /// One more entry.
    pub(super) fn push(&mut self, entry: &[u8]) {
        let hash = leaf_hash(entry);
        match self.blocks.back_mut() {
            Some((_, hashes)) if hashes.len() < BLOCK => hashes.push(hash),
            _ => {
                self.blocks.push_back((self.tree.clone(), vec![hash]));
                if self.blocks.len() > BLOCKS {
                    self.blocks.pop_front();
                }
            }
        }
        self.tree.push(hash);
    }

    fn root_at(&self, size: u64) -> Option<Hash> {
        if size == self.tree.size() {
            return Some(self.tree.root());
        }
        let (begin, hashes) = self.blocks.iter().rev().find(|(begin, _)| begin.size() <= size)?;
        let more = usize::try_from(size - begin.size()).ok()?;
        let mut tree = begin.clone();
        hashes.get(..more)?.iter().for_each(|hash| tree.push(*hash));
        Some(tree.root())
    }

    /// Holds what an entry states against the entries before it.
    ///
    /// # Errors
    /// What does not hold.
    pub(super) fn check(&self, stated: &Sm3Root) -> Result<(), String> {
        match self.root_at(stated.size) {
            Some(root) if root == stated.root => Ok(()),
            Some(_) => Err(format!(
                "it states another SM3 root than that of the first {} entries",
                stated.size
            )),
            None => Err(format!(
                "it states an SM3 root of {} entries, of which {} stand before it",
                stated.size,
                self.tree.size()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::leaf::PublicId;
    use super::*;
    use kernel::BusinessDay;

    #[test]
    fn a_root_is_held_against_the_entries_before_it_and_against_no_others() {
        let (mut recent, mut whole) = (RecentSm3::default(), Peaks::default());
        let mut roots = vec![whole.root()];
        let all = BLOCK * (BLOCKS + 1) + 7;
        for n in 0..all {
            let entry = n.to_be_bytes();
            recent.push(&entry);
            whole.push(leaf_hash(&entry));
            roots.push(whole.root());
        }
        let stated = |size: usize, root: Hash| Sm3Root {
            id: PublicId::from_bytes(&[3; 16]),
            day: BusinessDay::from_number(20_261_123).expect("a day"),
            size: size as u64,
            root,
        };
        for size in [all, all - 1, all - 7, all - 8, all - BLOCK, BLOCK * 2 + 1, BLOCK * 2] {
            assert_eq!(recent.check(&stated(size, roots[size])), Ok(()), "{size}");
            assert!(recent.check(&stated(size, roots[size - 1])).is_err(), "{size}");
        }
        for size in [all + 1, 5] {
            let root = roots.get(size).copied().unwrap_or(roots[0]);
            assert!(
                recent.check(&stated(size, root)).is_err(),
                "{size}: what is not known is not believed"
            );
        }
    }
}
