//! Moving SQLite's write-ahead log into the database file, away from the reply path.
//!
//! Measured elsewhere and again here: the p99 of a commit is the checkpoint, not the sync. So the bulk writer never
//! checkpoints; a thread of its own does, passively, and only when the log has grown far does it hold the writers
//! for the short rest that lets the log start over.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::Mutex;

use crate::{Db, DbError, DbUrl};

/// From here on the log is moved in the background.
const PASSIVE_FROM_BYTES: u64 = 16 * 1024 * 1024;
/// From here on writers wait for the rest, so that the log starts over and the disk does not fill.
const RESTART_FROM_BYTES: u64 = 256 * 1024 * 1024;

/// Keeps the log of one SQLite database short. Does nothing on PostgreSQL, which has its own.
pub struct Checkpointer {
    work: Option<(Connection, PathBuf, Arc<Mutex<()>>)>,
}

impl Checkpointer {
    /// Opens a connection of its own.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] and kin.
    pub fn open(db: &Db) -> Result<Self, DbError> {
        let DbUrl::Sqlite(path) = db.url() else {
            return Ok(Self { work: None });
        };
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(2))?;
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?;
        let log = wal_path(path);
        Ok(Self {
            work: Some((connection, log, Arc::clone(db.write_permit()))),
        })
    }

    /// Looks at the log and does what is due; call it a few times a second from a blocking thread.
    ///
    /// # Errors
    /// Any [`DbError`]; the log is whole in any case and the next call tries again.
    pub fn tick(&mut self) -> Result<(), DbError> {
        let Some((connection, log, permit)) = &self.work else {
            return Ok(());
        };
        let bytes = std::fs::metadata(log).map_or(0, |m| m.len());
        if bytes < PASSIVE_FROM_BYTES {
            return Ok(());
        }
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        if bytes >= RESTART_FROM_BYTES {
            let _held = permit.blocking_lock();
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}

fn wal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
