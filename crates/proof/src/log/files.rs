//! Where the published files lie: a port with two sides, a folder of this machine ([`super::folder`]) and a store of objects
//! ([`super::objects`]). Whatever lies behind it: tiles and bundles are written once, whole or not at all; only the
//! checkpoint and the small files beside it are replaced.
//!
//! A far store answers after a while, or not at all. What signs and publishes waits for it, on threads that may wait; what is
//! shown to readers comes from memory where it was read before, and gives up soon.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use kernel::{Clock, Instant};

use super::error::LogError;
use super::folder::{CHECKPOINT, Folder, TILES};
use super::points::Points;

/// What is remembered of a far store for readers: some 130 full bundles with their tiles, or thousands of partial ones.
const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long readers are shown a checkpoint before it is read again: as long as they may keep it themselves.
const CHECKPOINT_MICROS: i64 = 1_000_000;
/// The same of the key and the policy, which change with a restart.
const BESIDE_MICROS: i64 = 30 * 1_000_000;
/// How long a reader waits for a far store: who waits longer has gone.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long readers are told at once that a far store does not answer, after it did not.
const SILENT_MICROS: i64 = 5_000_000;
/// Writes that wait for a disk or a store at the same time: see [`super::folder`].
const AT_ONCE: usize = 16;

/// A place for published files. Its calls wait: they are made on threads that may.
pub trait Files: Send + Sync {
    /// A file's bytes as they are now, `None` when there is none. Names are ours, never a visitor's: see [`crate::log::http`].
    ///
    /// # Errors
    /// [`LogError::Disk`], [`LogError::Store`].
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LogError>;

    /// Writes files that must not exist with other bytes, and makes them durable. A file that exists alike is left alone.
    ///
    /// # Errors
    /// [`LogError::Fork`], [`LogError::Disk`], [`LogError::Store`].
    fn write_once(&self, files: &[(String, Vec<u8>)], points: &dyn Points) -> Result<(), LogError>;

    /// Replaces a file, whole, and makes it durable.
    ///
    /// # Errors
    /// [`LogError::Disk`], [`LogError::Store`].
    fn replace(&self, name: &str, bytes: &[u8], points: &dyn Points) -> Result<(), LogError>;

    /// Replaces the checkpoint that was read before, `None` for none, by the next. Where the place can tell that another one
    /// stands there meanwhile, nothing is replaced.
    ///
    /// # Errors
    /// [`LogError::Moved`] then; otherwise as [`Files::replace`].
    fn advance(&self, before: Option<&[u8]>, next: &[u8], points: &dyn Points) -> Result<(), LogError>;

    /// Removes the partial forms of a full tile or bundle; readers fall back to the full one. What cannot be removed stays.
    fn forget_partials(&self, name: &str);

    /// The full tiles and bundles that still have partial forms: those that a program left when it ended.
    ///
    /// # Errors
    /// [`LogError::Disk`], [`LogError::Store`].
    fn with_partials(&self) -> Result<Vec<String>, LogError>;

    /// Whether the place keeps to what the log needs of it; an empty file may be written and removed for that.
    ///
    /// # Errors
    /// What it does not keep to.
    fn probe(&self) -> Result<(), LogError> {
        self.read(CHECKPOINT).map(drop)
    }

    /// Where that is, for people.
    fn place(&self) -> String;
}

/// The media type of a published file, as C2SP tlog-tiles names it.
pub fn media(name: &str) -> &'static str {
    if is_tile(name) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

/// Whether a published file stays as it is for ever.
pub fn is_tile(name: &str) -> bool {
    name.strip_prefix(TILES).is_some_and(|rest| rest.starts_with('/'))
}

/// What was read of a far store, for readers.
struct Kept {
    clock: Arc<dyn Clock>,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    bytes: usize,
    files: HashMap<String, (Vec<u8>, Instant)>,
    /// In the order they came.
    order: VecDeque<String>,
    /// Until when it is not asked again, since it did not answer.
    silent_until: Option<Instant>,
}

impl Shelf {
    fn put(&mut self, name: &str, bytes: &[u8], now: Instant) {
        self.take_off(name);
        self.bytes += bytes.len();
        self.files.insert(name.to_owned(), (bytes.to_vec(), now));
        self.order.push_back(name.to_owned());
        while self.bytes > KEPT_BYTES_MAX {
            let Some(oldest) = self.order.front().cloned() else {
                break;
            };
            self.take_off(&oldest);
        }
    }

    fn take_off(&mut self, name: &str) {
        if let Some((bytes, _)) = self.files.remove(name) {
            self.bytes -= bytes.len();
            self.order.retain(|known| known != name);
        }
    }

    fn get(&self, name: &str, now: Instant) -> Option<Vec<u8>> {
        let (bytes, read_at) = self.files.get(name)?;
        let age = now.micros() - read_at.micros();
        let young = match name {
            CHECKPOINT => CHECKPOINT_MICROS,
            _ if is_tile(name) => i64::MAX,
            _ => BESIDE_MICROS,
        };
        (0..young).contains(&age).then(|| bytes.clone())
    }
}

impl Kept {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The published files of a log, wherever they lie. Cheap to clone.
#[derive(Clone)]
pub struct Published {
    files: Arc<dyn Files>,
    /// Of a far store; a folder is read as it is.
    kept: Option<Arc<Kept>>,
}

impl From<Folder> for Published {
    fn from(folder: Folder) -> Self {
        Self {
            files: Arc::new(folder),
            kept: None,
        }
    }
}

impl Published {
    /// Files that lie elsewhere.
    pub fn far(files: Arc<dyn Files>, clock: Arc<dyn Clock>) -> Self {
        let shelf = Mutex::default();
        Self {
            files,
            kept: Some(Arc::new(Kept { clock, shelf })),
        }
    }

    /// Whether a network lies between.
    pub fn is_far(&self) -> bool {
        self.kept.is_some()
    }

    /// Where they lie, for people.
    pub fn place(&self) -> String {
        self.files.place()
    }

    /// A file as it is now; waits.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        self.files.read(name)
    }

    /// The same for a task: a far store is waited for on a thread of its own.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub async fn fetch(&self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        let Some(kept) = &self.kept else {
            return self.files.read(name);
        };
        let (files, asked) = (Arc::clone(&self.files), name.to_owned());
        let read = tokio::task::spawn_blocking(move || files.read(&asked)).await;
        let read = read.map_err(|e| LogError::Store(format!("the reading was cut off: {e}")))??;
        if let Some(bytes) = &read {
            kept.shelf().put(name, bytes, kept.clock.now());
        }
        Ok(read)
    }

    /// A file for a reader: from memory, where it was read lately. A far store that does not answer is not waited for.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub async fn shown(&self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        let Some(kept) = &self.kept else {
            return self.files.read(name);
        };
        let now = kept.clock.now();
        {
            let shelf = kept.shelf();
            if let Some(bytes) = shelf.get(name, now) {
                return Ok(Some(bytes));
            }
            if shelf.silent_until.is_some_and(|until| now < until) {
                return Err(LogError::Store(format!("{} did not answer a moment ago", self.place())));
            }
        }
        let read = tokio::time::timeout(PATIENCE, self.fetch(name)).await;
        let read = read.unwrap_or_else(|_| Err(LogError::Store(format!("{} does not answer", self.place()))));
        let silent_until = read.is_err().then(|| kept.clock.now().plus_micros(SILENT_MICROS));
        kept.shelf().silent_until = silent_until;
        read
    }

    /// As [`Files::write_once`]; waits.
    ///
    /// # Errors
    /// The same.
    pub fn write_once(&self, files: &[(String, Vec<u8>)], points: &dyn Points) -> Result<(), LogError> {
        self.files.write_once(files, points)
    }

    /// As [`Files::replace`]; waits.
    ///
    /// # Errors
    /// The same.
    pub fn replace(&self, name: &str, bytes: &[u8], points: &dyn Points) -> Result<(), LogError> {
        let replaced = self.files.replace(name, bytes, points);
        self.replaced(name, replaced.is_ok().then_some(bytes));
        replaced
    }

    /// As [`Files::advance`]; waits.
    ///
    /// # Errors
    /// The same.
    pub fn advance(&self, before: Option<&[u8]>, next: &[u8], points: &dyn Points) -> Result<(), LogError> {
        let replaced = self.files.advance(before, next, points);
        self.replaced(CHECKPOINT, replaced.is_ok().then_some(next));
        replaced
    }

    /// As [`Files::forget_partials`]; waits.
    pub fn forget_partials(&self, name: &str) {
        self.files.forget_partials(name);
    }

    /// As [`Files::with_partials`]; waits.
    ///
    /// # Errors
    /// The same.
    pub fn with_partials(&self) -> Result<Vec<String>, LogError> {
        self.files.with_partials()
    }

    /// As [`Files::probe`]; waits.
    ///
    /// # Errors
    /// The same.
    pub fn probe(&self) -> Result<(), LogError> {
        self.files.probe()
    }

    /// Readers are shown what stands there now; what may stand there is read anew.
    fn replaced(&self, name: &str, by: Option<&[u8]>) {
        let Some(kept) = &self.kept else { return };
        let (now, mut shelf) = (kept.clock.now(), kept.shelf());
        match by {
            Some(bytes) => shelf.put(name, bytes, now),
            None => shelf.take_off(name),
        }
    }
}

/// Does the same with each, on a few threads: what takes long is the waiting, for a disk's sync or a store's answer, which
/// they do together. After a failure nothing more is begun; the first that is known is returned.
pub(super) fn at_once<T: Sync>(all: &[T], work: impl Fn(&T) -> Result<(), LogError> + Sync) -> Result<(), LogError> {
    let next = AtomicUsize::new(0);
    let one = || {
        while let Some(item) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = work(item) {
                next.store(all.len(), Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        // Where no thread can be had, those that are there do it all.
        let spawn = |_| {
            thread::Builder::new()
                .name("tiles".into())
                .spawn_scoped(scope, one)
                .ok()
        };
        let others: Vec<_> = (1..all.len().min(AT_ONCE)).filter_map(spawn).collect();
        let own = one();
        others.into_iter().fold(own, |outcome, other| {
            let cut = || LogError::Disk("a thread that wrote files was cut off".into());
            outcome.and(other.join().unwrap_or_else(|_| Err(cut())))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_readers_is_bounded_and_only_tiles_stay() {
        let (mut shelf, mut now) = (Shelf::default(), Instant::from_micros(1_000));
        shelf.put("checkpoint", b"a", now);
        shelf.put("vkey", b"b", now);
        shelf.put("tile/0/000", b"c", now);
        now = now.plus_micros(CHECKPOINT_MICROS);
        assert_eq!(shelf.get("checkpoint", now), None);
        assert_eq!(shelf.get("vkey", now).as_deref(), Some(&b"b"[..]));
        now = now.plus_micros(BESIDE_MICROS);
        assert_eq!(shelf.get("vkey", now), None);
        assert_eq!(shelf.get("tile/0/000", now).as_deref(), Some(&b"c"[..]));
        let large = vec![7; KEPT_BYTES_MAX / 2];
        for name in ["tile/entries/000", "tile/entries/001", "tile/entries/001"] {
            shelf.put(name, &large, now);
        }
        assert!(shelf.bytes <= KEPT_BYTES_MAX);
        assert_eq!(shelf.get("tile/0/000", now), None, "the oldest goes first");
        assert!(shelf.get("tile/entries/001", now).is_some());
        assert_eq!(shelf.files.len(), shelf.order.len());
    }
}
