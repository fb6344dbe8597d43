//! Reading the log's database back from what is published: the log is its own backup.

use std::collections::HashMap;

use db::Tx;
use kernel::id::{Id as _, from_public};
use kernel::{FactId, Instant};
use platform::Services;
use tokio::sync::mpsc;

use super::super::error::LogError;
use super::super::leaf::{self, PublicId};
use super::super::model::{Group, Head, Ident};
use super::super::store;
use super::super::verify::Walk;
use super::{Log, State};
use crate::tlog::{Checkpoint, Frontier, Hash, NewNode, SignedNote, leaf_hash};

/// Entries of one insert while reading back.
const ENTRIES_AT_ONCE: usize = 4_096;
/// Such parts that are read before they are written.
const PARTS_AT_ONCE: usize = 2;

/// What was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Recovered {
    /// Entries that the database had.
    pub had: u64,
    /// Entries it has now.
    pub has: u64,
}

/// Entries on their way back into the database.
#[derive(Default)]
struct Part {
    first: u64,
    leaves: Vec<(Hash, Vec<u8>)>,
    nodes: Vec<NewNode>,
    facts: Vec<(Ident, u64, i64)>,
    crowd: HashMap<Group, i64>,
}

impl Log {
    /// Brings the log's database up to the published tree, or to a larger one that a witness shows, signed by this log's key,
    /// whose entries are there too: it was cosigned, and the process ended before it was published. The facts are read again
    /// from the first: what stands in the log is passed over. Nothing is signed.
    ///
    /// # Errors
    /// [`LogError`]: the published files do not hold together, or what the database signed is not their beginning. Then
    /// two trees were signed, and only a new log with a new key can go on.
    pub async fn recover(&self, services: &Services) -> Result<Recovered, LogError> {
        let mut state = self.inner.state.lock().await;
        *state = State {
            front: state.front.take(),
            ..State::default()
        };
        let published = self.published_note().await?;
        let size = published.as_ref().map_or(0, |(tree, _)| tree.size);
        if let Some(seen) = self.largest_seen().await.filter(|(tree, _)| tree.size > size) {
            let beginning = published.as_ref().map(|(tree, _)| (tree.size, tree.root));
            match self.recover_to(services, &seen, beginning).await {
                Ok(recovered) => return Ok(recovered),
                Err(error) => tracing::warn!(
                    %error,
                    size = seen.0.size,
                    "a witness cosigned a larger tree that cannot be read back; only what is published is"
                ),
            }
        }
        let published = published.ok_or_else(|| {
            LogError::Published("there is no checkpoint; a log that was never published has nothing to recover".into())
        })?;
        self.recover_to(services, &published, None).await
    }

    /// The same with a tree that was signed, of which another, where one is named, must be a beginning.
    async fn recover_to(
        &self,
        services: &Services,
        (tree, note): &(Checkpoint, SignedNote),
        beginning: Option<(u64, Hash)>,
    ) -> Result<Recovered, LogError> {
        let mut at = self.inner.db.snapshot().await?;
        let old = store::head(&mut at).await?;
        drop(at);
        let had = old.as_ref().map_or(0, |head| head.size);
        // The log's own lines: witnesses are asked anew before it is published.
        let own = self.inner.keys.known().flat_map(|key| note.of(key)).cloned();
        let own = SignedNote {
            note: note.note.clone(),
            signatures: own.collect(),
        };
        let new = Head {
            size: tree.size,
            root: tree.root,
            note: own.to_text(),
        };
        let now = services.now();
        let signed = old.as_ref().map(|head| (head.size, head.root));
        let before: Vec<(u64, Hash)> = signed.into_iter().chain(beginning).collect();
        let root = match had < new.size {
            true => self.take_in(services, (old, before), &new, now).await?,
            false => self.read_root(services, (had, before), new.size).await?,
        };
        if root != new.root {
            return Err(other_root());
        }
        let mut tx = services.db.begin().await?;
        store::move_cursor(&mut tx, 0, now).await?;
        tx.commit().await?;
        Ok(Recovered {
            had,
            has: had.max(new.size),
        })
    }

    /// Reads all published entries and takes in none; returns their root.
    async fn read_root(
        &self,
        services: &Services,
        (had, before): (u64, Vec<(u64, Hash)>),
        size: u64,
    ) -> Result<Hash, LogError> {
        let (log, services) = (self.clone(), services.clone());
        let read = move || log.read_back(size, (had, &before), &services, |_| Ok(()));
        tokio::task::spawn_blocking(read).await.map_err(cut_off)?
    }

    /// One transaction: the database has all of it or what it had. What is read waits for what is written, so that a log
    /// of any length passes through a few thousand entries of memory. Returns the root of all that was read.
    async fn take_in(
        &self,
        services: &Services,
        (old, before): (Option<Head>, Vec<(u64, Hash)>),
        new: &Head,
        now: Instant,
    ) -> Result<Hash, LogError> {
        let (give, mut parts) = mpsc::channel(PARTS_AT_ONCE);
        let (log, services, size) = (self.clone(), services.clone(), new.size);
        let had = old.as_ref().map_or(0, |head| head.size);
        let reading = tokio::task::spawn_blocking(move || {
            let give = |part| give.blocking_send(part).map_err(|_| LogError::Moved);
            log.read_back(size, (had, &before), &services, give)
        });
        let mut tx = self.inner.db.begin().await?;
        while let Some(part) = parts.recv().await {
            take_part(&mut tx, &part).await?;
        }
        let root = reading.await.map_err(cut_off)??;
        if root != new.root {
            return Err(other_root());
        }
        if !store::move_head(&mut tx, old.as_ref(), new, now).await? {
            return Err(LogError::Moved);
        }
        tx.commit().await?;
        Ok(root)
    }

    /// Reads all published entries; gives on those that the database does not have, part by part. The trees `before` must
    /// be beginnings of what is read. Returns the root of all.
    fn read_back(
        &self,
        size: u64,
        (had, before): (u64, &[(u64, Hash)]),
        services: &Services,
        give: impl Fn(Part) -> Result<(), LogError>,
    ) -> Result<Hash, LogError> {
        let mut part = Part {
            first: had,
            ..Part::default()
        };
        let mut own = Frontier::new();
        let mut files = self.inner.files.clone();
        let tree = Walk::new(&mut files, size).all(|index, bytes, _| {
            let hash = leaf_hash(bytes);
            let nodes = own.push(hash);
            let here = own.size();
            if before.iter().any(|(size, root)| *size == here && *root != own.root()) {
                return Err(LogError::Published(format!(
                    "the first {here} entries are not those that were signed before: two trees were signed"
                )));
            }
            if index < had {
                return Ok(());
            }
            if part.leaves.len() >= ENTRIES_AT_ONCE {
                let next = Part {
                    first: index,
                    ..Part::default()
                };
                give(std::mem::replace(&mut part, next))?;
            }
            let leaf = leaf::decode(bytes)?;
            part.leaves.push((hash, bytes.to_vec()));
            part.nodes.extend(nodes);
            if let Some(gift) = leaf.gift() {
                *part.crowd.entry(Group::of(gift)).or_default() += 1;
            }
            match leaf.bundle() {
                Some(bundle) => {
                    for (place, member) in bundle.members.iter().enumerate() {
                        part.facts.push((ident(&member.id, services)?, index, place as i64 + 1));
                    }
                }
                None => part.facts.push((ident(leaf.id(), services)?, index, 0)),
            }
            Ok(())
        })?;
        give(part)?;
        Ok(tree.root())
    }
}

fn other_root() -> LogError {
    LogError::Published("the entries do not give the root that was signed".into())
}

fn cut_off(error: tokio::task::JoinError) -> LogError {
    LogError::Broken(format!("the reading was cut off: {error}"))
}

async fn take_part(tx: &mut Tx, part: &Part) -> Result<(), LogError> {
    store::insert_leaves(tx, part.first, &part.leaves).await?;
    store::insert_nodes(tx, &part.nodes).await?;
    store::insert_known(tx, &part.facts).await?;
    store::add_crowd(tx, &part.crowd).await?;
    let idents: Vec<Ident> = part.facts.iter().map(|(ident, ..)| *ident).collect();
    Ok(store::delete_held(tx, &idents).await?)
}

/// The fact behind an entry's id.
fn ident(id: &PublicId, services: &Services) -> Result<Ident, LogError> {
    let fact: FactId =
        from_public(&*services.keys, id.as_str()).map_err(|_| LogError::Published("an entry’s id is none".into()))?;
    Ok(fact.bytes())
}
