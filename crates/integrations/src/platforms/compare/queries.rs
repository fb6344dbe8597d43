//! Comparisons and differences for showing.

use db::{DbError, Reads, Row, params};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Comparison, DifferenceState, Differing};
use super::store::{DIFFERENCE, read};
use crate::platforms::model::DifferenceId;

/// Differences in a state, the longest lasting first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn differences(
    at: &mut impl Reads,
    state: DifferenceState,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<DifferenceId>,
    limit: i64,
) -> Result<Vec<Differing>, DbError> {
    let mut values = params![limit, state.as_str()];
    let mut within = scope.condition("unit_id", tree, &mut values);
    if let Some(after) = after {
        values.push(db::Param::param((after,)));
        within = format!("{within} AND id > ?{}", values.len());
    }
    let sql = format!("{DIFFERENCE} WHERE state = ?2 AND {within} ORDER BY id LIMIT ?1");
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// The latest comparisons.
pub async fn comparisons(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    limit: i64,
) -> Result<Vec<Comparison>, DbError> {
    let mut values = params![limit];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!(
        "SELECT unit_id, platform, day, pages, projects, differing, trace_id, compared_at FROM platform_comparison
         WHERE {within} ORDER BY day DESC, unit_id, platform LIMIT ?1"
    );
    let read = |row: &Row| {
        Ok(Comparison {
            unit: row.id("unit_id")?,
            platform: row.word("platform")?,
            day: row.day("day")?,
            pages: row.int("pages")?,
            projects: row.int("projects")?,
            differing: row.int("differing")?,
            trace: row.text("trace_id")?,
            compared_at: row.instant("compared_at")?,
        })
    };
    at.query(&sql, values).await?.iter().map(read).collect()
}
