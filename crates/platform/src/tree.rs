//! The tree of units in memory, for scopes and permissions: loaded at start and after every change of the network.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use kernel::UnitId;

/// The deepest tree walked: province, city, county, township, village and room to spare. A cycle, which the store
/// refuses to write, would end here instead of never.
const DEPTH_MAX: usize = 16;

/// The tree as of the last load. Readers take a cheap copy of the pointer and never wait for a writer's work.
#[derive(Debug, Default)]
pub struct UnitTree(RwLock<Arc<Links>>);

/// One load, never changed afterwards.
#[derive(Debug, Default)]
struct Links {
    parents: HashMap<UnitId, Option<UnitId>>,
    children: HashMap<UnitId, Vec<UnitId>>,
}

impl UnitTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    fn links(&self) -> Arc<Links> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another load in place: every unit with its parent.
    pub fn replace(&self, units: Vec<(UnitId, Option<UnitId>)>) {
        let mut links = Links {
            parents: HashMap::with_capacity(units.len()),
            children: HashMap::new(),
        };
        for (unit, parent) in units {
            links.parents.insert(unit, parent);
            if let Some(parent) = parent {
                links.children.entry(parent).or_default().push(unit);
            }
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(links);
    }

    /// Whether the unit is known.
    pub fn knows(&self, unit: UnitId) -> bool {
        self.links().parents.contains_key(&unit)
    }

    /// The units without a parent: normally one, the society of the installation.
    pub fn roots(&self) -> Vec<UnitId> {
        let links = self.links();
        let mut roots: Vec<UnitId> = links
            .parents
            .iter()
            .filter(|(_, p)| p.is_none())
            .map(|(u, _)| *u)
            .collect();
        roots.sort_unstable();
        roots
    }

    /// Whether `unit` is `root` or lies below it. An unknown unit lies nowhere.
    pub fn is_within(&self, unit: UnitId, root: UnitId) -> bool {
        self.ancestors(unit).contains(&root)
    }

    /// The unit and those above it, itself first; empty when it is unknown.
    pub fn ancestors(&self, unit: UnitId) -> Vec<UnitId> {
        let links = self.links();
        let mut line = Vec::new();
        let mut next = links.parents.contains_key(&unit).then_some(unit);
        while let Some(here) = next.filter(|_| line.len() < DEPTH_MAX) {
            line.push(here);
            next = links.parents.get(&here).copied().flatten();
        }
        line
    }

    /// The unit and all below it, itself first; empty when it is unknown.
    pub fn subtree(&self, root: UnitId) -> Vec<UnitId> {
        let links = self.links();
        let mut found: Vec<UnitId> = links.parents.contains_key(&root).then_some(root).into_iter().collect();
        let mut seen: HashSet<UnitId> = found.iter().copied().collect();
        let mut at = 0;
        while let Some(here) = found.get(at).copied() {
            for child in links.children.get(&here).into_iter().flatten() {
                if seen.insert(*child) {
                    found.push(*child);
                }
            }
            at += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::id::Id as _;

    fn unit(n: u8) -> UnitId {
        UnitId::from_bytes([n; 16])
    }

    fn tree() -> UnitTree {
        let tree = UnitTree::new();
        tree.replace(vec![
            (unit(1), None),
            (unit(2), Some(unit(1))),
            (unit(3), Some(unit(2))),
            (unit(4), Some(unit(1))),
        ]);
        tree
    }

    #[test]
    fn a_unit_lies_within_itself_and_those_above_it_only() {
        let tree = tree();
        assert!(tree.is_within(unit(3), unit(3)));
        assert!(tree.is_within(unit(3), unit(1)));
        assert!(!tree.is_within(unit(1), unit(3)));
        assert!(!tree.is_within(unit(4), unit(2)));
        assert!(!tree.is_within(unit(9), unit(9)), "an unknown unit lies nowhere");
        assert_eq!(tree.ancestors(unit(3)), [unit(3), unit(2), unit(1)]);
    }

    #[test]
    fn a_subtree_has_the_unit_first_and_all_below_it() {
        let tree = tree();
        assert_eq!(tree.subtree(unit(2)), [unit(2), unit(3)]);
        assert_eq!(tree.subtree(unit(1)).len(), 4);
        assert_eq!(tree.subtree(unit(9)), []);
        assert_eq!(tree.roots(), [unit(1)]);
    }

    #[test]
    fn a_cycle_ends_the_walk() {
        let tree = UnitTree::new();
        tree.replace(vec![(unit(1), Some(unit(2))), (unit(2), Some(unit(1)))]);
        assert_eq!(tree.ancestors(unit(1)).len(), DEPTH_MAX);
        assert_eq!(tree.subtree(unit(1)).len(), 2);
    }
}
