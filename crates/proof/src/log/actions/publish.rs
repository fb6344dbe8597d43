//! From a signed head to published files: a pure function of the log's database, done again as often as needed.

use std::sync::Arc;

use db::Reads;
use kernel::Instant;
use platform::Services;

use super::super::error::LogError;
use super::super::files::Published;
use super::super::folder::{CHECKPOINT, POLICY, SM2_VKEY, VKEY};
use super::super::model::Tail;
use super::super::points::Point;
use super::super::store;
use super::{Log, State};
use crate::tlog::tile::{TILE_WIDTH, bundles_between, entries_path, level_size, tiles_between};
use crate::tlog::{Checkpoint, SignedNote, Tile, entries};

/// Bundles and tiles that are made and written at once: some 10 MB.
const FILES_AT_ONCE: usize = 256;
/// How long the partial forms of a full tile stay: readers that began before it was full have long ended.
const PARTIALS_STAY_MICROS: i64 = 60 * 60 * 1_000_000;

/// A file that publishing adds.
enum New {
    /// Entries.
    Bundle(u64, u16),
    /// Hashes.
    Tile(Tile),
}

impl Log {
    /// The checkpoint that is published now, signed by this log's key; `None` before the first.
    ///
    /// # Errors
    /// [`LogError::Published`] when it cannot be read or another key signed it.
    pub async fn published(&self) -> Result<Option<Checkpoint>, LogError> {
        Ok(self.published_note().await?.map(|(checkpoint, _)| checkpoint))
    }

    /// The same as readers are shown it: of a far store it may be a second old.
    ///
    /// # Errors
    /// As [`Log::published`].
    pub async fn published_shown(&self) -> Result<Option<Checkpoint>, LogError> {
        let note = self.inner.files.shown(CHECKPOINT).await?;
        Ok(self.opened(note)?.map(|(checkpoint, _)| checkpoint))
    }

    /// The one that is published now, with its signatures.
    ///
    /// # Errors
    /// As [`Log::published`].
    pub async fn published_note(&self) -> Result<Option<(Checkpoint, SignedNote)>, LogError> {
        let note = self.inner.files.fetch(CHECKPOINT).await?;
        self.opened(note)
    }

    fn opened(&self, note: Option<Vec<u8>>) -> Result<Option<(Checkpoint, SignedNote)>, LogError> {
        let opened = note.map(|bytes| self.inner.keys.open(&bytes)).transpose();
        opened.map_err(|e| LogError::Published(format!("{CHECKPOINT}: {e}")))
    }

    /// Refuses to go on when the published tree is not a beginning of the signed one.
    pub(super) async fn check_published(&self, published: Option<&Checkpoint>) -> Result<(), LogError> {
        let Some(published) = published else { return Ok(()) };
        let mut at = self.inner.db.snapshot().await?;
        let head = store::head(&mut at).await?.map_or(0, |head| head.size);
        if published.size > head {
            let words = format!("{} entries are published, the database has {head}", published.size);
            return Err(LogError::Behind(words));
        }
        // After a recovery only the last tree is known as signed: the others are known by their leaves.
        match store::root(&mut at, published.size).await? {
            Some(root) if root == published.root => Ok(()),
            _ => Err(LogError::Behind(format!(
                "the published tree of {} entries has another root",
                published.size
            ))),
        }
    }

    /// Whether what another place has published is a beginning of what this log signed.
    ///
    /// # Errors
    /// [`LogError::Behind`] when it is not, [`LogError::Published`], the places'.
    pub async fn is_past(&self, elsewhere: &Published) -> Result<(), LogError> {
        let note = elsewhere.fetch(CHECKPOINT).await?;
        let seen = self.opened(note)?.map(|(checkpoint, _)| checkpoint);
        self.check_published(seen.as_ref()).await
    }

    /// Whether everything that was signed is published in its place.
    ///
    /// # Errors
    /// The place's, the database's.
    pub async fn is_whole_in_place(&self) -> Result<bool, LogError> {
        let seen = self.published().await?;
        let mut at = self.inner.db.snapshot().await?;
        let head = store::head(&mut at).await?;
        let (seen, head) = (
            seen.map(|tree| (tree.size, tree.root)),
            head.map(|head| (head.size, head.root)),
        );
        Ok(seen == head && seen.is_some())
    }

    /// Writes what the head has and the published tree has not, then the checkpoint. Returns whether there was anything.
    pub(super) async fn publish(
        &self,
        services: &Services,
        state: &mut State,
        before: Option<(Checkpoint, SignedNote)>,
    ) -> Result<bool, LogError> {
        let mut at = self.inner.db.snapshot().await?;
        let head = store::head(&mut at).await?.ok_or(LogError::Moved)?;
        let now = services.now();
        let is_told = self.is_told().await;
        let stands = |(seen, note): &(Checkpoint, SignedNote)| {
            let witnessed = state.witnesses.were_asked_lately(now) || self.is_witnessed(note, now);
            let signed = self.inner.keys.have_signed(note);
            seen.size == head.size && signed && witnessed && is_told
        };
        if before.as_ref().is_some_and(stands) {
            return Ok(false);
        }
        let from = before.as_ref().map_or(0, |(seen, _)| seen.size);
        let bundles = bundles_between(from, head.size).into_iter();
        let tiles = tiles_between(from, head.size).into_iter().map(New::Tile);
        let all: Vec<New> = bundles
            .map(|(index, width)| New::Bundle(index, width))
            .chain(tiles)
            .collect();
        for part in all.chunks(FILES_AT_ONCE) {
            let mut files = Vec::with_capacity(part.len());
            for new in part {
                files.push(match new {
                    New::Bundle(index, width) => bundle(&mut at, &state.tail, *index, *width).await?,
                    New::Tile(tile) => tile_file(&mut at, &state.tail, *tile).await?,
                });
            }
            self.write_once(files).await?;
        }
        drop(at);
        self.inner.points.pass(Point::BeforeWitnesses)?;
        let note = self.cosigned(&head, &mut state.witnesses, now).await?;
        self.inner.points.pass(Point::BeforeCheckpoint)?;
        let before = before.map(|(_, note)| note.to_text());
        self.put_checkpoint(before, note.to_text(), is_told).await?;
        self.inner.points.pass(Point::AfterCheckpoint)?;
        if !state.has_looked {
            state.has_looked = true;
            self.retire_left(state, now).await;
        }
        self.retire(state, (from, head.size), now).await;
        state.tail = Tail::default();
        Ok(true)
    }

    /// The disk is touched on a thread of its own.
    async fn write_once(&self, files: Vec<(String, Vec<u8>)>) -> Result<(), LogError> {
        let inner = Arc::clone(&self.inner);
        let written = tokio::task::spawn_blocking(move || inner.files.write_once(&files, &*inner.points)).await;
        written.map_err(|e| LogError::Disk(format!("the writing was cut off: {e}")))?
    }

    /// The small files beside the checkpoint, for whoever checks: the key, and whom to trust.
    fn told(&self) -> Vec<(&'static str, String)> {
        let sm2 = self.inner.keys.sm2().map(|key| (SM2_VKEY, key.to_text() + "\n"));
        let always = [(VKEY, self.verifier().to_text() + "\n"), (POLICY, self.policy_text())];
        always.into_iter().chain(sm2).collect()
    }

    /// Whether they stand as they should.
    async fn is_told(&self) -> bool {
        for (name, text) in self.told() {
            let read = self.inner.files.shown(name).await;
            if !read.is_ok_and(|bytes| bytes.as_deref() == Some(text.as_bytes())) {
                return false;
            }
        }
        true
    }

    async fn put_checkpoint(&self, before: Option<String>, note: String, is_told: bool) -> Result<(), LogError> {
        let log = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let (files, points) = (&log.inner.files, &*log.inner.points);
            if !is_told {
                for (name, text) in log.told() {
                    files.replace(name, text.as_bytes(), points)?;
                }
            }
            files.advance(before.as_deref().map(str::as_bytes), note.as_bytes(), points)
        });
        let written = written.await;
        written.map_err(|e| LogError::Disk(format!("the writing was cut off: {e}")))?
    }

    /// The same of those that an earlier process left; what cannot be read now is looked for at the next start.
    async fn retire_left(&self, state: &mut State, now: Instant) {
        let files = self.inner.files.clone();
        match tokio::task::spawn_blocking(move || files.with_partials()).await {
            Ok(Ok(left)) => state.retired.extend(left.into_iter().map(|name| (now, name))),
            Ok(Err(error)) => tracing::warn!(%error, "old partial tiles are not looked for; they do no harm"),
            Err(error) => tracing::warn!(%error, "old partial tiles are not looked for; they do no harm"),
        }
    }

    /// Remembers which full tiles had partial forms, and removes those of an hour ago.
    async fn retire(&self, state: &mut State, (from, to): (u64, u64), now: Instant) {
        let was_partial = |level: u8| {
            let (before, after) = (level_size(from, level), level_size(to, level));
            let index = before / TILE_WIDTH;
            (before % TILE_WIDTH > 0 && after / TILE_WIDTH > index).then_some(index)
        };
        for level in 0..8 {
            let Some(index) = was_partial(level) else { continue };
            let width = TILE_WIDTH as u16;
            state.retired.push_back((now, Tile { level, index, width }.path()));
            if level == 0 {
                state.retired.push_back((now, entries_path(index, width)));
            }
        }
        let old = now.plus_micros(-PARTIALS_STAY_MICROS);
        let mut gone = Vec::new();
        while state.retired.front().is_some_and(|(since, _)| *since <= old) {
            gone.extend(state.retired.pop_front().map(|(_, name)| name));
        }
        if gone.is_empty() {
            return;
        }
        let files = self.inner.files.clone();
        let forget = move || gone.iter().for_each(|name| files.forget_partials(name));
        if let Err(error) = tokio::task::spawn_blocking(forget).await {
            tracing::warn!(%error, "old partial tiles are left; they do no harm");
        }
    }
}

/// A bundle's name and bytes: the entries that the last rounds added, and from the database those before them.
async fn bundle(at: &mut impl Reads, tail: &Tail, index: u64, width: u16) -> Result<(String, Vec<u8>), LogError> {
    let from = index * TILE_WIDTH;
    let (begin, newest) = tail.since(from, from + u64::from(width));
    let older = match begin - from {
        0 => Vec::new(),
        count => store::leaves(at, from, count).await?,
    };
    if older.len() + newest.len() != usize::from(width) {
        return Err(LogError::Broken("entries are missing".into()));
    }
    let newest = newest.iter().map(|(_, bytes)| bytes);
    let mut bytes = Vec::new();
    for leaf in older.iter().chain(newest) {
        entries::push(&mut bytes, leaf)?;
    }
    Ok((entries_path(index, width), bytes))
}

/// A tile's name and bytes, its hashes from the same places.
async fn tile_file(at: &mut impl Reads, tail: &Tail, tile: Tile) -> Result<(String, Vec<u8>), LogError> {
    let from = tile.index.saturating_mul(TILE_WIDTH);
    let to = from.saturating_add(u64::from(tile.width));
    let (begin, newest) = match tile.level {
        0 => tail.since(from, to),
        _ => (to, &[][..]),
    };
    let older = Tile {
        width: u16::try_from(begin - from).unwrap_or(tile.width),
        ..tile
    };
    let mut hashes = match older.width {
        0 => Vec::new(),
        _ => store::hashes(at, older).await?,
    };
    hashes.extend(newest.iter().map(|(hash, _)| *hash));
    if hashes.len() != usize::from(tile.width) {
        return Err(LogError::Broken(format!("{} is not whole", tile.path())));
    }
    Ok((tile.path(), Tile::encode(&hashes)))
}
