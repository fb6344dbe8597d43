//! The tree of RFC 6962 over SM3 (GB/T 32905) instead of SHA-256, of the same entries: for those who trust the national
//! hash. The log's own tree stays what it is; the root of this one is told by an entry.

use sm3::{Digest as _, Sm3};

use super::hash::{HASH_BYTES, Hash};

fn of(parts: &[&[u8]]) -> Hash {
    let mut context = Sm3::new();
    for part in parts {
        context.update(part);
    }
    let (mut out, made) = ([0; HASH_BYTES], context.finalize());
    for (to, from) in out.iter_mut().zip(made.iter()) {
        *to = *from;
    }
    Hash(out)
}

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    of(&[&[0], entry])
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    of(&[&[1], &left.0, &right.0])
}

/// A growing tree: the roots of the perfect trees that make it up, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    roots: Vec<Hash>,
}

impl Peaks {
    /// From what [`Peaks::to_bytes`] gave; `None` when it is not of so many entries.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let roots: Option<Vec<Hash>> = bytes.chunks(HASH_BYTES).map(Hash::from_slice).collect();
        let roots = roots.filter(|roots| roots.len() == size.count_ones() as usize)?;
        Some(Self { size, roots })
    }

    /// The roots, one behind the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.iter().flat_map(|root| root.0).collect()
    }

    /// Entries so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of an entry.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Two perfect trees of one width are one of the next, as a one is carried when counting.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// The root of all.
    pub fn root(&self) -> Hash {
        let folded = self.roots.iter().rev().copied();
        folded
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| of(&[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// The definition of RFC 6962 §2.1, word for word.
    fn defined(entries: &[Vec<u8>]) -> Hash {
        match entries {
            [] => of(&[]),
            [one] => leaf_hash(one),
            more => {
                let split = 1usize << (more.len() - 1).ilog2();
                node_hash(&defined(&more[..split]), &defined(&more[split..]))
            }
        }
    }

    #[test]
    fn the_hash_is_the_standards_and_the_tree_is_the_definitions() {
        // GB/T 32905, annex A.1.
        let abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(HEXLOWER.encode(&of(&[b"abc"]).0), abc);
        let entries: Vec<Vec<u8>> = (0..300u16)
            .map(|n| n.to_be_bytes().repeat(usize::from(n % 7)))
            .collect();
        let mut peaks = Peaks::default();
        for (size, entry) in entries.iter().enumerate() {
            assert_eq!(peaks.root(), defined(&entries[..size]), "{size}");
            let read = Peaks::from_bytes(peaks.size(), &peaks.to_bytes());
            assert_eq!(read.as_ref(), Some(&peaks));
            let half = peaks.to_bytes().len().saturating_sub(1);
            assert_eq!(
                Peaks::from_bytes(peaks.size(), &peaks.to_bytes()[..half]).is_some(),
                size == 0
            );
            peaks.push(leaf_hash(entry));
        }
    }
}
