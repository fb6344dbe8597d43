//! Statements for showing.

use db::{DbError, Reads, params};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Statement, StatementLine};
use super::store::{self, STATEMENT, read};
use crate::platforms::model::StatementId;

/// One statement.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn load(at: &mut impl Reads, id: StatementId) -> Result<Option<Statement>, DbError> {
    let row = at
        .query_one(&format!("{STATEMENT} WHERE id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The newest statements in the scope, before one.
pub async fn list(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    before: Option<StatementId>,
    limit: i64,
) -> Result<Vec<Statement>, DbError> {
    let mut values = params![limit];
    let mut within = scope.condition("unit_id", tree, &mut values);
    if let Some(before) = before {
        values.push(db::Param::param((before,)));
        within = format!("{within} AND id < ?{}", values.len());
    }
    let sql = format!("{STATEMENT} WHERE {within} ORDER BY id DESC LIMIT ?1");
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// What a statement says of its pages.
pub async fn lines_of(at: &mut impl Reads, of: &Statement) -> Result<Vec<StatementLine>, DbError> {
    store::lines(at, of).await
}
