//! What every action and handler is given: the database, time, chance, keys. Wired once, by `qiao`.

use std::path::PathBuf;
use std::sync::Arc;

use db::Db;
use kernel::{Clock, Instant, Rng};
use tokio::sync::Notify;

use crate::health::Metrics;
use crate::notify::Sender;
use crate::{Keys, UnitTree};

/// The services of a running program. Cheap to clone; it is the state of every router.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// The installation's keys.
    pub keys: Arc<Keys>,
    /// Who carries messages to people outside.
    pub notify: Arc<dyn Sender>,
    /// The tree of units, in memory.
    pub tree: Arc<UnitTree>,
    /// The numbers of this process.
    pub metrics: Metrics,
    /// Rung after a commit that wrote facts, so that reactions need not wait for their next look.
    pub facts_written: Arc<Notify>,
    /// The data folder: files, locks, sockets.
    pub data: Arc<PathBuf>,
    /// The address under which the public reaches this installation, without a slash at the end.
    pub base_url: Arc<str>,
}

impl Services {
    /// Now.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}
