//! Reads for showing: units with those above them, lists with their cursor.

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{RegionCode, UnitId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Account, Certificate, Unit};
use super::store;
pub use super::store::{account_by_code, all_accounts, certificates, changes, unit};

/// A unit as pages and staff see it.
#[derive(Debug, Clone)]
pub struct UnitView {
    /// The unit.
    pub unit: Unit,
    /// Those above it, the nearest first.
    pub above: Vec<Unit>,
    /// Its certificates, the latest first.
    pub certificates: Vec<Certificate>,
}

/// The deepest line of units walked upward.
const DEPTH_MAX: usize = 16;

/// A unit with those above it and its certificates. Units are public; what is not lies in their accounts.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn unit_view(at: &mut impl Reads, id: UnitId) -> Result<Option<UnitView>, DbError> {
    let Some(unit) = store::unit(at, id).await? else {
        return Ok(None);
    };
    let mut above: Vec<Unit> = Vec::new();
    let mut next = unit.parent;
    while let Some(id) = next.filter(|_| above.len() < DEPTH_MAX) {
        let Some(found) = store::unit(at, id).await? else { break };
        next = found.parent;
        above.push(found);
    }
    let certificates = store::certificates(at, id).await?;
    Ok(Some(UnitView {
        unit,
        above,
        certificates,
    }))
}

/// Which units a list shows.
#[derive(Debug, Clone, Default)]
pub struct UnitFilter {
    /// Only those right below this one.
    pub parent: Option<UnitId>,
    /// The region and id of the last unit of the answer before.
    pub after: Option<(RegionCode, UnitId)>,
    /// Whether closed ones are shown too.
    pub with_closed: bool,
}

/// Units in the reader's scope by region, so that a city comes before its counties, at most `limit`.
pub async fn units(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    filter: &UnitFilter,
    limit: i64,
) -> Result<Vec<Unit>, DbError> {
    let (region, id) = match filter.after {
        Some((region, id)) => (region.to_string(), id),
        None => (String::new(), UnitId::from_bytes([0; 16])),
    };
    let mut values = params![limit, region, (id,)];
    let after = "(region_code > ?2 OR (region_code = ?2 AND id > ?3))";
    let mut conditions = vec![after.to_owned(), scope.condition("id", tree, &mut values)];
    if let Some(parent) = filter.parent {
        values.push(db::Param::param((parent,)));
        conditions.push(format!("parent_id = ?{}", values.len()));
    }
    if !filter.with_closed {
        conditions.push("closed_at IS NULL".to_owned());
    }
    let sql = format!(
        "{} WHERE {} ORDER BY region_code, id LIMIT ?1",
        store::UNIT,
        conditions.join(" AND ")
    );
    at.query(&sql, values).await?.iter().map(store::read_unit).collect()
}

/// Accounts in the reader's scope in order of entry after one, at most `limit`.
pub async fn accounts(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    after: Option<kernel::ReceivingAccountId>,
    limit: i64,
) -> Result<Vec<Account>, DbError> {
    let after = after.unwrap_or(kernel::ReceivingAccountId::from_bytes([0; 16]));
    let mut values = params![limit, (after,)];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!("{} WHERE id > ?2 AND {within} ORDER BY id LIMIT ?1", store::ACCOUNT);
    at.query(&sql, values).await?.iter().map(store::read_account).collect()
}

/// Short names of units by id, for tables that show many.
pub async fn short_names(at: &mut impl Reads) -> Result<std::collections::HashMap<UnitId, String>, DbError> {
    let sql = "SELECT id, short_name FROM unit ORDER BY id LIMIT ?1";
    let rows = at.query(sql, params![store::UNITS_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.id("id")?, row.text("short_name")?)))
        .collect()
}

/// Regions of units by id, for tables that go by region rather than by who stands below whom.
pub async fn regions(at: &mut impl Reads) -> Result<std::collections::HashMap<UnitId, RegionCode>, DbError> {
    let sql = "SELECT id, region_code FROM unit ORDER BY id LIMIT ?1";
    let rows = at.query(sql, params![store::UNITS_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.id("id")?, row.word("region_code")?)))
        .collect()
}
