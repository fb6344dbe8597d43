//! Checks a whole published log, trusting nothing but the policy: every entry, every tile, the root, and every tree that
//! was seen before.

use std::collections::{BTreeMap, HashSet};

use super::error::LogError;
use super::folder::CHECKPOINT;
use super::leaf::{self, Figures, Leaf};
use super::recent_sm3::RecentSm3;
use super::totals::{Fold, Totals};
use crate::tlog::policy::Trusted;
use crate::tlog::tile::{TILE_WIDTH, bundles_between, entries_path, tiles_between};
use crate::tlog::{Frontier, Hash, Policy, SignedNote, Tile, TlogError, entries, leaf_hash};

/// What was found in a log that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its checkpoint and who cosigned it.
    pub trusted: Trusted,
    /// Entries of each kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// How many trees that were seen before are beginnings of it.
    pub earlier: usize,
}

/// Where the published files come from: a folder, or a server.
pub trait Source {
    /// A file's bytes, `None` when there is none.
    ///
    /// # Errors
    /// [`LogError`] when it cannot be known.
    fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, LogError>;
}

impl Source for super::folder::Folder {
    fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        Self::read(self, name)
    }
}

impl Source for super::files::Published {
    fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        Self::read(self, name)
    }
}

fn published(name: &str, why: impl std::fmt::Display) -> LogError {
    LogError::Published(format!("{name}: {why}"))
}

/// Entries and leaf hashes of a published log, in their order.
pub(super) struct Walk<'s, S: Source> {
    source: &'s mut S,
    size: u64,
}

impl<'s, S: Source> Walk<'s, S> {
    pub(super) fn new(source: &'s mut S, size: u64) -> Self {
        Self { source, size }
    }

    /// The file in this width, or the full one cut: partial forms go when the full one is there.
    fn file(&mut self, partial: String, full: String) -> Result<(Vec<u8>, bool), LogError> {
        if let Some(bytes) = self.source.read(&partial)? {
            return Ok((bytes, false));
        }
        match self.source.read(&full)? {
            Some(bytes) => Ok((bytes, true)),
            None => Err(published(&partial, "is missing")),
        }
    }

    /// The entries of a bundle.
    pub(super) fn bundle(&mut self, index: u64, width: u16) -> Result<Vec<Vec<u8>>, LogError> {
        let name = entries_path(index, width);
        let full = TILE_WIDTH as u16;
        let (bytes, is_full) = self.file(name.clone(), entries_path(index, full))?;
        let all = entries::decode(&bytes, if is_full { full } else { width });
        let all = all.map_err(|e| published(&name, e))?;
        Ok(all.into_iter().take(usize::from(width)).map(<[u8]>::to_vec).collect())
    }

    fn tile(&mut self, tile: Tile) -> Result<Vec<Hash>, LogError> {
        let (bytes, is_full) = self.file(tile.path(), tile.full().path())?;
        let as_stored = if is_full { tile.full() } else { tile };
        let mut hashes = as_stored.decode(&bytes).map_err(|e| published(&tile.path(), e))?;
        hashes.truncate(usize::from(tile.width));
        Ok(hashes)
    }

    /// Gives every entry with its place, checks every tile, and returns the tree.
    pub(super) fn all(
        &mut self,
        mut each: impl FnMut(u64, &[u8], &Frontier) -> Result<(), LogError>,
    ) -> Result<Frontier, LogError> {
        let mut frontier = Frontier::new();
        let mut rows: BTreeMap<(u8, u64), Vec<Hash>> = BTreeMap::new();
        for (index, width) in bundles_between(0, self.size) {
            let bundle = self.bundle(index, width)?;
            let mut hashes = Vec::with_capacity(bundle.len());
            for (at, entry) in bundle.iter().enumerate() {
                let hash = leaf_hash(entry);
                hashes.push(hash);
                for node in frontier.push(hash) {
                    rows.entry((node.level, node.index / TILE_WIDTH))
                        .or_default()
                        .push(node.hash);
                }
                each(index * TILE_WIDTH + at as u64, entry, &frontier)?;
            }
            let tile = Tile { level: 0, index, width };
            if self.tile(tile)? != hashes {
                return Err(published(&tile.path(), "does not hold the hashes of its entries"));
            }
        }
        for tile in tiles_between(0, self.size).into_iter().filter(|t| t.level > 0) {
            if Some(self.tile(tile)?) != rows.remove(&(tile.level, tile.index)) {
                return Err(published(&tile.path(), "does not hold the hashes of the tiles below"));
            }
        }
        Ok(frontier)
    }
}

/// Checks a published log. `earlier` are sizes and roots that were seen before.
///
/// # Errors
/// [`LogError`] of the first thing that does not hold.
pub fn verify(source: &mut impl Source, policy: &Policy, earlier: &[(u64, Hash)]) -> Result<Verified, LogError> {
    verify_each(source, policy, earlier, |_| Ok(()))
}

/// Checks a published log, and adds up what it says.
///
/// # Errors
/// As [`verify`], and when an entry does not fit those before it.
pub fn verify_totals(
    source: &mut impl Source,
    policy: &Policy,
    earlier: &[(u64, Hash)],
) -> Result<(Verified, Totals), LogError> {
    let mut fold = Fold::default();
    let verified = verify_each(source, policy, earlier, |leaf| fold.take(leaf))?;
    let totals = fold.end(&verified.trusted.checkpoint);
    Ok((verified, totals))
}

/// The sums of a log when it had so many entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Then {
    /// By unit.
    pub units: BTreeMap<String, Figures>,
    /// By project, without what stands in bundles.
    pub projects: BTreeMap<String, Figures>,
}

/// The same, and what its entries came to when there were `size` of them; `None` where there are not so many.
///
/// # Errors
/// As [`verify_totals`].
pub fn verify_totals_then(
    source: &mut impl Source,
    policy: &Policy,
    (earlier, size): (&[(u64, Hash)], u64),
) -> Result<(Verified, Totals, Option<Then>), LogError> {
    let (mut fold, mut then) = (Fold::default(), None);
    let look = |fold: &Fold, then: &mut Option<Then>| {
        if fold.size() == size {
            let (units, projects) = (fold.figures(), fold.projects());
            *then = Some(Then { units, projects });
        }
    };
    look(&fold, &mut then);
    let verified = verify_each(source, policy, earlier, |leaf| {
        fold.take(leaf)?;
        look(&fold, &mut then);
        Ok(())
    })?;
    let totals = fold.end(&verified.trusted.checkpoint);
    Ok((verified, totals, then))
}

fn verify_each(
    source: &mut impl Source,
    policy: &Policy,
    earlier: &[(u64, Hash)],
    mut each: impl FnMut(&Leaf) -> Result<(), LogError>,
) -> Result<Verified, LogError> {
    let note = source
        .read(CHECKPOINT)?
        .ok_or_else(|| published(CHECKPOINT, "is missing"))?;
    let trusted = policy.check(&SignedNote::parse(&note)?)?;
    let (size, root) = (trusted.checkpoint.size, trusted.checkpoint.root);
    let mut wanted: BTreeMap<u64, Hash> = BTreeMap::new();
    for (old, root) in earlier {
        if *old > size {
            let words = format!("shows {size} entries; {old} were seen before");
            return Err(published(CHECKPOINT, words));
        }
        if wanted.insert(*old, *root).is_some_and(|known| known != *root) {
            return Err(published(
                "what was seen before",
                format!("has two roots for {old} entries"),
            ));
        }
    }
    let mut ids: HashSet<u128> = HashSet::new();
    let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
    let empty = Frontier::new().root();
    let check_seen = |at: u64, now: Hash| match wanted.get(&at) {
        Some(seen) if *seen != now => Err(published(
            CHECKPOINT,
            format!("the first {at} entries are not those that were seen before"),
        )),
        _ => Ok(()),
    };
    check_seen(0, empty)?;
    // Costs another hash for every entry: for those who trust that suite.
    let mut second = policy.has_second_suite().then(RecentSm3::default);
    let tree = Walk::new(source, size).all(|at, entry, frontier| {
        let name = || format!("entry {at}");
        let leaf = leaf::decode(entry).map_err(|e| published(&name(), e))?;
        *kinds.entry(leaf.kind()).or_default() += 1;
        let mut own = vec![leaf.id().number()];
        if let Some(bundle) = leaf.bundle() {
            own.extend(bundle.members.iter().map(|m| m.id.number()));
        }
        for id in own {
            if !ids.insert(id) {
                return Err(published(&name(), "its id stands in the log twice"));
            }
        }
        each(&leaf).map_err(|error| published(&name(), error))?;
        if let Some(second) = &mut second {
            if let Leaf::Sm3Root(stated) = &leaf {
                second.check(stated).map_err(|why| published(&name(), why))?;
            }
            second.push(entry);
        }
        if wanted.contains_key(&(at + 1)) {
            check_seen(at + 1, frontier.root())?;
        }
        Ok(())
    })?;
    if tree.root() != root {
        return Err(LogError::Format(TlogError::Proof(
            "the entries do not give the root that was signed",
        )));
    }
    Ok(Verified {
        trusted,
        kinds,
        earlier: earlier.len(),
    })
}
