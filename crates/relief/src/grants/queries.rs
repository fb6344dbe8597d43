//! Grants as they are shown.

use db::{DbError, Reads, params};
use giving::projects::model::Fund;
use giving::projects::store::all_funds;
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

/// The funds of a unit, for who chooses one.
///
/// # Errors
/// Any [`DbError`].
pub async fn funds(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Fund>, DbError> {
    let all = all_funds(at).await?;
    Ok(all.into_iter().filter(|fund| fund.unit == unit).collect())
}
