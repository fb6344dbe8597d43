//! Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2): made from tiles, checked from nothing.

use super::TlogError;
use super::hash::{EMPTY_ROOT, Hash, node_hash};
use super::tile::{TileReader, perfect_subtree};

/// A proof never has more hashes than a tree of 2^63 leaves is high.
pub const PROOF_HASHES_MAX: usize = 63;

/// The root of the leaves `begin..end` of a tree of `size`: perfect subtrees folded from the right. `begin` is a multiple
/// of the smallest power of two that holds the range, as the ranges of RFC 6962 are.
fn range_root(reader: &mut impl TileReader, size: u64, begin: u64, end: u64) -> Result<Hash, TlogError> {
    let mut peaks = Vec::new();
    let mut at = begin;
    while at < end {
        let height = (end - at).ilog2();
        peaks.push(perfect_subtree(reader, size, height, at >> height)?);
        at += 1 << height;
    }
    let folded = peaks.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
    Ok(folded.unwrap_or(EMPTY_ROOT))
}

/// The root of the first `size` leaves, in a tree of `tree` leaves.
///
/// # Errors
/// [`TlogError::Tile`], or when the tree is smaller.
pub fn root(reader: &mut impl TileReader, size: u64, tree: u64) -> Result<Hash, TlogError> {
    if size > tree {
        return Err(TlogError::Proof("the tree is smaller"));
    }
    range_root(reader, tree, 0, size)
}

/// The largest power of two below `n`, for `n` above 1.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The siblings from a leaf to the root.
///
/// # Errors
/// [`TlogError::Tile`], or when there is no such leaf.
pub fn inclusion(reader: &mut impl TileReader, index: u64, size: u64) -> Result<Vec<Hash>, TlogError> {
    if index >= size {
        return Err(TlogError::Proof("the tree has no such leaf"));
    }
    let (mut begin, mut end) = (0, size);
    let mut path = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            path.push(range_root(reader, size, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(reader, size, begin, middle)?);
            begin = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes that show that the tree of `old` leaves is the beginning of the tree of `size`. Empty for `old` 0 or `size`.
///
/// # Errors
/// [`TlogError::Tile`], or when `old` is larger.
pub fn consistency(reader: &mut impl TileReader, old: u64, size: u64) -> Result<Vec<Hash>, TlogError> {
    if old > size {
        return Err(TlogError::Proof("the old tree is larger"));
    }
    let mut path = Vec::new();
    if old == 0 || old == size {
        return Ok(path);
    }
    let (mut begin, mut end, mut whole) = (0, size, true);
    while end != old {
        let middle = begin + split(end - begin);
        if old <= middle {
            path.push(range_root(reader, size, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(reader, size, begin, middle)?);
            (begin, whole) = (middle, false);
        }
    }
    if !whole {
        path.push(range_root(reader, size, begin, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks that a leaf stands at `index` of the tree of `size` leaves with this root.
///
/// # Errors
/// [`TlogError::Proof`].
pub fn check_inclusion(path: &[Hash], index: u64, leaf: Hash, size: u64, root: Hash) -> Result<(), TlogError> {
    const WRONG: TlogError = TlogError::Proof("the leaf is not at this place of the tree");
    if index >= size {
        return Err(WRONG);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return Err(WRONG);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == root { Ok(()) } else { Err(WRONG) }
}

/// Checks that the tree `(old, old_root)` is the beginning of the tree `(size, root)`.
///
/// # Errors
/// [`TlogError::Proof`].
pub fn check_consistency(path: &[Hash], old: (u64, Hash), new: (u64, Hash)) -> Result<(), TlogError> {
    const WRONG: TlogError = TlogError::Proof("the older tree is not the beginning of the newer one");
    let ((old, old_root), (size, root)) = (old, new);
    if old > size {
        return Err(WRONG);
    }
    if old == size {
        return if path.is_empty() && old_root == root {
            Ok(())
        } else {
            Err(WRONG)
        };
    }
    if old == 0 {
        return if path.is_empty() && old_root == EMPTY_ROOT {
            Ok(())
        } else {
            Err(WRONG)
        };
    }
    // RFC 9162 §2.1.4.2: a perfect old tree is its own first node.
    let (mut node, mut last) = (old - 1, size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (first, rest) = if old.is_power_of_two() {
        (old_root, path)
    } else {
        let (first, rest) = path.split_first().ok_or(WRONG)?;
        (*first, rest)
    };
    let (mut small, mut large) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(WRONG);
        }
        if node & 1 == 1 || node == last {
            small = node_hash(sibling, &small);
            large = node_hash(sibling, &large);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            large = node_hash(&large, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && small == old_root && large == root {
        Ok(())
    } else {
        Err(WRONG)
    }
}
