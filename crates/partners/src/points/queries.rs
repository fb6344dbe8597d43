//! Shops as they are shown, and what they came to.

use db::{DbError, Reads, params};
use kernel::UnitId;

use super::model::{Entry, Resident, Sale, Service, ServiceState, Shelf, Shop, Totals};
use super::store::{
    self, RESIDENT, SALE, SERVICE, SHELF, SHOP, read_entry, read_resident, read_sale, read_service, read_shelf,
    read_shop,
};
use crate::{ResidentId, ShopId};

/// Shops of one unit in one answer.
const SHOPS_MAX: i64 = 500;
/// Residents of one shop in one answer: a township's.
const RESIDENTS_MAX: i64 = 5_000;
/// Services in one answer.
const SERVICES_MAX: i64 = 500;
/// Shelves of one shop in one answer.
const SHELVES_MAX: i64 = 500;
/// Entries and sales in one answer.
const ENTRIES_MAX: i64 = 500;

/// The shops of a unit, by name.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn shops(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Shop>, DbError> {
    let sql = format!("{SHOP} WHERE unit_id = ?1 ORDER BY name, id LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), SHOPS_MAX]).await?;
    rows.iter().map(read_shop).collect()
}

/// A shop by its id.
pub async fn shop(at: &mut impl Reads, id: ShopId) -> Result<Option<Shop>, DbError> {
    store::shop(at, id).await
}

/// A resident by its id.
pub async fn resident(at: &mut impl Reads, id: ResidentId) -> Result<Option<Resident>, DbError> {
    store::resident(at, id).await
}

/// The residents of a shop, masked, those with the most points first.
pub async fn residents(at: &mut impl Reads, shop: ShopId) -> Result<Vec<Resident>, DbError> {
    let sql = format!("{RESIDENT} WHERE shop_id = ?1 ORDER BY points DESC, id LIMIT ?2");
    let rows = at.query(&sql, params![(shop,), RESIDENTS_MAX]).await?;
    rows.iter().map(read_resident).collect()
}

/// The services of a shop in a state, the oldest first.
pub async fn services(at: &mut impl Reads, shop: ShopId, state: ServiceState) -> Result<Vec<Service>, DbError> {
    let sql = format!("{SERVICE} WHERE shop_id = ?1 AND state = ?2 ORDER BY id LIMIT ?3");
    let rows = at.query(&sql, params![(shop,), state.as_str(), SERVICES_MAX]).await?;
    rows.iter().map(read_service).collect()
}

/// The confirmed services of a shop, the newest first, each with whether it was undone.
pub async fn confirmed(at: &mut impl Reads, shop: ShopId) -> Result<Vec<(Service, bool)>, DbError> {
    let sql =
        "SELECT s.id, s.unit_id, s.shop_id, s.resident_id, s.kind, s.minutes, s.day, s.state, s.points, s.recorded_by,
           (SELECT COUNT(*) FROM partner_points p WHERE p.cause = s.id AND p.kind = 'earned_undone') AS undone
         FROM partner_service s WHERE s.shop_id = ?1 AND s.state = 'confirmed' ORDER BY s.id DESC LIMIT ?2";
    let rows = at.query(sql, params![(shop,), SERVICES_MAX]).await?;
    rows.iter()
        .map(|row| Ok((read_service(row)?, row.int("undone")? > 0)))
        .collect()
}

/// What a shop offers, by item.
pub async fn shelves(at: &mut impl Reads, shop: ShopId) -> Result<Vec<Shelf>, DbError> {
    let sql = format!("{SHELF} WHERE shop_id = ?1 ORDER BY item, unit_word LIMIT ?2");
    let rows = at.query(&sql, params![(shop,), SHELVES_MAX]).await?;
    rows.iter().map(read_shelf).collect()
}

/// The last sales of a shop, the newest first.
pub async fn sales(at: &mut impl Reads, shop: ShopId) -> Result<Vec<Sale>, DbError> {
    let sql = format!("{SALE} WHERE shop_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(shop,), ENTRIES_MAX]).await?;
    rows.iter().map(read_sale).collect()
}

/// A resident's journal of points, the newest first.
pub async fn entries(at: &mut impl Reads, resident: ResidentId) -> Result<Vec<Entry>, DbError> {
    let sql =
        "SELECT n, kind, points, cause, reason, at FROM partner_points WHERE resident_id = ?1 ORDER BY n DESC LIMIT ?2";
    let rows = at.query(sql, params![(resident,), ENTRIES_MAX]).await?;
    rows.iter().map(read_entry).collect()
}

/// What a shop came to, from its journal of points.
pub async fn totals(at: &mut impl Reads, shop: ShopId) -> Result<Totals, DbError> {
    let sql = "SELECT
           CAST(COALESCE(SUM(CASE WHEN p.kind IN ('earned', 'earned_undone') THEN p.points ELSE 0 END), 0) AS BIGINT) AS earned,
           CAST(COALESCE(SUM(CASE WHEN p.kind IN ('spent', 'spent_undone') THEN p.points ELSE 0 END), 0) AS BIGINT) AS spent
         FROM partner_points p WHERE p.shop_id = ?1";
    let mut totals = Totals::default();
    if let Some(row) = at.query_one(sql, params![(shop,)]).await? {
        totals.earned = row.int("earned")?;
        totals.spent = row.int("spent")?.saturating_neg();
    }
    let sql = "SELECT COUNT(*) AS services, COUNT(DISTINCT s.resident_id) AS residents,
           CAST(COALESCE(SUM(s.minutes), 0) AS BIGINT) AS minutes
         FROM partner_service s WHERE s.shop_id = ?1 AND s.state = 'confirmed' AND NOT EXISTS (
           SELECT 1 FROM partner_points p WHERE p.cause = s.id AND p.kind = 'earned_undone')";
    if let Some(row) = at.query_one(sql, params![(shop,)]).await? {
        totals.services = row.int("services")?;
        totals.residents = row.int("residents")?;
        totals.minutes = row.int("minutes")?;
    }
    Ok(totals)
}

/// What a recount of points and shelves found: residents and shelves whose sums are not what their journals say.
pub async fn recount(at: &mut impl Reads) -> Result<i64, DbError> {
    let sql = "SELECT
           (SELECT COUNT(*) FROM partner_resident r WHERE r.points <> (SELECT CAST(COALESCE(SUM(p.points), 0) AS BIGINT)
             FROM partner_points p WHERE p.resident_id = r.id))
         + (SELECT COUNT(*) FROM partner_shelf s WHERE s.stock <> (SELECT CAST(COALESCE(SUM(m.quantity), 0) AS BIGINT)
             FROM partner_shelf_move m WHERE m.shelf_id = s.id)) AS n";
    let row = at.query_one(sql, Vec::new()).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}
