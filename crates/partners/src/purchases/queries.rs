//! Suppliers and purchases as they are shown.

use db::{DbError, Reads, params};
use kernel::{ActorId, UnitId};

use super::model::{Purchase, Quote, Receipt, Stocked, Supplier};
use super::store::{self, PURCHASE, SUPPLIER, read, read_supplier};
use crate::{AgreementId, PurchaseId};

/// Suppliers of one unit in one answer.
const SUPPLIERS_MAX: i64 = 1_000;
/// Purchases of one agreement in one answer.
const PURCHASES_MAX: i64 = 1_000;

/// The suppliers of a unit, by name.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn suppliers(at: &mut impl Reads, unit: UnitId) -> Result<Vec<Supplier>, DbError> {
    let sql = format!("{SUPPLIER} WHERE unit_id = ?1 ORDER BY name, id LIMIT ?2");
    let rows = at.query(&sql, params![(unit,), SUPPLIERS_MAX]).await?;
    rows.iter().map(read_supplier).collect()
}

/// The purchases under an agreement, the newest first.
pub async fn purchases(at: &mut impl Reads, agreement: AgreementId) -> Result<Vec<Purchase>, DbError> {
    let sql = format!("{PURCHASE} WHERE agreement_id = ?1 ORDER BY id DESC LIMIT ?2");
    let rows = at.query(&sql, params![(agreement,), PURCHASES_MAX]).await?;
    rows.iter().map(read).collect()
}

/// A purchase with its quotes and counts.
pub async fn purchase(
    at: &mut impl Reads,
    id: PurchaseId,
) -> Result<Option<(Purchase, Vec<Quote>, Vec<Receipt>)>, DbError> {
    let Some(purchase) = store::purchase(at, id).await? else {
        return Ok(None);
    };
    let quotes = store::quotes(at, id).await?;
    let receipts = store::receipts(at, id).await?;
    Ok(Some((purchase, quotes, receipts)))
}

/// The last time that a purchase was put into the store.
pub async fn stocked(at: &mut impl Reads, id: PurchaseId) -> Result<Option<Stocked>, DbError> {
    store::stocked(at, id).await
}

/// Whether somebody is bound to a supplier that quoted in this purchase.
pub async fn is_bound(at: &mut impl Reads, id: PurchaseId, actor: ActorId) -> Result<bool, DbError> {
    match store::may_touch(at, id, actor).await {
        Ok(()) => Ok(false),
        Err(crate::PartnerError::Db(error)) => Err(error),
        Err(_) => Ok(true),
    }
}
