//! The write path of the public log, in the order that is its whole argument:
//!
//! facts → entries → one transaction in the log's own database that signs and moves the head by compare-and-swap (the
//! point of no return) → the cursor beside the facts → bundles and tiles, durable → the checkpoint. Whatever is cut off
//! is done again from there: what stands before the point of no return was shown to nobody, what stands behind it is a
//! pure function of the log's database.

mod publish;
mod recover;
pub mod rotating;
pub mod second;
mod sequence;
pub mod stating;
pub mod trail;
pub(crate) mod witnessing;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use db::Db;
use kernel::Instant;
use platform::Services;
use platform::health::NameLabel;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use self::sequence::Prepared;
use super::error::LogError;
use super::files::Published;
use super::key::LogKeys;
use super::model::{Candidate, Pace, Round, Status, Tail};
use super::points::{GoOn, Points};
use super::store;
use crate::tlog::{Frontier, Verifier};
use witnessing::{Remembered, Witnesses};

pub use recover::Recovered;

/// How often the log looks for facts.
const EVERY: Duration = Duration::from_secs(1);
/// Batches that are signed before all of them are published together, while there is more: some sixteen thousand entries,
/// whose files are then synced together.
const BATCHES_PER_CHECKPOINT: usize = 4;
/// How long it waits after a failure that does not pass by itself.
const STOPPED: Duration = Duration::from_secs(30);
/// The label of its lag among the reactions'.
pub const LAG_LABEL: &str = "public_log";
/// Seconds after which an entry that waits is late: what is meant to take three.
pub const LATE_SECONDS: i64 = 60;
/// Payers of a project and day below which no gift stands alone.
pub const CROWD_MIN: usize = 5;

/// The public log of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    files: Published,
    keys: LogKeys,
    points: Box<dyn Points>,
    crowd_min: usize,
    pace: OnceLock<Pace>,
    witnesses: OnceLock<Witnesses>,
    /// Held for a whole round: one signs at a time in this process.
    state: Mutex<State>,
    status: RwLock<Status>,
}

/// What a round remembers for the next.
#[derive(Default)]
struct State {
    /// The right edge of the head, so that appending reads nothing.
    frontier: Option<Frontier>,
    /// The waiting entries, where nobody else signs.
    held: Option<Vec<Candidate>>,
    /// The end of the tree, as far as it was added since the last checkpoint.
    tail: Tail,
    /// How far this process has read the facts, where nobody else signs: what stands behind is in no entry yet.
    read_to: Option<i64>,
    /// The entries of the next batch, made while this one is written.
    ahead: JoinSet<Result<Prepared, LogError>>,
    /// When the waiting entries were looked at last.
    held_seen: Option<Instant>,
    /// Full tiles whose partial forms go once nobody needs them.
    retired: VecDeque<(Instant, String)>,
    /// Whether those that an earlier process left were looked for.
    has_looked: bool,
    /// What witnesses have said.
    witnesses: Remembered,
    /// Where the cursor beside the facts is moved.
    front: Option<Handle>,
}

impl Log {
    /// The log over its own migrated database and its published files.
    pub fn new(db: Db, files: impl Into<Published>, keys: impl Into<LogKeys>) -> Self {
        Self::with(db, files, keys, CROWD_MIN, Box::new(GoOn))
    }

    /// The same with another bound on crowds, and with somebody told at each point of the write path.
    pub fn with(
        db: Db,
        files: impl Into<Published>,
        keys: impl Into<LogKeys>,
        crowd_min: usize,
        points: Box<dyn Points>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                db,
                files: files.into(),
                keys: keys.into(),
                points,
                crowd_min,
                pace: OnceLock::new(),
                witnesses: OnceLock::new(),
                state: Mutex::default(),
                status: RwLock::default(),
            }),
        }
    }

    /// Says how large a batch of gifts should be, once, before the first round; without it every batch goes at once.
    pub fn be_paced(&self, pace: Pace) {
        if self.inner.pace.set(pace).is_err() {
            tracing::error!("the pace of a log was set twice; the first one stays");
        }
    }

    /// How large a batch of gifts should be, and how long it waits for that.
    pub fn pace(&self) -> Pace {
        self.inner.pace.get().copied().unwrap_or(Pace::AT_ONCE)
    }

    /// Payers of a project and day below which none of their gifts stands alone.
    pub fn crowd_min(&self) -> usize {
        self.inner.crowd_min
    }

    /// Names its witnesses, once, before the first round; without them it is published as not witnessed.
    pub fn be_witnessed(&self, witnesses: Witnesses) {
        if self.inner.witnesses.set(witnesses).is_err() {
            tracing::error!("the witnesses of a log were named twice; the first naming stays");
        }
    }

    /// What whoever checks should pin: the log's keys, the witnesses, how many are needed.
    pub fn policy_text(&self) -> String {
        let named = self.inner.witnesses.get().map(|witnesses| witnesses.text.clone());
        named.unwrap_or_else(|| self.inner.keys.named_in("quorum none\n"))
    }

    /// The public key, the newest while two sign.
    pub fn verifier(&self) -> &Verifier {
        self.inner.keys.newest()
    }
    /// The keys.
    pub fn keys(&self) -> &LogKeys {
        &self.inner.keys
    }
    /// The published files.
    pub fn files(&self) -> &Published {
        &self.inner.files
    }
    /// The log's own database.
    pub fn db(&self) -> &Db {
        &self.inner.db
    }
    /// How it stood after the last round.
    pub fn status(&self) -> Status {
        let status = self.inner.status.read().unwrap_or_else(PoisonError::into_inner);
        status.clone()
    }

    /// Runs until `stop` turns true: a round a second, at once again while there is more. What it writes beside the facts
    /// is written on the runtime `front`, where one is named: whoever holds SQLite's write permit must not be a thread
    /// that waits for a processor.
    pub async fn run(&self, services: Services, front: Option<Handle>, mut stop: watch::Receiver<bool>) {
        let mut failed = false;
        self.inner.state.lock().await.front = front;
        while !*stop.borrow() {
            let begin = services.now();
            let pause = match self.round(&services).await {
                Ok(round) if round.is_full => {
                    failed = false;
                    let end = services.now();
                    let rest = services.rush.rest_beside(end, end.since(begin));
                    if rest.is_zero() {
                        continue;
                    }
                    rest
                }
                Ok(_) => {
                    failed = false;
                    EVERY
                }
                Err(error) if error.passes() => {
                    if !failed {
                        tracing::warn!(%error, "a round of the public log failed; it tries again every second");
                    }
                    failed = true;
                    EVERY
                }
                Err(error) => {
                    if !failed {
                        tracing::error!(%error, "the public log has stopped; gifts are taken all the same");
                    }
                    failed = true;
                    STOPPED
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// One round of the write path.
    ///
    /// # Errors
    /// [`LogError`]; what was not committed was shown to nobody, what was is published by a later round.
    pub async fn round(&self, services: &Services) -> Result<Round, LogError> {
        let mut state = self.inner.state.lock().await;
        let outcome = self.led_round(services, &mut state).await;
        if outcome.is_err() {
            // Whether a failed commit took place is not known here: what the database holds is read anew.
            *state = State {
                front: state.front.take(),
                retired: std::mem::take(&mut state.retired),
                has_looked: state.has_looked,
                witnesses: std::mem::take(&mut state.witnesses),
                ..State::default()
            };
        }
        self.note(services, outcome.as_ref().err().map(ToString::to_string))
            .await;
        outcome
    }

    /// Looks at the log without writing, and asks its witnesses what they saw: why it would stand still, if it would,
    /// and how it stands.
    pub async fn examine(&self, services: &Services) -> (Option<LogError>, Status) {
        let looked = async {
            let published = self.published().await?;
            self.check_published(published.as_ref()).await?;
            self.check_witnesses(&mut Remembered::default()).await
        };
        let wrong = looked.await.err();
        let stopped = wrong.as_ref().map(ToString::to_string);
        self.note(services, stopped.or_else(|| self.status().stopped)).await;
        (wrong, self.status())
    }

    /// Rounds until there is nothing more to read.
    ///
    /// # Errors
    /// [`LogError`] of the first round that fails.
    pub async fn drain(&self, services: &Services) -> Result<usize, LogError> {
        Ok(self.rounds(services).await?.entries)
    }

    /// The same, with all that was done.
    ///
    /// # Errors
    /// As [`Log::drain`].
    pub async fn rounds(&self, services: &Services) -> Result<Round, LogError> {
        let mut all = Round::default();
        loop {
            all = all.and(self.round(services).await?);
            if !all.is_full {
                return Ok(all);
            }
        }
    }

    async fn led_round(&self, services: &Services, state: &mut State) -> Result<Round, LogError> {
        if !store::has_rivals(self.inner.db.backend()) {
            return self.signed_round(services, state).await;
        }
        let mut lease = self.inner.db.begin().await?;
        if !store::lease(&mut lease).await? {
            // Another node signs; its tree has grown meanwhile.
            (state.frontier, state.held, state.tail) = (None, None, Tail::default());
            return Ok(Round::default());
        }
        let outcome = self.signed_round(services, state).await;
        // Nothing was written under the lease; ending it gives it to the next.
        if let Err(error) = lease.rollback().await {
            tracing::warn!(%error, "the lease of the public log ended by itself");
        }
        outcome
    }

    async fn signed_round(&self, services: &Services, state: &mut State) -> Result<Round, LogError> {
        self.first_head(services).await?;
        let before = self.published_note().await?;
        self.check_published(before.as_ref().map(|(seen, _)| seen)).await?;
        self.check_witnesses(&mut state.witnesses).await?;
        let mut round = Round::default();
        for _ in 0..BATCHES_PER_CHECKPOINT {
            round = round.and(self.sequence(services, state).await?);
            if !round.is_full || services.rush.is_on(services.now()) {
                break;
            }
        }
        let begin = services.now();
        round.published = self.publish(services, state, before).await?;
        round.spent.publishing_micros = services.now().micros() - begin.micros();
        Ok(round)
    }

    /// Keeps the status and the gauge of the lag.
    async fn note(&self, services: &Services, stopped: Option<String>) {
        // From memory where a far store was just asked: the gauge must not wait for it.
        let shown = self.published_shown().await;
        let is_known = shown.is_ok();
        let published = shown.ok().flatten().map_or(0, |tree| tree.size);
        let seen = async {
            let mut at = services.db.snapshot().await?;
            let place = store::cursor(&mut at).await?;
            let lag = platform::facts::last_place(&mut at).await? - place;
            let unread = match lag > 0 {
                true => platform::facts::read_after(&mut at, place, 1).await?,
                false => Vec::new(),
            };
            let mut own = self.inner.db.snapshot().await?;
            let size = store::head(&mut own).await?.map_or(0, |head| head.size);
            let unpublished = match is_known {
                true => store::signed_beyond(&mut own, published).await?,
                false => None,
            };
            let oldest = unread
                .first()
                .map(|fact| fact.happened_at)
                .into_iter()
                .chain(unpublished)
                .min();
            Ok::<_, db::DbError>((lag, size, store::count_held(&mut own).await?, oldest))
        };
        let Ok((lag, size, held, oldest)) = seen.await else {
            return;
        };
        let now = services.now().micros();
        let oldest_seconds = oldest.map_or(0, |at| (now - at.micros()).max(0) / 1_000_000);
        services.metrics.public_log_oldest_seconds.set(oldest_seconds);
        let gauge = services.metrics.reaction_lag.get_or_create(&NameLabel::of(LAG_LABEL));
        gauge.set(lag);
        let mut status = self.inner.status.write().unwrap_or_else(PoisonError::into_inner);
        *status = Status {
            size,
            published,
            held,
            lag,
            oldest_seconds,
            stopped,
        };
    }
}

/// The folder of published files inside a data folder.
pub fn folder_in(data: &std::path::Path) -> PathBuf {
    data.join("log")
}
