//! Following a log entry by entry, as it grows: what a monitor remembers between two checkpoints.

use std::collections::HashSet;

use super::error::LogError;
use super::leaf;
use super::totals::{Differs, Fold};
use super::verify::{Source, Walk};
use crate::tlog::tile::{TILE_WIDTH, bundles_between};
use crate::tlog::{Checkpoint, Frontier, Hash, leaf_hash};

/// A log as far as it was followed: its tree and its sums.
#[derive(Default)]
pub struct Follow {
    frontier: Frontier,
    fold: Fold,
    ids: HashSet<u128>,
}

fn published(why: String) -> LogError {
    LogError::Published(why)
}

impl Follow {
    /// How many entries were read.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Their root.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Reads on to this tree and holds it against the rules: every entry of the vocabulary, each id once, nothing that
    /// does not fit what came before, no stated total that differs, and the root that is to be cosigned.
    ///
    /// After an error what was read must be forgotten: it was not what the log signed, or the log broke a rule.
    ///
    /// # Errors
    /// [`LogError::Published`]: what does not hold.
    pub fn advance(&mut self, source: &mut impl Source, to: &Checkpoint) -> Result<(), LogError> {
        let from = self.size();
        if to.size < from {
            return Err(published(format!("{} entries after {from}", to.size)));
        }
        for (index, width) in bundles_between(from, to.size) {
            let bundle = Walk::new(source, to.size).bundle(index, width)?;
            let first = index * TILE_WIDTH;
            let new = (first..).zip(bundle).filter(|(at, _)| *at >= from);
            for (at, entry) in new {
                self.take(&entry)
                    .map_err(|error| published(format!("entry {at}: {error}")))?;
            }
        }
        if self.root() != to.root {
            return Err(published(
                "the entries do not give the root that is to be cosigned".into(),
            ));
        }
        match self.fold.differ() {
            [] => Ok(()),
            lies => Err(published(
                lies.iter().map(Differs::words).collect::<Vec<_>>().join("; "),
            )),
        }
    }

    fn take(&mut self, entry: &[u8]) -> Result<(), LogError> {
        let leaf = leaf::decode(entry)?;
        let members = leaf.bundle().into_iter().flat_map(|bundle| &bundle.members);
        let ids = members.map(|member| member.id.number()).chain([leaf.id().number()]);
        for id in ids {
            if !self.ids.insert(id) {
                return Err(published("its id stands in the log twice".into()));
            }
        }
        self.fold.take(&leaf)?;
        self.frontier.push(leaf_hash(entry));
        Ok(())
    }
}
