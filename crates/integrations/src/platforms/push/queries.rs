//! What was told, for showing.

use db::{DbError, Reads, params};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::Push;
use super::store::{PUSH, read};
use crate::platforms::model::PushId;

/// One of them.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn load(at: &mut impl Reads, id: PushId) -> Result<Option<Push>, DbError> {
    let row = at.query_one(&format!("{PUSH} WHERE id = ?1"), params![(id,)]).await?;
    row.as_ref().map(read).transpose()
}

/// The newest, before one.
pub async fn list(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    before: Option<PushId>,
    limit: i64,
) -> Result<Vec<Push>, DbError> {
    let mut values = params![limit];
    let mut within = scope.condition("unit_id", tree, &mut values);
    if let Some(before) = before {
        values.push(db::Param::param((before,)));
        within = format!("{within} AND id < ?{}", values.len());
    }
    let sql = format!("{PUSH} WHERE {within} ORDER BY id DESC LIMIT ?1");
    at.query(&sql, values).await?.iter().map(read).collect()
}
