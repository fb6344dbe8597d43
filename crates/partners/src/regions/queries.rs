//! Regions, visits and needs as they are shown.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::{Need, Region, Visit};
use super::store::{NEED, REGION, VISIT, read_need, read_region, read_visit};
use crate::{HandedId, RegionId};

/// Regions of one unit in one answer: a province has a handful.
const REGIONS_MAX: i64 = 200;
/// Visits of one region in one answer: one a month for forty years.
const VISITS_MAX: i64 = 500;
/// Needs of one region in one answer.
const NEEDS_MAX: i64 = 2_000;

/// The partner regions of a unit, by region.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn regions(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Region>, DbError> {
    let sql = format!("{REGION} WHERE unit_id = ?1 ORDER BY region LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), REGIONS_MAX]).await?;
    rows.iter().map(read_region).collect()
}

/// A region by its id.
pub async fn region(at: &mut impl Reads, id: RegionId) -> Result<Option<Region>, DbError> {
    super::store::region(at, id).await
}

/// The visits of a region, the newest first, with their files.
pub async fn visits(at: &mut impl Reads, region: RegionId) -> Result<Vec<(Visit, Vec<HandedId>)>, DbError> {
    let sql = format!("{VISIT} WHERE region_id = ?1 ORDER BY day DESC, id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(region,), VISITS_MAX]).await?;
    let mut visits = Vec::with_capacity(rows.len());
    for row in &rows {
        let visit = read_visit(row)?;
        let files = super::store::visit_files(at, visit.id).await?;
        visits.push((visit, files));
    }
    Ok(visits)
}

/// The needs of a region, the newest first, withdrawn ones too.
pub async fn needs(at: &mut impl Reads, region: RegionId) -> Result<Vec<Need>, DbError> {
    let sql = format!("{NEED} WHERE region_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(region,), NEEDS_MAX]).await?;
    rows.iter().map(read_need).collect()
}
