//! Grants as they are shown.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::Grant;
use super::store::{GRANT, read};

/// Grants of one answer.
const GRANTS_MAX: i64 = 500;

/// The grants of a unit, the newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn grants(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Grant>, DbError> {
    let sql = format!("{GRANT} WHERE unit_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), GRANTS_MAX]).await?;
    rows.iter().map(read).collect()
}
