//! Those who react to facts: each reads in order, by its own cursor, and moves it in the transaction of its work.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use db::{Backend, DbError, Reads, Tx, params};
use tokio::sync::watch;

use super::{Fact, last_place, read_after, sequencer};
use crate::Services;

/// How a reaction goes about its work. Each round of one is a commit, for which gifts on SQLite wait: what is not
/// looked at within the second reads more at once and more rarely.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Facts of one round.
    pub facts: i64,
    /// Facts of one round on SQLite while gifts come in a crowd, which wait until it is written.
    pub facts_in_a_rush: i64,
    /// How long it sleeps when nothing rings.
    pub idle: Duration,
    /// How long facts gather after the first one rang.
    pub gather: Duration,
}

impl Pace {
    /// What somebody waits for.
    pub const PROMPT: Self = Self {
        facts: FACTS_PER_ROUND,
        facts_in_a_rush: FACTS_PER_ROUND,
        idle: IDLE,
        gather: GATHER,
    };
    /// What may be a second late.
    pub const CALM: Self = Self {
        facts: 10 * FACTS_PER_ROUND,
        facts_in_a_rush: FACTS_PER_ROUND / 4,
        idle: Duration::from_secs(1),
        gather: Duration::from_secs(1),
    };
}

/// Facts a reaction is given at once: enough to make a wide write pay, few enough that gifts which wait for SQLite's
/// write permit do not feel it.
pub const FACTS_PER_ROUND: i64 = 400;
/// How long a reaction sleeps when nothing rings.
const IDLE: Duration = Duration::from_millis(200);
/// How long facts gather after the first one rang.
const GATHER: Duration = Duration::from_millis(100);
/// The longest pause after failures.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// A reaction failed; the facts are given to it again after a pause.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReactionError(pub String);

impl From<DbError> for ReactionError {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

/// What a reaction's work returns.
pub type Handled<'a> = Pin<Box<dyn Future<Output = Result<(), ReactionError>> + Send + 'a>>;

/// One reader of facts. Its writes are idempotent by the fact, although a committed cursor never repeats one.
pub trait Reaction: Send + Sync {
    /// Its name, which is its cursor's key; never renamed.
    fn name(&self) -> &'static str;
    /// How it goes about its work.
    fn pace(&self) -> Pace {
        Pace::PROMPT
    }
    /// Does its work for these facts, in order, inside the transaction that moves its cursor.
    fn handle<'a>(&'a self, tx: &'a mut Tx, facts: &'a [Fact], services: &'a Services) -> Handled<'a>;
}

/// The reactions of a program and the loops that run them.
#[derive(Clone)]
pub struct Reactions {
    list: Arc<Vec<Box<dyn Reaction>>>,
}

/// How far one reaction is.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Progress {
    /// Its name.
    pub name: String,
    /// Facts not yet read.
    pub lag: i64,
    /// Failures since the last success.
    pub failures: i64,
    /// What the last failure said.
    pub last_error: Option<String>,
}

impl Reactions {
    /// These reactions.
    pub fn new(list: Vec<Box<dyn Reaction>>) -> Self {
        Self { list: Arc::new(list) }
    }

    /// Runs all of them, and the sequencer, until `stop` turns true; returns when the last round has ended.
    pub async fn run(&self, services: Services, stop: watch::Receiver<bool>) {
        let mut loops = tokio::task::JoinSet::new();
        for index in 0..self.list.len() {
            let (all, services, stop) = (self.clone(), services.clone(), stop.clone());
            loops.spawn(async move { all.run_one(index, services, stop).await });
        }
        if services.db.backend() == Backend::Postgres {
            loops.spawn(sequence(services, stop));
        }
        while loops.join_next().await.is_some() {}
    }

    /// Reads everything there is now, on this task: for commands, tests and drains.
    ///
    /// # Errors
    /// [`ReactionError`] of the first that fails.
    pub async fn drain(&self, services: &Services) -> Result<(), ReactionError> {
        while sequencer::round(&services.db).await? > 0 {}
        for reaction in self.list.iter() {
            while round(&**reaction, services).await?.read > 0 {}
        }
        Ok(())
    }

    /// How far each is.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn progress(&self, at: &mut impl Reads) -> Result<Vec<Progress>, DbError> {
        let last = last_place(at).await?;
        let mut all = Vec::new();
        for reaction in self.list.iter() {
            let row = at
                .query_one(
                    "SELECT place, failures, last_error FROM reaction_cursor WHERE name = ?1",
                    params![reaction.name()],
                )
                .await?;
            let (place, failures, last_error) = match row {
                Some(row) => (row.int("place")?, row.int("failures")?, row.opt_text("last_error")?),
                None => (0, 0, None),
            };
            all.push(Progress {
                name: reaction.name().to_owned(),
                lag: last - place,
                failures,
                last_error,
            });
        }
        Ok(all)
    }

    async fn run_one(&self, index: usize, services: Services, mut stop: watch::Receiver<bool>) {
        let reaction = &*self.list[index];
        let pace = reaction.pace();
        let mut failures = 0u32;
        while !*stop.borrow() {
            let (pause, gather) = match round(reaction, &services).await {
                Ok(round) => {
                    failures = 0;
                    let rest = courtesy(&services, &round);
                    if round.is_full {
                        if !rest.is_zero() {
                            tokio::time::sleep(rest).await;
                        }
                        continue;
                    }
                    (pace.idle, pace.gather.max(rest))
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    tracing::error!(reaction = reaction.name(), failures, %error, "a reaction failed; it tries again");
                    note_failure(&services, reaction.name(), &error).await;
                    let pause = IDLE * 2u32.saturating_pow(failures.min(10));
                    (pause.min(BACKOFF_MAX), pace.gather)
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = services.facts_written.notified(), if failures == 0 => {
                    // On a giving day it rings hundreds of times a second; a round for each would take the writers'
                    // permit and the disk's sync as often as the gifts themselves do.
                    tokio::time::sleep(gather).await;
                }
                _ = stop.changed() => {}
            }
        }
    }
}

/// How long a round leaves SQLite's write permit to the gifts. On PostgreSQL nobody waits for it.
fn courtesy(services: &Services, round: &Round) -> Duration {
    match services.db.backend() {
        Backend::Sqlite => services.rush.rest(services.now(), round.held, round.behind),
        Backend::Postgres => Duration::ZERO,
    }
}

/// What one round did.
#[derive(Debug, Default, Clone, Copy)]
struct Round {
    /// Facts read.
    read: i64,
    /// Facts that were there and are still to read.
    behind: i64,
    /// How long its transaction was open.
    held: Duration,
    /// Whether as many were read as a round may take: there may be more.
    is_full: bool,
}

async fn sequence(services: Services, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let placed = sequencer::round(&services.db).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a round of the sequencer failed; the next tries again");
            0
        });
        if placed > 0 {
            services.facts_written.notify_waiters();
        }
        tokio::select! {
            () = tokio::time::sleep(IDLE / 4) => {}
            _ = stop.changed() => {}
        }
    }
}

/// One round: read, then lock the cursor, work, move it, commit.
///
/// The facts are read before the transaction begins, so that on SQLite the write permit is held only for the work;
/// that no other node moved the cursor meanwhile is seen under its lock.
async fn round(reaction: &dyn Reaction, services: &Services) -> Result<Round, ReactionError> {
    let name = reaction.name();
    let rush = services.db.backend() == Backend::Sqlite && services.rush.is_on(services.now());
    let most = match (reaction.pace(), rush) {
        (pace, true) => pace.facts_in_a_rush,
        (pace, false) => pace.facts,
    };
    let (place, facts, there) = {
        let mut at = services.db.snapshot().await?;
        let row = at
            .query_one("SELECT place FROM reaction_cursor WHERE name = ?1", params![name])
            .await?;
        let place = row.map_or(Ok(0), |row| row.int("place"))?;
        let facts = read_after(&mut at, place, most).await?;
        (place, facts, last_place(&mut at).await?)
    };
    let Some(last) = facts.last() else {
        return Ok(Round::default());
    };
    let mut tx = services.db.begin().await?;
    let now = services.now();
    if place == 0 {
        tx.execute(
            "INSERT INTO reaction_cursor (name, place, moved_at, failures) VALUES (?1, 0, ?2, 0) ON CONFLICT DO NOTHING",
            params![name, now],
        )
        .await?;
    }
    let lock = match tx.backend() {
        Backend::Sqlite => "SELECT place FROM reaction_cursor WHERE name = ?1",
        Backend::Postgres => "SELECT place FROM reaction_cursor WHERE name = ?1 FOR UPDATE SKIP LOCKED",
    };
    // Another node has it, or was faster: nothing for us to do.
    let Some(cursor) = tx.query_one(lock, params![name]).await? else {
        return Ok(Round::default());
    };
    if cursor.int("place")? != place {
        return Ok(Round::default());
    }
    reaction.handle(&mut tx, &facts, services).await?;
    tx.execute(
        "UPDATE reaction_cursor SET place = ?2, moved_at = ?3, failures = 0, last_error = NULL WHERE name = ?1",
        params![name, last.place, now],
    )
    .await?;
    tx.commit().await?;
    let held = (services.now().micros() - now.micros()).max(0).cast_unsigned();
    Ok(Round {
        read: facts.len() as i64,
        behind: there - last.place,
        held: Duration::from_micros(held),
        is_full: facts.len() as i64 == most,
    })
}

async fn note_failure(services: &Services, name: &str, error: &ReactionError) {
    let noted = async {
        let mut tx = services.db.begin().await?;
        tx.execute(
            "INSERT INTO reaction_cursor (name, place, moved_at, failures, last_error) VALUES (?1, 0, ?2, 1, ?3)
             ON CONFLICT (name) DO UPDATE SET failures = reaction_cursor.failures + 1, last_error = excluded.last_error",
            params![name, services.now(), error.to_string()],
        )
        .await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(reaction = name, %error, "a reaction’s failure could not be noted");
    }
}
