//! The table `job`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{Instant, JobId};

use super::live::Steps;
use super::model::{Job, JobError, JobState, NewJob, pause_micros};
use crate::Services;

/// A running job not seen for so long is taken for abandoned: several times the heartbeat, far less than patience.
pub(super) const ABANDONED_MICROS: i64 = 120_000_000;

pub(super) const FIELDS: &str = "j.id, j.unit_id, j.kind, j.input, j.state, j.attempts, j.run_after, j.done, j.total, \
     j.message, j.outcome, j.created_by, j.created_at, j.started_at, j.finished_at";

impl From<DbError> for JobError {
    fn from(error: DbError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// Puts a job in line, in the transaction that wants it. With a `once_key` that is known, the job that has it.
///
/// # Errors
/// Any [`DbError`].
pub async fn enqueue(tx: &mut Tx, job: NewJob, services: &Services) -> Result<JobId, DbError> {
    let now = services.now();
    let id = JobId::new(now, &*services.rng);
    let row = params![
        (id,),
        (job.unit,),
        job.kind,
        job.once_key.clone(),
        job.input.to_string(),
        job.not_before.unwrap_or(now),
        (job.by,),
        now
    ];
    let written = tx
        .execute(
            "INSERT INTO job (id, unit_id, kind, once_key, input, state, attempts, run_after, done, total, created_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', 0, ?6, 0, 0, ?7, ?8) ON CONFLICT DO NOTHING",
            row,
        )
        .await?;
    if written == 1 {
        return Ok(id);
    }
    let known = tx
        .query_one("SELECT id FROM job WHERE once_key = ?1", params![job.once_key])
        .await?;
    known.ok_or_else(|| DbError::Duplicate("a job".into()))?.id("id")
}

pub(super) fn job(row: &Row) -> Result<Job, DbError> {
    let unreadable = |why: String| DbError::Row {
        column: "job".into(),
        why,
    };
    let finished_at = || {
        row.opt_instant("finished_at")
            .map(|at| at.unwrap_or(Instant::from_micros(0)))
    };
    let outcome = row.opt_text("outcome")?;
    let state = match row.text("state")?.as_str() {
        "waiting" => JobState::Waiting {
            run_after: row.instant("run_after")?,
            last_error: outcome,
        },
        "running" => JobState::Running {
            started_at: row.instant("started_at")?,
        },
        "done" => {
            let result = serde_json::from_str(outcome.as_deref().unwrap_or("null"));
            JobState::Done {
                result: result.map_err(|e| unreadable(e.to_string()))?,
                finished_at: finished_at()?,
            }
        }
        "failed" => JobState::Failed {
            error: outcome.unwrap_or_default(),
            finished_at: finished_at()?,
        },
        other => return Err(unreadable(format!("unknown state “{other}”"))),
    };
    Ok(Job {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        kind: row.text("kind")?,
        input: serde_json::from_str(&row.text("input")?).map_err(|e| unreadable(e.to_string()))?,
        by: row.id("created_by")?,
        attempts: row.int("attempts")?,
        done: row.int("done")?,
        total: row.int("total")?,
        message: row.opt_text("message")?,
        state,
        created_at: row.instant("created_at")?,
    })
}

const DUE: &str = "((state = 'waiting' AND run_after <= ?1) OR (state = 'running' AND seen_at <= ?2))";

/// Whether any job of these kinds is due; looks without standing in a writer's way.
pub(super) async fn any_due(at: &mut impl Reads, now: Instant) -> Result<bool, DbError> {
    let sql = format!("SELECT id FROM job WHERE state IN ('waiting', 'running') AND {DUE} LIMIT 1");
    let abandoned = now.plus_micros(-ABANDONED_MICROS);
    Ok(at.query_one(&sql, params![now, abandoned]).await?.is_some())
}

/// Takes the next due job of a known kind and marks it running; the attempt's number is the fence that keeps a node
/// which was taken for dead from writing over its successor.
pub(super) async fn claim(tx: &mut Tx, kinds: &[&'static str], now: Instant) -> Result<Option<Job>, DbError> {
    let mut values = params![now, now.plus_micros(-ABANDONED_MICROS)];
    let marks: Vec<String> = kinds
        .iter()
        .map(|kind| {
            values.push(db::Param::param(*kind));
            format!("?{}", values.len())
        })
        .collect();
    if marks.is_empty() {
        return Ok(None);
    }
    let skip = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let sql = format!(
        "SELECT id FROM job WHERE state IN ('waiting', 'running') AND {DUE} AND kind IN ({})
         ORDER BY run_after, id LIMIT 1 {skip}",
        marks.join(", ")
    );
    let Some(found) = tx.query_one(&sql, values).await? else {
        return Ok(None);
    };
    let id: JobId = found.id("id")?;
    tx.execute(
        "UPDATE job SET state = 'running', attempts = attempts + 1, started_at = ?2, seen_at = ?2, outcome = NULL
         WHERE id = ?1",
        params![(id,), now],
    )
    .await?;
    let row = tx
        .query_one(&format!("SELECT {FIELDS} FROM job j WHERE j.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(job).transpose()
}

/// Notes that a job is alive and how far it is; false when another node has taken it over.
pub(super) async fn note(
    tx: &mut Tx,
    (id, attempt): (JobId, i64),
    steps: &Steps,
    now: Instant,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE job SET seen_at = ?3, done = ?4, total = ?5, message = ?6
             WHERE id = ?1 AND attempts = ?2 AND state = 'running'",
            params![(id,), attempt, now, steps.done, steps.total, steps.message.clone()],
        )
        .await?;
    Ok(changed == 1)
}

/// How an attempt ended.
pub(super) enum Ended {
    /// With this result.
    Done(serde_json::Value),
    /// To be tried again, because of this.
    Again(String),
    /// For good, because of this.
    Failed(String),
}

/// Writes how an attempt ended, unless another node has taken the job over.
pub(super) async fn finish(
    tx: &mut Tx,
    (id, attempt): (JobId, i64),
    ended: &Ended,
    now: Instant,
) -> Result<bool, DbError> {
    let (state, outcome, run_after, finished) = match ended {
        Ended::Done(result) => ("done", result.to_string(), now, Some(now)),
        Ended::Again(error) => ("waiting", error.clone(), now.plus_micros(pause_micros(attempt)), None),
        Ended::Failed(error) => ("failed", error.clone(), now, Some(now)),
    };
    let changed = tx
        .execute(
            "UPDATE job SET state = ?3, outcome = ?4, run_after = ?5, finished_at = ?6, seen_at = NULL
             WHERE id = ?1 AND attempts = ?2 AND state = 'running'",
            params![(id,), attempt, state, outcome, run_after, finished],
        )
        .await?;
    Ok(changed == 1)
}

/// On SQLite one process does all jobs: what runs at its start was abandoned by its predecessor.
pub(super) async fn give_back_all(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE job SET state = 'waiting', run_after = ?1, seen_at = NULL WHERE state = 'running'",
        params![now],
    )
    .await
}
