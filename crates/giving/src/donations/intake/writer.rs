//! The writer's thread: takes all that wait, writes them in one transaction, answers after the commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use db::DbError;
use db::bulk::{BulkWriter, Checkpointer};
use ledger::wide::AccountCache;
use platform::Services;
use tokio::sync::mpsc;

use super::super::Outcome;
use super::book::Booker;
use super::write::{Placed, Tools, place, write};
use super::{Directory, GIFTS_PER_BATCH, Intake, IntakeError, QUEUE_MESSAGES, Work};

/// How often a batch is tried again when another transaction was in its way.
const ATTEMPTS: u32 = 4;
/// How often the write-ahead log is looked at.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(50);
/// How long the writer lets gifts gather when the batch before was a crowd: each batch has its own totals, sync and
/// answers, so at the same rate many small ones cost more than they save.
const GATHER: Duration = Duration::from_millis(2);
/// This many callers in one batch are a crowd; a single donor never waits for company.
const CROWD: usize = 5;

/// The running writer; [`WriterHandle::stop`] lets it finish what waits.
pub struct WriterHandle {
    threads: Vec<JoinHandle<()>>,
    stopping: Arc<AtomicBool>,
}

impl WriterHandle {
    /// Waits until every waiting gift is answered; drop all [`Intake`]s first, or give up after `patience`.
    pub fn stop(self, patience: Duration) {
        self.stopping.store(true, Ordering::SeqCst);
        let pauses = patience.as_millis() / 10;
        for thread in self.threads {
            for _ in 0..pauses {
                if thread.is_finished() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// Starts the writer and, on SQLite, the keeper of its log.
///
/// # Errors
/// Any [`DbError`] of opening the writer's connection or of the first load of the directory.
pub async fn start(services: &Services) -> Result<(Intake, WriterHandle), DbError> {
    start_with_room(services, QUEUE_MESSAGES).await
}

/// The same with room for so many waiting messages, at least one: [`QUEUE_MESSAGES`] suit every house, a test fills fewer.
///
/// # Errors
/// As [`start`].
pub async fn start_with_room(services: &Services, messages: usize) -> Result<(Intake, WriterHandle), DbError> {
    let directory = Arc::new(Directory::default());
    directory.reload(services).await?;
    let (queue, waiting) = mpsc::channel(messages.max(1));
    let stopping = Arc::new(AtomicBool::new(false));
    let bulk = BulkWriter::open(&services.db).await?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| DbError::Other(format!("the writer’s runtime cannot start: {e}")))?;
    let writer = Writer {
        bulk,
        waiting,
        accounts: AccountCache::new(),
        services: services.clone(),
        directory: Arc::clone(&directory),
        stopping: Arc::clone(&stopping),
    };
    let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(|e| DbError::Other(format!("a thread cannot start: {e}")))
    };
    let mut threads = vec![spawn("gift-writer", Box::new(move || runtime.block_on(writer.run())))?];
    let mut checkpointer = Checkpointer::open(&services.db)?;
    let until = Arc::clone(&stopping);
    let keep_log = move || {
        while !until.load(Ordering::SeqCst) {
            if let Err(error) = checkpointer.tick() {
                tracing::warn!(%error, "the write-ahead log could not be moved now; it is tried again");
            }
            std::thread::sleep(CHECKPOINT_EVERY);
        }
    };
    threads.push(spawn("log-keeper", Box::new(keep_log))?);
    Ok((
        Intake {
            queue,
            directory,
            metrics: services.metrics.clone(),
        },
        WriterHandle { threads, stopping },
    ))
}

struct Writer {
    bulk: BulkWriter,
    waiting: mpsc::Receiver<Work>,
    accounts: AccountCache,
    services: Services,
    directory: Arc<Directory>,
    stopping: Arc<AtomicBool>,
}

impl Writer {
    async fn run(mut self) {
        let mut taken: Vec<Work> = Vec::new();
        let mut crowded = false;
        loop {
            let first = tokio::select! {
                first = self.waiting.recv() => first,
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    if self.stopping.load(Ordering::SeqCst) { None } else { continue }
                }
            };
            let Some(first) = first else { return };
            if crowded {
                std::thread::sleep(GATHER);
            }
            let mut gifts = first.gifts.len();
            taken.push(first);
            while gifts < GIFTS_PER_BATCH {
                let Ok(next) = self.waiting.try_recv() else { break };
                gifts += next.gifts.len();
                taken.push(next);
            }
            crowded = taken.len() >= CROWD;
            if crowded {
                self.services.rush.note(self.services.now());
            }
            self.settle(&mut taken).await;
        }
    }

    /// Writes what was taken and answers every caller.
    async fn settle(&mut self, taken: &mut Vec<Work>) {
        match self.write_all(taken).await {
            Ok(outcomes) => {
                self.count(&outcomes);
                let mut outcomes = outcomes.into_iter();
                for work in taken.drain(..) {
                    let own = outcomes.by_ref().take(work.gifts.len()).collect();
                    // The caller may have gone; its gift is recorded all the same.
                    let _ = work.reply.send(Ok(own));
                }
                self.services.facts_written.notify_waiters();
            }
            Err(error) => {
                self.services.metrics.db_error(&error);
                tracing::error!(%error, waiting = taken.len(), "a batch of gifts could not be written");
                if taken.len() > 1 && !error.is_transient() {
                    // One bad gift must not refuse its neighbours: each alone.
                    let all: Vec<Work> = std::mem::take(taken);
                    for work in all {
                        Box::pin(self.settle(&mut vec![work])).await;
                    }
                    return;
                }
                for work in taken.drain(..) {
                    let _ = work.reply.send(Err(IntakeError::Unavailable));
                }
            }
        }
    }

    async fn write_all(&mut self, taken: &[Work]) -> Result<Vec<Outcome>, DbError> {
        self.directory.refresh_pools(&self.services).await?;
        let known = |gift| place(gift, None, &self.directory).is_some();
        if !taken.iter().flat_map(|w| &w.gifts).all(known) {
            self.directory.reload(&self.services).await?;
        }
        let each = taken.iter().flat_map(|w| w.gifts.iter().map(move |g| (g, w.import)));
        let batch: Option<Vec<Placed<'_>>> = each.map(|(g, import)| place(g, import, &self.directory)).collect();
        let batch = batch.ok_or_else(|| DbError::Other("a gift names an unknown account or project".into()))?;
        let mut attempt = 1;
        loop {
            match self.write_once(&batch).await {
                Err(DbError::Contended(why)) if attempt < ATTEMPTS => {
                    tracing::warn!(
                        attempt,
                        why,
                        "a batch of gifts met another transaction; it is tried again"
                    );
                    tokio::time::sleep(Duration::from_millis(5) * attempt).await;
                    attempt += 1;
                }
                settled => return settled,
            }
        }
    }

    async fn write_once(&mut self, batch: &[Placed<'_>]) -> Result<Vec<Outcome>, DbError> {
        let now = self.services.now();
        let mut tools = Tools {
            book: Booker {
                accounts: &mut self.accounts,
                now,
                rng: &*self.services.rng,
                keys: &self.services.keys,
            },
            directory: &self.directory,
        };
        let outcome = async {
            let mut tx = self.bulk.begin().await?;
            let outcomes = write(&mut tx, batch, &mut tools).await?;
            tx.commit().await?;
            Ok(outcomes)
        }
        .await;
        match &outcome {
            Ok(_) => self.accounts.committed(),
            Err(_) => self.accounts.rolled_back(),
        }
        let micros = (self.services.now().micros() - now.micros()).max(0).cast_unsigned();
        self.services
            .metrics
            .intake_batch(batch.len(), micros, self.waiting.len());
        outcome
    }

    fn count(&self, outcomes: &[Outcome]) {
        let mut counts = [0u64; 3];
        for outcome in outcomes {
            counts[match outcome {
                Outcome::Recorded(_) => 0,
                Outcome::Known(_) => 1,
                Outcome::Held { .. } => 2,
            }] += 1;
        }
        let metrics = &self.services.metrics;
        metrics.intake_gifts.inc_by(counts[0]);
        metrics.intake_repeats.inc_by(counts[1]);
        metrics.intake_held.inc_by(counts[2]);
    }
}
