//! The loops that take jobs and do them.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use db::{Backend, DbError};
use kernel::id::Id as _;
use kernel::{ActorId, BusinessDay, JobId};
use tokio::sync::watch;

use super::live::{self, Steps};
use super::model::{Job, JobError, NewJob, Nightly};
use super::store::{self, Ended};
use crate::Services;

/// Jobs a node does at once: one long import must not keep a certificate waiting, more would starve the requests.
const WORKERS: usize = 2;
/// How long a worker sleeps when nothing is due.
const IDLE: Duration = Duration::from_millis(500);
/// How often a running job writes that it lives: a small part of what counts as abandoned.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often the nightly jobs are looked after.
const NIGHTLY_LOOK: Duration = Duration::from_secs(60);
/// Attempts when a handler says nothing: with the pauses about an hour.
const ATTEMPTS_DEFAULT: i64 = 5;
/// The longest text of a failure that is kept.
const ERROR_CHARS_MAX: usize = 2_000;

/// What a handler's work returns: the result that is kept and shown.
pub type Work<'a> = Pin<Box<dyn Future<Output = Result<serde_json::Value, JobError>> + Send + 'a>>;

/// Does the jobs of one kind. It may be begun again after a crash, so its effects are idempotent.
pub trait Handler: Send + Sync {
    /// The kind; never renamed.
    fn kind(&self) -> &'static str;
    /// How often a job is tried.
    fn attempts_max(&self) -> i64 {
        ATTEMPTS_DEFAULT
    }
    /// Does the job.
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a>;
}

/// One attempt at a job, in the hands of its handler.
pub struct Run {
    /// The job.
    pub job: Job,
    services: Services,
}

impl Run {
    /// Tells how far it is, in steps; cheap enough to be called for every batch, also inside a transaction. It is
    /// written to the table every few seconds, beside the work.
    pub fn progress(&self, done: i64, total: i64, message: &str) {
        live::set(
            self.job.id,
            Steps {
                done,
                total,
                message: Some(message.to_owned()),
            },
        );
    }

    /// Writes now and then that the job lives and how far it is. Runs beside the work and is polled together with it:
    /// on SQLite the work may hold the write permit for long, and this must wait for it without holding the work up.
    async fn heartbeat(&self) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let noted = async {
                let mut tx = self.services.db.begin().await?;
                let steps = live::of(self.job.id).unwrap_or_default();
                store::note(&mut tx, (self.job.id, self.job.attempts), &steps, self.services.now()).await?;
                tx.commit().await
            };
            let noted: Result<(), DbError> = noted.await;
            if let Err(error) = noted {
                tracing::warn!(job = ?self.job.id, %error, "a job’s progress could not be written");
            }
        }
    }
}

/// The handlers of a program and the loops that run them.
#[derive(Clone)]
pub struct Runner {
    handlers: Arc<HashMap<&'static str, Box<dyn Handler>>>,
    nightly: Arc<Vec<Nightly>>,
}

impl Runner {
    /// These handlers.
    pub fn new(handlers: Vec<Box<dyn Handler>>) -> Self {
        let handlers = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self {
            handlers: Arc::new(handlers),
            nightly: Arc::default(),
        }
    }

    /// The kinds of job it does, for who shows them.
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<&'static str> = self.handlers.keys().copied().collect();
        kinds.sort_unstable();
        kinds
    }

    /// Also puts these in line once a day.
    #[must_use]
    pub fn with_nightly(mut self, nightly: Vec<Nightly>) -> Self {
        self.nightly = Arc::new(nightly);
        self
    }

    /// Runs until `stop` turns true; returns when the jobs at hand have ended (or, when its process is killed, the
    /// next node begins them again).
    pub async fn run(&self, services: Services, stop: watch::Receiver<bool>) {
        if services.db.backend() == Backend::Sqlite {
            give_back_all(&services).await;
        }
        let mut loops = tokio::task::JoinSet::new();
        for _ in 0..WORKERS {
            let (all, services, stop) = (self.clone(), services.clone(), stop.clone());
            loops.spawn(async move { all.worker(services, stop).await });
        }
        let all = self.clone();
        loops.spawn(async move { all.night_watch(services, stop).await });
        while loops.join_next().await.is_some() {}
    }

    /// Does everything that is due now, on this task: for commands and tests. Returns how many attempts were made.
    ///
    /// # Errors
    /// Any [`DbError`] of taking or finishing; a handler's failure is kept with its job.
    pub async fn drain(&self, services: &Services) -> Result<u64, DbError> {
        let mut attempts = 0;
        while self.one(services).await? {
            attempts += 1;
        }
        Ok(attempts)
    }

    async fn worker(&self, services: Services, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.one(&services).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the next job could not be taken; trying again"),
            }
            tokio::select! {
                () = tokio::time::sleep(IDLE) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Takes one job and does it; false when none is due.
    async fn one(&self, services: &Services) -> Result<bool, DbError> {
        let now = services.now();
        if !store::any_due(&mut services.db.snapshot().await?, now).await? {
            return Ok(false);
        }
        let kinds: Vec<&'static str> = self.handlers.keys().copied().collect();
        let mut tx = services.db.begin().await?;
        let Some(job) = store::claim(&mut tx, &kinds, now).await? else {
            return Ok(false);
        };
        tx.commit().await?;
        let fence = (job.id, job.attempts);
        let run = Run {
            job,
            services: services.clone(),
        };
        let ended = self.attempt(&run, services).await;
        let steps = live::of(fence.0).unwrap_or_default();
        live::forget(fence.0);
        let mut tx = services.db.begin().await?;
        let mine = store::note(&mut tx, fence, &steps, services.now()).await?
            && store::finish(&mut tx, fence, &ended, services.now()).await?;
        tx.commit().await?;
        if !mine {
            tracing::warn!(job = ?fence.0, "a job was taken over by another node while it ran here");
        }
        Ok(true)
    }

    async fn attempt(&self, run: &Run, services: &Services) -> Ended {
        let Some(handler) = self.handlers.get(run.job.kind.as_str()) else {
            return Ended::Failed(format!("nobody does jobs of the kind “{}”", run.job.kind));
        };
        let max = handler.attempts_max();
        // A job that took its process with it each time has used up its attempts too.
        if run.job.attempts > max {
            return Ended::Failed(format!("given up after {max} attempts that did not end"));
        }
        let outcome = tokio::select! {
            outcome = handler.work(run, services) => outcome,
            () = run.heartbeat() => Err(JobError::Retry("the heartbeat ended".into())),
        };
        let short = |text: String| text.chars().take(ERROR_CHARS_MAX).collect::<String>();
        match outcome {
            Ok(result) => Ended::Done(result),
            Err(JobError::Retry(error)) if run.job.attempts < max => {
                tracing::warn!(job = ?run.job.id, kind = %run.job.kind, error, "a job failed; it is tried again");
                Ended::Again(short(error))
            }
            Err(JobError::Retry(error) | JobError::Refused(error)) => {
                tracing::error!(job = ?run.job.id, kind = %run.job.kind, error, "a job failed for good");
                Ended::Failed(short(error))
            }
        }
    }

    async fn night_watch(&self, services: Services, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.put_nightly_in_line(&services).await {
                tracing::warn!(%error, "the nightly jobs could not be put in line; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(NIGHTLY_LOOK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Puts the nightly jobs of today in line, once, when their hour has come.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn put_nightly_in_line(&self, services: &Services) -> Result<(), DbError> {
        let Some(unit) = services.tree.roots().first().copied() else {
            return Ok(());
        };
        let now = services.now();
        let (hour, today) = (now.to_beijing().hour(), now.business_day());
        for nightly in self.nightly.iter().filter(|n| n.hour <= hour) {
            let once_key = format!("nightly/{}/{today}", nightly.kind);
            if known(services, &once_key).await? {
                continue;
            }
            let mut tx = services.db.begin().await?;
            store::enqueue(&mut tx, nightly_job(nightly.kind, unit, today, once_key), services).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

fn nightly_job(kind: &'static str, unit: kernel::UnitId, today: BusinessDay, once_key: String) -> NewJob {
    let by = ActorId::from_bytes([0; 16]);
    let input = serde_json::json!({ "day": today.plus_days(-1).to_string() });
    NewJob {
        unit,
        kind,
        input,
        by,
        not_before: None,
        once_key: Some(once_key),
    }
}

async fn known(services: &Services, once_key: &str) -> Result<bool, DbError> {
    let mut at = services.db.snapshot().await?;
    let row = db::Reads::query_one(&mut at, "SELECT id FROM job WHERE once_key = ?1", db::params![once_key]).await?;
    Ok(row.map(|row| row.id::<JobId>("id")).transpose()?.is_some())
}

async fn give_back_all(services: &Services) {
    let given = async {
        let mut tx = services.db.begin().await?;
        let jobs = store::give_back_all(&mut tx, services.now()).await?;
        tx.commit().await.map(|()| jobs)
    };
    match given.await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "jobs that the last run left behind are in line again"),
        Err(error) => tracing::warn!(%error, "jobs left behind by the last run could not be put in line again"),
    }
}
