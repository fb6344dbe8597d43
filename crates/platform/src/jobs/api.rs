//! Staff JSON: watch a job, list jobs.

use axum::extract::{Path, State};
use kernel::id::{from_public, public};
use kernel::{Instant, JobId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::model::{Job, JobState};
use super::queries;
use crate::identity::{Actor, GuardedRoutes as _, Permission};
use crate::{Services, problems};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .signed_in(routes!(get_job))
        .staff(Permission::SystemOperate, routes!(list_jobs))
}

/// A job and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobOut {
    /// Public id.
    pub id: String,
    /// What kind of work.
    pub kind: String,
    /// `waiting`, `running`, `done` or `failed`.
    pub state: &'static str,
    /// How often it was begun.
    pub attempts: i64,
    /// So many steps done …
    pub done: i64,
    /// … of so many; 0 when unknown.
    pub total: i64,
    /// 0 to 100.
    pub progress_percent: i64,
    /// What it is doing.
    pub message: Option<String>,
    /// What a done job returned.
    #[schema(value_type = Option<Object>)]
    pub result: Option<serde_json::Value>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was put in line.
    #[schema(value_type = String)]
    pub created_at: Instant,
    /// When it ended.
    #[schema(value_type = Option<String>)]
    pub finished_at: Option<Instant>,
}

/// A job as it is shown; for slices that start one and answer with it.
pub fn job_out(services: &Services, job: Job) -> JobOut {
    let state = job.state.as_str();
    let percent = if job.total > 0 {
        job.done.saturating_mul(100) / job.total
    } else {
        0
    };
    let (result, error, finished_at) = match job.state {
        JobState::Waiting { last_error, .. } => (None, last_error, None),
        JobState::Running { .. } => (None, None, None),
        JobState::Done { result, finished_at } => (Some(result), None, Some(finished_at)),
        JobState::Failed { error, finished_at } => (None, Some(error), Some(finished_at)),
    };
    JobOut {
        id: public(&*services.keys, job.id),
        kind: job.kind,
        state,
        attempts: job.attempts,
        done: job.done,
        total: job.total,
        progress_percent: if state == "done" { 100 } else { percent.clamp(0, 100) },
        message: job.message,
        result,
        error,
        created_at: job.created_at,
        finished_at,
    }
}

/// How far a job is: one's own, or any for who runs the system.
#[utoipa::path(get, path = "/api/v1/jobs/{job}", tag = "jobs", params(("job" = String, Path)),
    responses((status = 200, body = JobOut)))]
async fn get_job(State(s): State<Services>, actor: Actor, Path(job): Path<String>) -> Result<Json<JobOut>, Problem> {
    let id: JobId = from_public(&*s.keys, &job).map_err(|_| Problem::not_found())?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let job = queries::visible(&mut at, &actor, id)
        .await
        .map_err(|e| problems::of_db(&e))?;
    Ok(Json(job_out(&s, job.ok_or_else(Problem::not_found)?)))
}

/// All jobs below my units, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<JobOut>)))]
async fn list_jobs(
    State(s): State<Services>,
    actor: Actor,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<JobOut>>, Problem> {
    let limit = page.limit()?;
    let before: Option<String> = page.after()?;
    let before = before
        .map(|id| from_public(&*s.keys, &id).map_err(|_| Problem::not_found()))
        .transpose()?;
    let scope = actor.scope_for(Permission::SystemOperate);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let wanted = limit as i64 + 1;
    let jobs = queries::list(&mut at, &scope, &s.tree, before, wanted)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let items = jobs.into_iter().map(|job| job_out(&s, job)).collect();
    Ok(Json(Listing::cut(items, limit, |job: &JobOut| job.id.clone())))
}
