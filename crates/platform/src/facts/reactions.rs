//! Those who react to facts: each reads in order, by its own cursor, and moves it in the transaction of its work.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use db::{Backend, DbError, Reads, Snapshot, Tx, params};
use tokio::sync::watch;

use super::store::read_but_gifts;
use super::{Fact, Shelved, last_place, sequencer};
use crate::Services;
use crate::rush::BEHIND_MAX;

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
    /// Whether its commits may become durable with the next gift's ([`Db::begin_quietly`]): nobody is promised what it
    /// writes, and whoever tells its facts outside makes them durable first.
    pub is_quiet: bool,
    /// Whether it looks at no confirmed gift and is given none.
    pub skips_gifts: bool,
}

impl Pace {
    /// What somebody waits for.
    pub const PROMPT: Self = Self {
        facts: 4 * FACTS_PER_ROUND,
        facts_in_a_rush: FACTS_PER_ROUND,
        idle: IDLE,
        gather: GATHER,
        is_quiet: false,
        skips_gifts: false,
    };
    /// What may be a second late.
    pub const CALM: Self = Self {
        facts: 10 * FACTS_PER_ROUND,
        facts_in_a_rush: FACTS_PER_ROUND / 4,
        idle: Duration::from_secs(1),
        gather: Duration::from_secs(1),
        is_quiet: true,
        skips_gifts: false,
    };
    /// What may be a second late and writes nothing for most facts: reading many at once keeps no gift waiting.
    pub const LIGHT: Self = Self {
        facts_in_a_rush: Self::CALM.facts,
        ..Self::CALM
    };
    /// What looks at no gift: a giving day costs it nothing.
    pub const APART: Self = Self {
        skips_gifts: true,
        ..Self::LIGHT
    };
}

/// Facts a reaction is given at once: enough to make a wide write pay, few enough that gifts which wait for SQLite's
/// write permit do not feel it.
pub const FACTS_PER_ROUND: i64 = 400;
/// How many rounds of a rush one takes at once that is far behind.
const ROUNDS_BEHIND: i64 = 5;
/// Places that a reaction which skips gifts passes over at once.
const PLACES_PER_ROUND: i64 = 40_000;
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

/// One reader of facts. Its writes are idempotent by the fact, although a committed cursor never repeats one.
pub trait Reaction: Send + Sync {
    /// What it reads and works out before its transaction begins.
    type Read: Send;
    /// Its name, which is its cursor's key; never renamed.
    fn name(&self) -> &'static str;
    /// How it goes about its work.
    fn pace(&self) -> Pace {
        Pace::PROMPT
    }
    /// Reads what cannot change any more about what these facts say, from the snapshot they were read from: gifts wait
    /// for SQLite's write permit only while [`Reaction::handle`] writes.
    fn read(
        &self,
        at: &mut Snapshot,
        facts: &[Fact],
        services: &Services,
    ) -> impl Future<Output = Result<Self::Read, ReactionError>> + Send;
    /// Does its work for these facts, in order, inside the transaction that moves its cursor.
    fn handle(
        &self,
        tx: &mut Tx,
        facts: &[Fact],
        read: Self::Read,
        services: &Services,
    ) -> impl Future<Output = Result<(), ReactionError>> + Send;
}

/// Any [`Reaction`], whatever it reads.
pub trait AnyReaction: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// How it goes about its work.
    fn pace(&self) -> Pace;
    /// One round.
    fn round<'a>(&'a self, services: &'a Services) -> Rounded<'a>;
}

/// What a round returns.
pub type Rounded<'a> = Pin<Box<dyn Future<Output = Result<Round, ReactionError>> + Send + 'a>>;

impl<R: Reaction> AnyReaction for R {
    fn name(&self) -> &'static str {
        Reaction::name(self)
    }
    fn pace(&self) -> Pace {
        Reaction::pace(self)
    }
    fn round<'a>(&'a self, services: &'a Services) -> Rounded<'a> {
        Box::pin(round(self, services))
    }
}

/// The reactions of a program and the loops that run them.
#[derive(Clone)]
pub struct Reactions {
    list: Arc<Vec<Box<dyn AnyReaction>>>,
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
    pub fn new(list: Vec<Box<dyn AnyReaction>>) -> Self {
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
            while reaction.round(services).await?.read > 0 {}
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
            let (pause, gather) = match reaction.round(&services).await {
                Ok(round) => {
                    failures = 0;
                    if round.is_full {
                        continue;
                    }
                    (pace.idle, pace.gather)
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

/// Waits, while gifts come in a crowd, for the turn to take SQLite's write permit. On PostgreSQL nobody waits for it.
async fn take_turn(services: &Services) {
    if services.db.backend() == Backend::Sqlite {
        while let Some(wait) = services.rush.turn(services.now()) {
            tokio::time::sleep(wait).await;
        }
    }
}

/// What one round did.
#[derive(Debug, Default, Clone, Copy)]
pub struct Round {
    /// Places that the cursor moved by.
    read: i64,
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
/// The facts, and what the work needs to know, are read before the transaction begins, so that on SQLite the write permit
/// is held only for the writing;
/// that no other node moved the cursor meanwhile is seen under its lock.
async fn round<R: Reaction>(reaction: &R, services: &Services) -> Result<Round, ReactionError> {
    let name = Reaction::name(reaction);
    let rush = services.db.backend() == Backend::Sqlite && services.rush.is_on(services.now());
    let pace = Reaction::pace(reaction);
    let (place, given, there, known) = {
        let mut at = services.db.snapshot().await?;
        let row = at
            .query_one("SELECT place FROM reaction_cursor WHERE name = ?1", params![name])
            .await?;
        let place = row.map_or(Ok(0), |row| row.int("place"))?;
        let there = last_place(&mut at).await?;
        let most = match (rush, there - place > BEHIND_MAX) {
            (false, _) => pace.facts,
            (true, false) => pace.facts_in_a_rush,
            (true, true) => pace.facts.min(pace.facts_in_a_rush.saturating_mul(ROUNDS_BEHIND)),
        };
        let given = match pace.skips_gifts {
            true => but_gifts(&mut at, (place, there), most).await?,
            false => shelved(&mut at, place, most, services).await?,
        };
        // In a rush nobody takes the write permit only to say how many gifts were passed over.
        if given.last == place || (rush && given.facts.is_empty() && !given.is_full) {
            return Ok(Round::default());
        }
        let known = reaction.read(&mut at, &given.facts, services).await?;
        (place, given, there, known)
    };
    let last = given.last;
    take_turn(services).await;
    let mut tx = match pace.is_quiet {
        true => services.db.begin_quietly().await?,
        false => services.db.begin().await?,
    };
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
    reaction.handle(&mut tx, &given.facts, known, services).await?;
    tx.execute(
        "UPDATE reaction_cursor SET place = ?2, moved_at = ?3, failures = 0, last_error = NULL WHERE name = ?1",
        params![name, last, now],
    )
    .await?;
    tx.commit().await?;
    let end = services.now();
    services.rush.took(end, end.since(now), there - last);
    Ok(Round {
        read: last - place,
        is_full: given.is_full,
    })
}

/// What a round is given.
struct Given {
    facts: Facts,
    /// The place that the cursor moves to.
    last: i64,
    /// Whether there may be more.
    is_full: bool,
}

/// Facts from the shelf, or read for one alone.
enum Facts {
    Shelved(Shelved),
    Own(Vec<Fact>),
}

impl Deref for Facts {
    type Target = [Fact];
    fn deref(&self) -> &[Fact] {
        match self {
            Self::Shelved(facts) => facts,
            Self::Own(facts) => facts,
        }
    }
}

async fn shelved(at: &mut Snapshot, place: i64, most: i64, services: &Services) -> Result<Given, DbError> {
    let facts = services.shelf.read(at, place, most).await?;
    Ok(Given {
        last: facts.last().map_or(place, |fact| fact.place),
        is_full: facts.is_full(),
        facts: Facts::Shelved(facts),
    })
}

async fn but_gifts(at: &mut Snapshot, (place, there): (i64, i64), most: i64) -> Result<Given, DbError> {
    let until = there.min(place.saturating_add(PLACES_PER_ROUND));
    let facts = read_but_gifts(at, (place, until), most).await?;
    let is_cut = facts.len() as i64 >= most;
    Ok(Given {
        last: facts.last().filter(|_| is_cut).map_or(until, |fact| fact.place),
        is_full: is_cut || until < there,
        facts: Facts::Own(facts),
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::{FixedClock, Instant, UnitId};
    use serde_json::json;

    use super::*;
    use crate::facts::store::GIFT;
    use crate::facts::{NewFact, append, cursor};
    use crate::testing::{NOW, placed, services_at};

    /// Keeps the kinds it was given.
    struct Reader {
        pace: Pace,
        seen: Arc<Mutex<Vec<String>>>,
    }

    impl Reaction for Reader {
        type Read = ();
        fn name(&self) -> &'static str {
            match self.pace.skips_gifts {
                true => "test_apart",
                false => "test_all",
            }
        }
        fn pace(&self) -> Pace {
            self.pace
        }
        async fn read(&self, _: &mut Snapshot, _: &[Fact], _: &Services) -> Result<(), ReactionError> {
            Ok(())
        }
        async fn handle(&self, _: &mut Tx, facts: &[Fact], (): (), _: &Services) -> Result<(), ReactionError> {
            let kinds = facts.iter().map(|fact| fact.kind.clone());
            self.seen.lock().unwrap().extend(kinds);
            Ok(())
        }
    }

    async fn write(services: &Services, kinds: &[&'static str]) {
        let unit = UnitId::new(services.now(), &*services.rng);
        // Each in a transaction of its own: within one PostgreSQL promises no order.
        for kind in kinds {
            let mut tx = services.db.begin().await.unwrap();
            let fact = NewFact {
                unit,
                kind,
                subject: [1; 16],
                actor: None,
                body: json!({}),
            };
            append(&mut tx, fact, services).await.unwrap();
            tx.commit().await.unwrap();
        }
        placed(services).await;
    }

    async fn at(services: &Services, name: &str) -> i64 {
        cursor(&mut services.db.snapshot().await.unwrap(), name).await.unwrap()
    }

    db::both!(
        who_looks_at_no_gift_is_given_all_else_in_order_and_passes_gifts_over,
        crate::MIGRATIONS,
        async |test: db::testing::TestDb| {
            let data = tempfile::tempdir().unwrap();
            let clock = Arc::new(FixedClock::at(NOW));
            let services = services_at(test.db.clone(), data.path(), Arc::clone(&clock));
            let (all, apart) = (
                Arc::<Mutex<Vec<String>>>::default(),
                Arc::<Mutex<Vec<String>>>::default(),
            );
            let readers: [Box<dyn AnyReaction>; 2] = [
                Box::new(Reader {
                    pace: Pace::PROMPT,
                    seen: Arc::clone(&all),
                }),
                // Two at a time, so that a round ends in the middle.
                Box::new(Reader {
                    pace: Pace {
                        facts: 2,
                        facts_in_a_rush: 2,
                        ..Pace::APART
                    },
                    seen: Arc::clone(&apart),
                }),
            ];
            let reactions = Reactions::new(readers.into());
            let kinds = [GIFT, "test.a", GIFT, GIFT, "test.b", "test.c", GIFT, "test.d", GIFT];
            write(&services, &kinds).await;
            reactions.drain(&services).await.unwrap();
            assert_eq!(*all.lock().unwrap(), kinds);
            assert_eq!(*apart.lock().unwrap(), ["test.a", "test.b", "test.c", "test.d"]);
            assert_eq!(
                at(&services, "test_apart").await,
                9,
                "gifts at the end are passed over too"
            );

            // In a rush nobody writes only to pass gifts over, and what comes is given at once all the same.
            services.rush.note(services.now());
            write(&services, &[GIFT; 5]).await;
            reactions.drain(&services).await.unwrap();
            let passed = match test.db.backend() {
                Backend::Sqlite => 9,
                Backend::Postgres => 14,
            };
            assert_eq!(at(&services, "test_apart").await, passed);
            write(&services, &["test.e"]).await;
            reactions.drain(&services).await.unwrap();
            assert_eq!(apart.lock().unwrap().last().map(String::as_str), Some("test.e"));
            assert_eq!(at(&services, "test_apart").await, 15);
            write(&services, &[GIFT]).await;
            clock.set(Instant::from_micros(NOW.micros() + 1_000_000));
            reactions.drain(&services).await.unwrap();
            assert_eq!(
                at(&services, "test_apart").await,
                16,
                "after the rush they are passed over"
            );
            assert_eq!(apart.lock().unwrap().len(), 5);
            assert_eq!(all.lock().unwrap().len(), 16);
        }
    );
}
