//! Published files in a store of objects, such as those that speak S3: an object for each file, its name behind a prefix.
//!
//! A store has no folders to sync: an object is there whole and durable when it was answered for, or not at all. What was
//! asked for and not answered may be there all the same; so nothing is believed of it, and whoever comes next looks.

use super::error::LogError;
use super::files::{Files, at_once, is_tile, media};
use super::folder::{CHECKPOINT, TILES};
use super::points::{Point, Points};

/// What stands between a full tile's name and the width of a partial form.
const PARTIAL: &str = ".p/";
/// What is written to see whether conditions hold, and the version that it never has.
const PROBE: &str = "probe";
const NO_TAG: &str = "\"00000000000000000000000000000000\"";
/// A checkpoint is asked for anew each time.
const MUTABLE: &str = "no-cache";
/// A tile never changes.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the store calls this version of it (`ETag`).
    pub tag: Option<String>,
}

/// What is to become of an object that stands under the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How<'a> {
    /// There must be none.
    New,
    /// It must be the version of this tag.
    Instead(&'a str),
    /// Whatever it is.
    Anyhow,
}

/// What came of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is stored.
    Stored,
    /// The condition did not hold; nothing was stored.
    Refused,
}

/// What an object is handed out with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Type`.
    pub media: &'static str,
    /// `Cache-Control`.
    pub cache: &'static str,
}

impl Headers {
    /// Of a published file.
    pub fn of(name: &str) -> Self {
        Self {
            media: media(name),
            cache: if is_tile(name) { FOR_EVER } else { MUTABLE },
        }
    }
}

/// The way to a store: only the program makes network clients. Its calls wait; errors are words without secrets.
pub trait Objects: Send + Sync {
    /// An object, `None` when there is none.
    ///
    /// # Errors
    /// The store's words.
    fn get(&self, name: &str) -> Result<Option<Object>, String>;

    /// Writes an object. After an error it is not known whether it was stored.
    ///
    /// # Errors
    /// The store's words.
    fn put(&self, name: &str, bytes: &[u8], how: How<'_>) -> Result<Put, String>;

    /// The names behind a folder's name that are wanted.
    ///
    /// # Errors
    /// The store's words.
    fn list(&self, folder: &str, wanted: fn(&str) -> bool) -> Result<Vec<String>, String>;

    /// Removes an object.
    ///
    /// # Errors
    /// The store's words.
    fn delete(&self, name: &str) -> Result<(), String>;

    /// Whether the store holds to [`How::New`] and [`How::Instead`]. Where it does not, what stands there is read before.
    fn has_conditions(&self) -> bool;

    /// Where it is, for people.
    fn place(&self) -> String;
}

/// Published files over the way to a store.
pub struct ObjectFiles<O>(pub O);

fn store(why: String) -> LogError {
    LogError::Store(why)
}

fn is_partial(name: &str) -> bool {
    name.contains(PARTIAL)
}

impl<O: Objects> ObjectFiles<O> {
    /// What stands there may be what was written before and never answered for.
    fn put_new(&self, name: &str, bytes: &[u8]) -> Result<(), LogError> {
        let how = if self.0.has_conditions() {
            How::New
        } else {
            match self.get(name)? {
                Some(known) => return same(name, &known.bytes, bytes),
                None => How::Anyhow,
            }
        };
        match self.0.put(name, bytes, how).map_err(store)? {
            Put::Stored => Ok(()),
            Put::Refused => {
                let known = self.get(name)?;
                let known = known.ok_or_else(|| store(format!("{name} stands there, and cannot be read")))?;
                same(name, &known.bytes, bytes)
            }
        }
    }

    fn get(&self, name: &str) -> Result<Option<Object>, LogError> {
        self.0.get(name).map_err(store)
    }
}

fn same(name: &str, known: &[u8], bytes: &[u8]) -> Result<(), LogError> {
    if known == bytes {
        Ok(())
    } else {
        Err(LogError::Fork(name.to_owned()))
    }
}

impl<O: Objects> Files for ObjectFiles<O> {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        Ok(self.get(name)?.map(|object| object.bytes))
    }

    fn write_once(&self, files: &[(String, Vec<u8>)], points: &dyn Points) -> Result<(), LogError> {
        at_once(files, |(name, bytes)| {
            points.pass(Point::InFile)?;
            self.put_new(name, bytes)?;
            points.pass(Point::BetweenFiles)
        })
    }

    fn replace(&self, name: &str, bytes: &[u8], points: &dyn Points) -> Result<(), LogError> {
        points.pass(Point::InFile)?;
        self.0.put(name, bytes, How::Anyhow).map_err(store).map(drop)
    }

    fn advance(&self, before: Option<&[u8]>, next: &[u8], points: &dyn Points) -> Result<(), LogError> {
        points.pass(Point::InFile)?;
        let stands = self.get(CHECKPOINT)?;
        let bytes = stands.as_ref().map(|object| object.bytes.as_slice());
        if bytes == Some(next) {
            return Ok(());
        }
        if bytes != before {
            return Err(LogError::Moved);
        }
        let tag = stands.as_ref().and_then(|object| object.tag.as_deref());
        let how = match (self.0.has_conditions(), before, tag) {
            (true, None, _) => How::New,
            (true, Some(_), Some(tag)) => How::Instead(tag),
            _ => How::Anyhow,
        };
        match self.0.put(CHECKPOINT, next, how).map_err(store)? {
            Put::Stored => Ok(()),
            // A try that was cut off may have been stored, and the way's own second try was then refused.
            Put::Refused if self.get(CHECKPOINT)?.is_some_and(|object| object.bytes == next) => Ok(()),
            Put::Refused => Err(LogError::Moved),
        }
    }

    fn forget_partials(&self, name: &str) {
        let removed = (|| {
            for partial in self.0.list(&format!("{name}.p"), is_partial)? {
                self.0.delete(&partial)?;
            }
            Ok::<_, String>(())
        })();
        if let Err(error) = removed {
            tracing::warn!(name, %error, "partial tiles could not be removed; they do no harm");
        }
    }

    fn with_partials(&self) -> Result<Vec<String>, LogError> {
        let partials = self.0.list(TILES, is_partial).map_err(store)?;
        let mut full: Vec<&str> = partials
            .iter()
            .filter_map(|name| Some(name.split_once(PARTIAL)?.0))
            .collect();
        full.sort_unstable();
        full.dedup();
        let mut found = Vec::new();
        for name in full {
            if self.get(name)?.is_some() {
                found.push(name.to_owned());
            }
        }
        Ok(found)
    }

    fn probe(&self) -> Result<(), LogError> {
        self.get(CHECKPOINT)?;
        let put = |how| self.0.put(PROBE, PROBE.as_bytes(), how).map_err(store);
        put(How::Anyhow)?;
        let kept =
            !self.0.has_conditions() || (put(How::New)?, put(How::Instead(NO_TAG))?) == (Put::Refused, Put::Refused);
        if let Err(error) = self.0.delete(PROBE) {
            tracing::warn!(%error, "the object “{PROBE}” could not be removed; it does no harm");
        }
        if kept {
            Ok(())
        } else {
            Err(store(format!(
                "{} does not hold to If-None-Match and If-Match on writing; say so with QIAO_LOG_STORE_CONDITIONS=none",
                self.place()
            )))
        }
    }

    fn place(&self) -> String {
        self.0.place()
    }
}
