//! Agreements as they are shown.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::{Agreement, Version};
use super::store::{self, AGREEMENT, read};
use crate::AgreementId;

/// Agreements of one unit in one answer.
const AGREEMENTS_MAX: i64 = 500;
/// Versions of one agreement in one answer.
const VERSIONS_MAX: i64 = 50;

/// The agreements of a unit, the newest first.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn agreements(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Agreement>, DbError> {
    let sql = format!("{AGREEMENT} WHERE unit_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), AGREEMENTS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// An agreement with its versions, the newest first.
pub async fn agreement(at: &mut impl Reads, id: AgreementId) -> Result<Option<(Agreement, Vec<Version>)>, DbError> {
    let Some(agreement) = store::agreement(at, id).await? else {
        return Ok(None);
    };
    let versions = store::versions(at, id, VERSIONS_MAX).await?;
    Ok(Some((agreement, versions)))
}
