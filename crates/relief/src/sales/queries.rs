//! Sales as they are shown.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::Sale;
use super::store::{SALE, read};

/// Sales of one answer.
const SALES_MAX: i64 = 500;

/// The sales of a unit, the newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn sales(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Sale>, DbError> {
    let sql = format!("{SALE} WHERE unit_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), SALES_MAX]).await?;
    rows.iter().map(read).collect()
}

/// The sale of a movement, out of the store or back into it.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_move(at: &mut impl Reads, of: (crate::LotId, i64)) -> Result<Option<Sale>, DbError> {
    super::store::of_move(at, of).await
}
