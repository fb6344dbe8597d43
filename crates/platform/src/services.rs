//! What every action and handler is given: the database, time, chance, keys. Wired once, by `qiao`.

use std::path::PathBuf;
use std::sync::Arc;

use db::Db;
use kernel::{Clock, Instant, Rng};
use tokio::sync::Notify;

use crate::facts::Shelf;
use crate::health::Metrics;
use crate::notify::Sender;
use crate::signin::sso::IdentityProviders;
use crate::{Keys, Rush, UnitTree};

/// The services of a running program: one count to clone, since every layer of every request does.
#[derive(Clone)]
pub struct Services(Arc<Parts>);

/// What [`Services`] shares.
#[derive(Clone)]
pub struct Parts {
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
    /// Who talks to providers of identities.
    pub identity_providers: Arc<dyn IdentityProviders>,
    /// The tree of units, in memory.
    pub tree: Arc<UnitTree>,
    /// The numbers of this process.
    pub metrics: Metrics,
    /// Rung after a commit that wrote facts, so that reactions need not wait for their next look.
    pub facts_written: Arc<Notify>,
    /// Facts that were read lately, for the next who reads them.
    pub shelf: Arc<Shelf>,
    /// Whether gifts come in a crowd just now.
    pub rush: Arc<Rush>,
    /// The data folder: files, locks, sockets.
    pub data: Arc<PathBuf>,
    /// The address under which the public reaches this installation, without a slash at the end.
    pub base_url: Arc<str>,
}

impl From<Parts> for Services {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for Services {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Who is given another service, a sender in a test say, has it alone: what was cloned before keeps its own.
impl std::ops::DerefMut for Services {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

impl Parts {
    /// Now.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}
