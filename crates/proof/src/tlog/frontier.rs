//! The right edge of a growing tree: of every tile level the hashes of its unfinished tile.

use super::hash::{EMPTY_ROOT, Hash, node_hash};
use super::tile::TILE_WIDTH;

/// What must be known to append: at most 255 hashes on each of the levels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// A hash above the leaves that a finished tile gave: the root of 256^`level` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewNode {
    /// The tile level it stands on, from 1.
    pub level: u8,
    /// Its place on that level.
    pub index: u64,
    /// The hash.
    pub hash: Hash,
}

impl Frontier {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// From the unfinished tiles of a tree of `size` leaves, lowest level first; `None` when their widths do not fit it.
    pub fn from_levels(size: u64, levels: Vec<Vec<Hash>>) -> Option<Self> {
        let mut rest = size;
        for level in &levels {
            if level.len() as u64 != rest % TILE_WIDTH {
                return None;
            }
            rest /= TILE_WIDTH;
        }
        (rest == 0).then_some(Self { size, levels })
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf; returns what finished tiles gave above it.
    pub fn push(&mut self, leaf: Hash) -> Vec<NewNode> {
        let mut made = Vec::new();
        let (mut hash, mut level, mut index) = (leaf, 0usize, self.size);
        self.size += 1;
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else { break };
            row.push(hash);
            if (row.len() as u64) < TILE_WIDTH {
                break;
            }
            hash = perfect_root(row);
            row.clear();
            (level, index) = (level + 1, index / TILE_WIDTH);
            made.push(NewNode {
                level: u8::try_from(level).unwrap_or(u8::MAX),
                index,
                hash,
            });
        }
        made
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for row in self.levels.iter().rev() {
            let mut rest = row.as_slice();
            while !rest.is_empty() {
                let width = 1usize << rest.len().ilog2();
                let (perfect, after) = rest.split_at(width);
                peaks.push(perfect_root(perfect));
                rest = after;
            }
        }
        let folded = peaks.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        folded.unwrap_or(EMPTY_ROOT)
    }
}

/// The root of a power of two of hashes.
pub(super) fn perfect_root(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                _ => pair[0],
            })
            .collect();
    }
    row.first().copied().unwrap_or(EMPTY_ROOT)
}

/// How many tile levels a tree of this size has.
pub fn levels(size: u64) -> u8 {
    let mut levels = 0;
    let mut rest = size;
    while rest > 0 {
        levels += 1;
        rest /= TILE_WIDTH;
    }
    levels
}
