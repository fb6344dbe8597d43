//! Moving SQLite's write-ahead log into the database file, away from the reply path.
//!
//! Measured elsewhere and again here: the p99 of a commit is the checkpoint, not the sync. So no writer checkpoints; a
//! thread of its own does, passively and often, and when the log has grown it holds the writers for the few frames
//! that came meanwhile. The next commit then starts the log over *in place*: a file that keeps its length is synced
//! without the file system's journal, and nobody waits for readers, as a truncating checkpoint would.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::Mutex;

use crate::{Db, DbError, DbUrl};

/// From here on the log is moved in the background.
const PASSIVE_FROM_BYTES: u64 = 4 * 1024 * 1024;
/// From here on (64 MiB) writers wait for the rest, so that the log starts over and the disk does not fill. A reader
/// that holds an old snapshot puts this off until it ends.
const RESTART_FROM_FRAMES: i64 = 16_384;

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

    /// Looks at the log and does what is due; call it many times a second from a blocking thread.
    ///
    /// # Errors
    /// Any [`DbError`]; the log is whole in any case and the next call tries again.
    pub fn tick(&mut self) -> Result<(), DbError> {
        let Some((connection, log, permit)) = &self.work else {
            return Ok(());
        };
        if std::fs::metadata(log).map_or(0, |m| m.len()) < PASSIVE_FROM_BYTES {
            return Ok(());
        }
        if move_log(connection)? >= RESTART_FROM_FRAMES {
            let _held = permit.blocking_lock();
            move_log(connection)?;
        }
        Ok(())
    }
}

/// Moves what can be moved without waiting; returns how many frames the log holds.
fn move_log(connection: &Connection) -> Result<i64, DbError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?)
}

fn wal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
