//! Spending points, and undoing it.

use std::collections::BTreeMap;

use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use crate::error::{PartnerError, check_line, in_scope, invalid};
use crate::points::model::{Basket, EntryKind, Sale, Shelf};
use crate::points::rules::{self, LINES_MAX};
use crate::points::store::{self, NewEntry, NewMove};
use crate::told::{Told, finish};
use crate::{SaleId, ShelfId};

fn told(sale: &Sale, kind: &'static str) -> Told<SaleId> {
    Told {
        unit: sale.unit,
        kind,
        subject: sale.id,
        body: json!({
            "shop": hex(&sale.shop.bytes()), "resident": hex(&sale.resident.bytes()), "points": sale.points,
        }),
    }
}

/// Spends points for goods off the shelves: points, shelves and journal in one transaction. The same key with the same basket is
/// the same sale. Fact `points.spent`.
///
/// # Errors
/// [`PartnerError::Points`], [`PartnerError::Shelf`], [`PartnerError::Taken`].
pub async fn spend(services: &Services, by: &Actor, basket: &Basket) -> Result<Sale, PartnerError> {
    by.require_somewhere(Permission::PointsRecord)?;
    check_line("key", &basket.key, 1)?;
    if basket.lines.len() > LINES_MAX {
        return Err(invalid("lines", "1 to 50 lines"));
    }
    let mut lines: BTreeMap<ShelfId, i64> = BTreeMap::new();
    for (shelf, pieces) in &basket.lines {
        let sum = lines.entry(*shelf).or_default();
        *sum = sum.saturating_add(*pieces);
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let resident = store::lock_resident(&mut tx, basket.resident)
        .await?
        .ok_or(PartnerError::NotFound("resident"))?;
    in_scope(by, Permission::PointsRecord, (resident.unit, "resident"))?;
    if let Some(known) = store::sale_by_key(&mut tx, (resident.shop, &basket.key)).await? {
        let before: BTreeMap<ShelfId, i64> = store::sale_lines(&mut tx, known.id).await?.into_iter().collect();
        return if known.resident == resident.id && before == lines {
            Ok(known)
        } else {
            Err(PartnerError::Taken("sale"))
        };
    }
    let mut shelves: Vec<Shelf> = Vec::with_capacity(lines.len());
    for id in lines.keys() {
        let shelf = store::lock_shelf(&mut tx, *id).await?;
        let shelf = shelf.filter(|shelf| shelf.shop == resident.shop);
        shelves.push(shelf.ok_or(PartnerError::NotFound("shelf"))?);
    }
    let points = rules::cost(&lines, &shelves)?;
    rules::has_points(&resident, points)?;
    let sale = Sale {
        id: SaleId::new(now, &*services.rng),
        unit: resident.unit,
        shop: resident.shop,
        resident: resident.id,
        points,
        sold_at: now,
        undone_at: None,
    };
    let taken: Vec<(ShelfId, i64, i64)> = shelves
        .iter()
        .map(|shelf| (shelf.id, lines.get(&shelf.id).copied().unwrap_or(0), shelf.price))
        .collect();
    store::insert_sale(&mut tx, (&sale, &basket.key, by.id), &taken).await?;
    let mark = format!("sale:{}", hex(&sale.id.bytes()));
    for (shelf, (_, pieces, _)) in shelves.iter().zip(&taken) {
        let off = NewMove {
            key: &mark,
            quantity: -pieces,
            sale: Some(sale.id),
            reason: "",
        };
        store::move_on(&mut tx, shelf, &off, (by.id, now)).await?;
    }
    let entry = NewEntry {
        key: &mark,
        kind: EntryKind::Spent,
        points: -points,
        cause: sale.id.bytes(),
        reason: "",
    };
    store::append(&mut tx, &resident, &entry, (by.id, now)).await?;
    finish(tx, services, by, told(&sale, "points.spent")).await?;
    Ok(sale)
}

/// Undoes a sale by its mirror: points and pieces are where they were. Undoing again is answered with what stands. Fact
/// `points.spent_undone`.
///
/// # Errors
/// [`PartnerError::NotFound`].
pub async fn undo(services: &Services, by: &Actor, id: SaleId, why: &str) -> Result<Sale, PartnerError> {
    by.require_somewhere(Permission::PointsRecord)?;
    check_line("reason", why, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let found = store::sale(&mut tx, id).await?.ok_or(PartnerError::NotFound("sale"))?;
    in_scope(by, Permission::PointsRecord, (found.unit, "sale"))?;
    let resident = store::lock_resident(&mut tx, found.resident)
        .await?
        .ok_or(PartnerError::NotFound("resident"))?;
    // Read again under the lock: two who undo at once are one.
    let mut sale = store::sale(&mut tx, id).await?.ok_or(PartnerError::NotFound("sale"))?;
    if sale.undone_at.is_some() {
        return Ok(sale);
    }
    let mark = format!("undone:{}", hex(&id.bytes()));
    for (shelf, pieces) in store::sale_lines(&mut tx, id).await? {
        let shelf = store::lock_shelf(&mut tx, shelf)
            .await?
            .ok_or(PartnerError::NotFound("shelf"))?;
        let back = NewMove {
            key: &mark,
            quantity: pieces,
            sale: Some(id),
            reason: why.trim(),
        };
        store::move_on(&mut tx, &shelf, &back, (by.id, now)).await?;
    }
    let entry = NewEntry {
        key: &mark,
        kind: EntryKind::SpentUndone,
        points: sale.points,
        cause: id.bytes(),
        reason: why.trim(),
    };
    store::append(&mut tx, &resident, &entry, (by.id, now)).await?;
    store::undo_sale(&mut tx, id, now).await?;
    sale.undone_at = Some(now);
    finish(tx, services, by, told(&sale, "points.spent_undone")).await?;
    Ok(sale)
}
