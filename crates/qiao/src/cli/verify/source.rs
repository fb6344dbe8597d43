//! Where a log that is checked is read from: a folder, a server, or a store; and a copy of what was read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use proof::log::folder::CHECKPOINT;
use proof::log::points::GoOn;
use proof::log::verify::Source;
use proof::log::{Answer, Folder, LogError, Published, Wire as _};
use proof::tlog::{Checkpoint, SignedNote};

use crate::client::Client;
use crate::log_store;
use crate::world::{SystemClock, log_store_from_environment};

/// How often a file is asked for again when the network fails: reading a large log takes minutes.
const ATTEMPTS: u32 = 3;
/// The pause before that, times the attempt.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a checkpoint is looked at, a second apart: a log publishes within seconds.
const LOOKS_MAX: u32 = 30;

/// A log's published files.
pub struct Place {
    from: From,
    mirror: Option<Folder>,
    /// The checkpoint is copied last: until then the copy claims nothing.
    checkpoint: Option<Vec<u8>>,
}

enum From {
    Files(Published),
    Server {
        client: Client,
        runtime: tokio::runtime::Handle,
        url: String,
    },
}

impl Place {
    /// An address with a scheme is a server, `s3://…` a store whose keys the environment has, all else a folder. Made on the runtime, read on a thread of its own.
    pub fn of(log: &str, cwd: &Path, mirror: Option<PathBuf>) -> Self {
        let from = if log.starts_with("http://") || log.starts_with("https://") {
            From::Server {
                client: Client::new(),
                runtime: tokio::runtime::Handle::current(),
                url: log.trim_end_matches('/').to_owned(),
            }
        } else if log.starts_with("s3://") {
            let clock: Arc<dyn kernel::Clock> = Arc::new(SystemClock);
            From::Files(log_store::open(log, cwd, &log_store_from_environment(), &clock))
        } else {
            From::Files(Folder::at(cwd.join(log)).into())
        };
        Self {
            from,
            mirror: mirror.map(Folder::at),
            checkpoint: None,
        }
    }

    /// Puts the checkpoint into the copy, once all that it stands for was checked.
    ///
    /// # Errors
    /// [`LogError::Disk`].
    pub fn finish(&self) -> Result<(), LogError> {
        match (&self.mirror, &self.checkpoint) {
            (Some(mirror), Some(bytes)) => mirror.replace(CHECKPOINT, bytes, &GoOn),
            _ => Ok(()),
        }
    }

    /// Waits until a server has published so many entries; a folder is as it is.
    ///
    /// # Errors
    /// [`LogError::Published`] when they do not come.
    pub fn wait_for(&self, size: u64) -> Result<(), LogError> {
        let published = || {
            let note = self.fetch(CHECKPOINT)?.unwrap_or_default();
            Ok::<_, LogError>(Checkpoint::read(&SignedNote::parse(&note)?.note)?.size)
        };
        let mut looks = 0;
        while size > 0 && published()? < size {
            looks += 1;
            if looks == LOOKS_MAX || matches!(self.from, From::Files(_)) {
                return Err(LogError::Published(format!(
                    "the site speaks of {size} entries, which are not all published; its log may be waiting for witnesses. \
                     Try again in a moment"
                )));
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        Ok(())
    }

    fn fetch(&self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        let (client, runtime, url) = match &self.from {
            From::Files(files) => return files.read(name),
            From::Server { client, runtime, url } => (client, runtime, format!("{url}/{name}")),
        };
        let mut attempt = 1;
        loop {
            match runtime.block_on(client.get(url.clone())) {
                Ok(Answer { status: 200, body }) => return Ok(Some(body)),
                Ok(Answer { status: 404, .. }) => return Ok(None),
                other if attempt >= ATTEMPTS => {
                    let why = other.map_or_else(|why| why, |answer| format!("status {}", answer.status));
                    return Err(LogError::Published(format!("{url}: {why}")));
                }
                _ => {}
            }
            std::thread::sleep(PAUSE * attempt);
            attempt += 1;
        }
    }
}

impl Source for Place {
    fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, LogError> {
        let read = self.fetch(name)?;
        if let (Some(mirror), Some(bytes)) = (&self.mirror, &read) {
            if name == CHECKPOINT {
                self.checkpoint = Some(bytes.clone());
            } else {
                mirror.write_once(&[(name.to_owned(), bytes.clone())], &GoOn)?;
            }
        }
        Ok(read)
    }
}
