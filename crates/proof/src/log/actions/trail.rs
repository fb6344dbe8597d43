//! Which entries speak of a project: read off the entries a moment after they are published, and kept beside them.
//!
//! An entry that names no project is in no trail: gifts put together because they were too few, and what speaks of them,
//! stay told of nobody. Made anew from the entries at any time; nothing depends on it but the page that lists them.

mod store;

use std::collections::HashMap;
use std::time::Duration;

use db::Reads;
use kernel::FactId;
use kernel::id::{Id as _, from_public};
use platform::Services;
use tokio::sync::watch;

use super::super::error::LogError;
use super::super::leaf::{self, Leaf, PublicId};
use super::super::model::Ident;
use super::Log;

/// Entries of one transaction: some hundred milliseconds of reading, then one short write.
const ENTRIES_AT_ONCE: u64 = 5_000;
/// How often new entries are looked for: a page may be some seconds behind, gifts do not wait for it.
const EVERY: Duration = Duration::from_secs(5);
/// Projects of one list. A campaign with more shows the entries of its first.
pub const PROJECTS_MAX: usize = 300;
/// Entries of one page.
pub const PAGE: usize = 50;

/// Entries of a trail, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Place and entry.
    pub entries: Vec<(u64, Leaf)>,
    /// Where the next page begins; none at the end.
    pub older: Option<u64>,
    /// How many published entries were looked through.
    pub size: u64,
}

impl Log {
    /// Keeps the trails until `stop` turns true.
    pub async fn keep_trails(&self, services: Services, mut stop: watch::Receiver<bool>) {
        let mut failed = false;
        while !*stop.borrow() {
            let begin = services.now();
            match self.trail_on(&services).await {
                Ok(true) => {
                    let end = services.now();
                    tokio::time::sleep(services.rush.rest_beside(end, end.since(begin))).await;
                    continue;
                }
                Ok(false) => failed = false,
                Err(error) => {
                    if !failed {
                        tracing::warn!(%error, "the trails of the public log stand still; they are tried again");
                    }
                    failed = true;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Looks through some more published entries; returns whether there may be more.
    ///
    /// # Errors
    /// [`LogError`]: the database, an entry that cannot be read.
    pub async fn trail_on(&self, services: &Services) -> Result<bool, LogError> {
        let published = self.published_shown().await?.map_or(0, |tree| tree.size);
        let mut at = self.inner.db.snapshot().await?;
        let from = store::cursor(&mut at).await?;
        let to = published.min(from.saturating_add(ENTRIES_AT_ONCE));
        if from >= to {
            return Ok(false);
        }
        let leaves = super::super::store::leaves(&mut at, from, to - from).await?;
        let mut entries = Vec::with_capacity(leaves.len());
        for (index, bytes) in (from..).zip(leaves) {
            entries.push((index, leaf::decode(&bytes)?));
        }
        let rows = projects(&mut at, &entries, services).await?;
        drop(at);
        let mut tx = self.inner.db.begin().await?;
        store::insert(&mut tx, &rows).await?;
        store::move_cursor(&mut tx, from, to).await?;
        tx.commit().await?;
        Ok(to < published)
    }

    /// The newest published entries of these projects, before this place.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn trail(&self, projects: &[PublicId], before: Option<u64>) -> Result<Trail, LogError> {
        let published = self.published_shown().await?.map_or(0, |tree| tree.size);
        let mut at = self.inner.db.snapshot().await?;
        let size = store::cursor(&mut at).await?.min(published);
        let end = before.unwrap_or(size).min(size);
        let mut places = Vec::new();
        // One short look for each: a list of hundreds in one statement would sort all they ever had.
        for project in projects.iter().take(PROJECTS_MAX) {
            places.extend(store::newest(&mut at, project, end, PAGE + 1).await?);
        }
        places.sort_unstable_by(|a, b| b.cmp(a));
        let older = (places.len() > PAGE).then(|| places[PAGE - 1]);
        places.truncate(PAGE);
        let mut entries = Vec::with_capacity(places.len());
        for index in places {
            let bytes = super::super::store::leaves(&mut at, index, 1).await?.pop();
            let bytes = bytes.ok_or_else(|| LogError::Broken("an entry is missing".into()))?;
            entries.push((index, leaf::decode(&bytes)?));
        }
        Ok(Trail { entries, older, size })
    }
}

/// The entry that one speaks of, where it speaks of one.
fn speaks_of(leaf: &Leaf) -> Option<&PublicId> {
    match leaf {
        Leaf::Refunded(l) | Leaf::Reversed(l) | Leaf::Unpaid(l) => Some(&l.of),
        Leaf::Corrected(l) => Some(&l.of),
        Leaf::Erased(l) => Some(&l.of),
        _ => None,
    }
}

/// The project that an entry names itself.
fn own_project(leaf: &Leaf) -> Option<&PublicId> {
    match leaf {
        Leaf::Received(l) | Leaf::Granted(l) => Some(&l.proj),
        Leaf::Paid(l) => l.proj.as_ref(),
        _ => None,
    }
}

/// Entries with their projects: their own, or that of the entry they speak of.
async fn projects(
    at: &mut impl Reads,
    entries: &[(u64, Leaf)],
    services: &Services,
) -> Result<Vec<(PublicId, u64)>, LogError> {
    let mut idents: Vec<Ident> = Vec::new();
    for (_, leaf) in entries {
        if let Some(of) = speaks_of(leaf) {
            idents.push(ident(of, services)?);
        }
    }
    let known = super::super::store::known(at, &idents).await?;
    let mut before: HashMap<u64, Option<PublicId>> = HashMap::new();
    let mut rows = Vec::new();
    for (index, leaf) in entries {
        let project = match (own_project(leaf), speaks_of(leaf)) {
            (Some(own), _) => Some(own.clone()),
            (None, Some(of)) => match known.get(&ident(of, services)?) {
                // Inside a bundle: told of no project.
                Some((first, 0)) => match before.get(first) {
                    Some(project) => project.clone(),
                    None => {
                        let bytes = super::super::store::leaves(at, *first, 1)
                            .await?
                            .pop()
                            .unwrap_or_default();
                        let project = own_project(&leaf::decode(&bytes)?).cloned();
                        before.insert(*first, project.clone());
                        project
                    }
                },
                _ => None,
            },
            _ => None,
        };
        rows.extend(project.map(|project| (project, *index)));
    }
    Ok(rows)
}

/// The fact behind an entry's id.
fn ident(id: &PublicId, services: &Services) -> Result<Ident, LogError> {
    let fact: Result<FactId, _> = from_public(&*services.keys, id.as_str());
    let fact = fact.map_err(|_| LogError::Broken("an entry’s id is none".into()))?;
    Ok(fact.bytes())
}
