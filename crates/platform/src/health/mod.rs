//! Health: whether the program lives, whether it is ready, its numbers, and what `qiao doctor` asks of the platform.
//!
//! `/health` says that the process answers, nothing more: a database that is away is no reason to kill the process.
//! `/ready` says whether requests should be sent here. `/metrics` shows counts, never ids or names.

pub mod checks;
pub mod metrics;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use db::{DbError, Migration};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::Json;

pub use checks::Check;
pub use metrics::{Metrics, NameLabel};

use crate::Services;
use crate::facts::{Reactions, unplaced};
use crate::identity::GuardedRoutes as _;
use crate::jobs;

/// The media type of the text format that Prometheus reads.
const METRICS_TYPE: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What health needs to know of the whole program.
#[derive(Clone)]
pub struct Health {
    /// The numbers.
    pub metrics: Metrics,
    /// Every migration of the program.
    pub migrations: Arc<Vec<Migration>>,
    /// Its reactions, where they run here.
    pub reactions: Option<Reactions>,
}

/// The routes of this room, for the whole program's health.
pub fn routes(health: Health) -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .public(routes!(live))
        .public(routes!(ready))
        .public(routes!(show_metrics))
        .layer(Extension(health))
}

/// An answer of `/health`.
#[derive(Debug, Serialize, ToSchema)]
struct LiveOut {
    /// `true`: the process answers.
    alive: bool,
    /// The program's version.
    version: &'static str,
}

/// An answer of `/ready`.
#[derive(Debug, Serialize, ToSchema)]
struct ReadyOut {
    /// Whether requests should come here.
    ready: bool,
    /// What was looked at, by its stable name.
    checks: Vec<ReadyCheck>,
}

/// One check in public: its words stay inside, because they may name paths and hosts.
#[derive(Debug, Serialize, ToSchema)]
struct ReadyCheck {
    /// `database_reachable`.
    name: String,
    /// Whether it is well.
    ok: bool,
}

/// The process answers.
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = LiveOut)))]
async fn live() -> Json<LiveOut> {
    Json(LiveOut {
        alive: true,
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Requests may come here: the database answers and has all tables, the disk has room.
#[utoipa::path(get, path = "/ready", tag = "health",
    responses((status = 200, body = ReadyOut), (status = 503, body = ReadyOut)))]
async fn ready(State(s): State<Services>, Extension(health): Extension<Health>) -> Response {
    let mut found = vec![
        checks::database_reachable(&s).await,
        checks::disk_space(&s.data, checks::DISK_FREE_READY_BYTES),
    ];
    if found[0].ok {
        found.push(checks::migrations_applied(&s, &health.migrations).await);
    }
    for check in found.iter().filter(|check| !check.ok) {
        tracing::warn!(check = check.name, what = check.what, "not ready");
    }
    let ready = found.iter().all(|check| check.ok);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let checks = found
        .into_iter()
        .map(|check| ReadyCheck {
            name: check.name,
            ok: check.ok,
        })
        .collect();
    (
        status,
        [(header::CACHE_CONTROL, "no-store")],
        Json(ReadyOut { ready, checks }),
    )
        .into_response()
}

/// Counts for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text")))]
async fn show_metrics(State(s): State<Services>, Extension(health): Extension<Health>) -> Response {
    if let Err(error) = refresh(&s, &health).await {
        // What is counted in memory is shown all the same: it is wanted most when the database is away.
        health.metrics.db_error(&error);
    }
    ([(header::CONTENT_TYPE, METRICS_TYPE)], health.metrics.text()).into_response()
}

/// Reads the numbers that live in the database.
async fn refresh(services: &Services, health: &Health) -> Result<(), DbError> {
    let metrics = &health.metrics;
    if let Ok(free) = checks::free_bytes(&services.data) {
        metrics.disk_free_bytes.set(free.cast_signed());
    }
    let mut at = services.db.snapshot().await?;
    metrics.facts_unplaced.set(unplaced(&mut at).await?);
    for state in ["waiting", "running", "done", "failed"] {
        metrics.jobs.get_or_create(&NameLabel::of(state)).set(0);
    }
    for (state, count) in jobs::queries::count_by_state(&mut at).await? {
        metrics.jobs.get_or_create(&NameLabel::of(&state)).set(count);
    }
    let Some(reactions) = &health.reactions else {
        return Ok(());
    };
    for progress in reactions.progress(&mut at).await? {
        let label = NameLabel::of(&progress.name);
        metrics.reaction_lag.get_or_create(&label).set(progress.lag);
        metrics.reaction_failures.get_or_create(&label).set(progress.failures);
    }
    Ok(())
}
