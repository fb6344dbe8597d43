//! The judge of a monitor: reads the entries from the log's own address, and adds them up, before anything is cosigned.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use proof::log::LogError;
use proof::log::follow::Follow;
use proof::log::verify::Source;
use proof::tlog::Checkpoint;
use proof::witness::{Judge, Judged, Verdict};

use crate::cli::verify::Place;
use crate::output::Failure;

/// A log that is followed.
struct Followed {
    place: Place,
    follow: Follow,
}

/// The logs whose entries are read, by origin.
pub struct Monitor {
    logs: BTreeMap<String, Arc<Mutex<Followed>>>,
}

impl Monitor {
    /// From lines of `ORIGIN=ADDRESS`.
    ///
    /// # Errors
    /// [`Failure::Usage`].
    pub fn of(named: &[String], cwd: &Path) -> Result<Self, Failure> {
        let mut logs = BTreeMap::new();
        for text in named {
            let (origin, address) = text
                .split_once('=')
                .filter(|(origin, address)| !origin.is_empty() && !address.is_empty())
                .ok_or_else(|| Failure::Usage(format!("--monitor {text}: ORIGIN=https://…/log is expected")))?;
            let followed = Followed {
                place: Place::of(address, cwd, None),
                follow: Follow::default(),
            };
            logs.insert(origin.to_owned(), Arc::new(Mutex::new(followed)));
        }
        Ok(Self { logs })
    }
}

/// A source that remembers whether the last thing asked for was there.
struct Remembering<'p> {
    place: &'p mut Place,
    missed: bool,
}

impl Source for Remembering<'_> {
    fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        let read = self.place.read(name);
        self.missed = !matches!(read, Ok(Some(_)));
        read
    }
}

impl Followed {
    fn judge(&mut self, tree: &Checkpoint) -> Result<(), Verdict> {
        let mut source = Remembering {
            place: &mut self.place,
            missed: false,
        };
        let outcome = self.follow.advance(&mut source, tree);
        let missed = source.missed;
        outcome.map_err(|error| {
            if missed {
                return Verdict::NotKnown(error.to_string());
            }
            // What was read was not what the log signed, or breaks a rule: the next look begins anew.
            self.follow = Follow::default();
            Verdict::Broken(error.to_string())
        })
    }
}

impl Judge for Monitor {
    fn judge<'a>(&'a self, tree: &'a Checkpoint) -> Judged<'a> {
        let followed = self.logs.get(&tree.origin).cloned();
        let tree = tree.clone();
        Box::pin(async move {
            let followed = followed.ok_or_else(|| Verdict::NotKnown("no --monitor names where it is read".into()))?;
            let work = move || {
                let mut followed = followed.lock().unwrap_or_else(PoisonError::into_inner);
                followed.judge(&tree)
            };
            // A thread of its own: a log of years is read once, after each start.
            let judged = tokio::task::spawn_blocking(work).await;
            judged.map_err(|error| Verdict::NotKnown(error.to_string()))?
        })
    }
}
