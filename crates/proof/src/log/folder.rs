//! The published files: a folder that any web server can hand out. Tiles and bundles are written once, whole or not at
//! all; only the checkpoint is replaced.
//!
//! Files are synced together: a file system answers many syncs with one write of its journal, so that sixteen together take
//! little longer than one. Four thousand entries are thirty-two files.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::error::LogError;
use super::files::{Files, at_once};
use super::points::{Point, Points};

/// The checkpoint's name.
pub const CHECKPOINT: &str = "checkpoint";
/// The public key's name.
pub const VKEY: &str = "vkey";
/// The name of the second suite's public key, where it is switched on.
pub const SM2_VKEY: &str = "vkey.sm2";
/// The folder of tiles and bundles.
pub(super) const TILES: &str = "tile";
/// The name of the policy that whoever checks should pin.
pub const POLICY: &str = "policy";

/// A folder of published files.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

fn disk(path: &Path, error: &std::io::Error) -> LogError {
    LogError::Disk(format!("{}: {error}", path.display()))
}

impl Folder {
    /// This folder; it is made when the first file is written.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file's bytes, `None` when there is none. Names are ours, never a visitor's: see [`crate::log::http`].
    ///
    /// # Errors
    /// [`LogError::Disk`].
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        let path = self.root.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(disk(&path, &error)),
        }
    }

    /// Writes files that must not exist with other bytes, and makes them durable. A file that exists alike is left alone.
    ///
    /// # Errors
    /// [`LogError::Fork`], [`LogError::Disk`].
    pub fn write_once(&self, files: &[(String, Vec<u8>)], points: &dyn Points) -> Result<(), LogError> {
        let mut fresh = Vec::with_capacity(files.len());
        for (name, bytes) in files {
            match self.read(name)? {
                Some(known) if known == *bytes => {}
                Some(_) => return Err(LogError::Fork(name.clone())),
                None => fresh.push((name, bytes)),
            }
        }
        at_once(&fresh, |(name, bytes)| {
            self.put(name, bytes, points)?;
            points.pass(Point::BetweenFiles)
        })?;
        // One call a folder; a folder that was made is an entry of the one above it.
        let mut folders = BTreeSet::new();
        for (name, _) in fresh {
            let path = self.root.join(name);
            let above = path.ancestors().skip(1).take_while(|p| p.starts_with(&self.root));
            folders.extend(above.map(Path::to_path_buf));
        }
        let folders: Vec<PathBuf> = folders.into_iter().collect();
        at_once(&folders, |folder| sync_folder(folder))
    }

    /// Replaces a file, whole, and makes it durable.
    ///
    /// # Errors
    /// [`LogError::Disk`].
    pub fn replace(&self, name: &str, bytes: &[u8], points: &dyn Points) -> Result<(), LogError> {
        let folder = self.put(name, bytes, points)?;
        sync_folder(&folder)
    }

    /// Removes the partial forms of a full tile or bundle; readers fall back to the full one.
    pub fn forget_partials(&self, name: &str) {
        let folder = self.root.join(format!("{name}.p"));
        if let Err(error) = fs::remove_dir_all(&folder)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(folder = %folder.display(), %error, "partial tiles could not be removed; they do no harm");
        }
    }

    /// The full tiles and bundles that still have partial forms: those that a program left when it ended.
    ///
    /// # Errors
    /// [`LogError::Disk`].
    pub fn with_partials(&self) -> Result<Vec<String>, LogError> {
        let (mut found, mut folders) = (Vec::new(), vec![self.root.join(TILES)]);
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(disk(&folder, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| disk(&folder, &error))?;
                if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                let path = entry.path();
                match path.to_str().and_then(|text| text.strip_suffix(".p")).map(Path::new) {
                    Some(full) if full.is_file() => {
                        let name = full.strip_prefix(&self.root).ok().and_then(Path::to_str);
                        found.extend(name.map(str::to_owned));
                    }
                    Some(_) => {}
                    None => folders.push(path),
                }
            }
        }
        Ok(found)
    }

    /// Writes beside the name, syncs, renames. Returns the folder, whose entry is not synced yet.
    fn put(&self, name: &str, bytes: &[u8], points: &dyn Points) -> Result<PathBuf, LogError> {
        let path = self.root.join(name);
        let folder = path.parent().unwrap_or(&self.root).to_path_buf();
        fs::create_dir_all(&folder).map_err(|e| disk(&folder, &e))?;
        let passing = path.with_extension("new");
        let written = (|| {
            let mut file = File::create(&passing)?;
            let (first, second) = bytes.split_at(bytes.len() / 2);
            file.write_all(first)?;
            if points.pass(Point::InFile).is_err() {
                return Ok(false);
            }
            file.write_all(second)?;
            file.sync_all()?;
            fs::rename(&passing, &path)?;
            Ok(true)
        })();
        match written {
            Ok(true) => Ok(folder),
            Ok(false) => Err(LogError::Ended(Point::InFile)),
            Err(error) => Err(disk(&path, &error)),
        }
    }
}

fn sync_folder(folder: &Path) -> Result<(), LogError> {
    let synced = File::open(folder).and_then(|f| f.sync_all());
    synced.map_err(|e| disk(folder, &e))
}

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        Self::read(self, name)
    }
    fn write_once(&self, files: &[(String, Vec<u8>)], points: &dyn Points) -> Result<(), LogError> {
        Self::write_once(self, files, points)
    }
    fn replace(&self, name: &str, bytes: &[u8], points: &dyn Points) -> Result<(), LogError> {
        Self::replace(self, name, bytes, points)
    }
    /// A folder cannot tell: who signs holds the data folder's lock, or the lease.
    fn advance(&self, _before: Option<&[u8]>, next: &[u8], points: &dyn Points) -> Result<(), LogError> {
        Self::replace(self, CHECKPOINT, next, points)
    }
    fn forget_partials(&self, name: &str) {
        Self::forget_partials(self, name);
    }
    fn with_partials(&self) -> Result<Vec<String>, LogError> {
        Self::with_partials(self)
    }
    fn place(&self) -> String {
        self.root.display().to_string()
    }
}
