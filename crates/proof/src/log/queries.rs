//! What pages and statements ask.

use db::{DbError, Reads};
use kernel::{Instant, ProjectId};

/// When the first tree with an entry was signed here.
pub(super) async fn first_signed_at(at: &mut impl Reads) -> Result<Option<Instant>, DbError> {
    let sql = "SELECT signed_at FROM log_checkpoint WHERE size > 0 ORDER BY size LIMIT 1";
    let row = at.query_one(sql, vec![]).await?;
    row.map(|row| row.instant("signed_at")).transpose()
}

/// The word by which a project is known; empty where it is gone.
pub(super) async fn project_code(at: &mut impl Reads, id: ProjectId) -> Result<String, DbError> {
    let project = giving::projects::store::project(at, id).await?;
    Ok(project.map(|project| project.code).unwrap_or_default())
}
