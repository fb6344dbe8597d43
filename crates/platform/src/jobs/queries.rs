//! Jobs for showing.

use db::{DbError, Reads, params};
use kernel::JobId;

use super::live;
use super::model::Job;
use super::store::{FIELDS, job};
use crate::UnitTree;
use crate::identity::{Actor, Permission, Scope};

/// The job of this id, if the actor wanted it herself or runs the system in its unit.
///
/// # Errors
/// Any [`DbError`].
pub async fn visible(at: &mut impl Reads, actor: &Actor, id: JobId) -> Result<Option<Job>, DbError> {
    let row = at
        .query_one(&format!("SELECT {FIELDS} FROM job j WHERE j.id = ?1"), params![(id,)])
        .await?;
    let mut found = row.as_ref().map(job).transpose()?;
    if let Some((job, steps)) = found.as_mut().zip(live::of(id)) {
        (job.done, job.total, job.message) = (steps.done, steps.total, steps.message);
    }
    Ok(found.filter(|job| job.by == actor.id || actor.require(Permission::SystemOperate, job.unit).is_ok()))
}

/// Jobs in the scope, newest first, before `before`, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    before: Option<JobId>,
    limit: i64,
) -> Result<Vec<Job>, DbError> {
    let before = before.map_or([0xff; 16], kernel::id::Id::bytes);
    let mut values = params![before, limit];
    let inside = scope.condition("j.unit_id", tree, &mut values);
    let sql = format!("SELECT {FIELDS} FROM job j WHERE j.id < ?1 AND {inside} ORDER BY j.id DESC LIMIT ?2");
    at.query(&sql, values).await?.iter().map(job).collect()
}

/// How many jobs stand in each state, for metrics and the doctor.
///
/// # Errors
/// Any [`DbError`].
pub async fn count_by_state(at: &mut impl Reads) -> Result<Vec<(String, i64)>, DbError> {
    let rows = at
        .query(
            "SELECT state, COUNT(*) AS n FROM job GROUP BY state ORDER BY state",
            vec![],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("state")?, row.int("n")?))).collect()
}
