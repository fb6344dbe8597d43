//! Opening shops, adding residents, recording and confirming services, filling shelves; [`sales`] holds what is spent. Each is
//! one transaction with one fact.

mod sales;

use db::DbError;
use giving::donations::mask;
use kernel::UnitId;
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

pub use sales::{spend, undo};

use super::model::{EntryKind, NewResident, NewService, Resident, Service, ServiceState, Shelf, Shop};
use super::store::{self, NewEntry, NewMove};
use super::{queries, rules};
use crate::agreements::store as agreement_store;
use crate::error::{PartnerError, check_line, in_scope, invalid};
use crate::told::{Told, finish};
use crate::{AgreementId, ResidentId, ServiceId, ShelfId, ShopId};

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "points.shop_opened",
    "points.resident_added",
    "points.service_recorded",
    "points.service_decided",
    "points.service_undone",
    "points.shelf_added",
    "points.shelf_moved",
    "points.spent",
    "points.spent_undone",
];
/// Where a resident's name is sealed for.
pub const RESIDENT_PLACE: &str = "partner_resident.name";
const PHONE_BLIND: &str = "partner resident phone";
/// The most points of one piece.
const PRICE_MAX: i64 = 1_000_000;
/// The most pieces that come onto a shelf at once.
const PIECES_MAX: i64 = 1_000_000;

/// Opens a shop; needs [`Permission::PartnerManage`]. The same key again is the same shop. Fact `points.shop_opened`.
///
/// # Errors
/// [`PartnerError::Taken`].
pub async fn open_shop(
    services: &Services,
    by: &Actor,
    (unit, agreement): (UnitId, Option<AgreementId>),
    (key, name): (&str, &str),
) -> Result<Shop, PartnerError> {
    by.require(Permission::PartnerManage, unit)?;
    check_line("key", key, 1)?;
    check_line("name", name, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if let Some(known) = store::shop_by_key(&mut tx, unit, key).await? {
        return if known.name == name.trim() {
            Ok(known)
        } else {
            Err(PartnerError::Taken("shop"))
        };
    }
    if let Some(agreement) = agreement {
        let known = agreement_store::agreement(&mut tx, agreement).await?;
        known
            .filter(|agreement| agreement.unit == unit)
            .ok_or(PartnerError::NotFound("agreement"))?;
    }
    let shop = Shop {
        id: ShopId::new(now, &*services.rng),
        unit,
        agreement,
        name: name.trim().to_owned(),
        made_at: now,
    };
    store::insert_shop(&mut tx, &shop, key).await?;
    let told = Told {
        unit,
        kind: "points.shop_opened",
        subject: shop.id,
        body: json!({ "agreement": agreement.map(|agreement| hex(&agreement.bytes())) }),
    };
    finish(tx, services, by, told).await?;
    Ok(shop)
}

/// Adds a resident to a shop; needs [`Permission::PointsRecord`]. A telephone stands once in a shop. Fact
/// `points.resident_added`.
///
/// # Errors
/// [`PartnerError::Taken`] for a telephone that stands.
pub async fn add_resident(services: &Services, by: &Actor, new: &NewResident) -> Result<Resident, PartnerError> {
    by.require_somewhere(Permission::PointsRecord)?;
    check_line("key", &new.key, 1)?;
    check_line("name", &new.name, 1)?;
    let phone: String = new.phone.chars().filter(char::is_ascii_digit).collect();
    if phone.len() < 7 || phone.len() > 15 {
        return Err(invalid("phone", "a telephone number"));
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let shop = store::shop(&mut tx, new.shop)
        .await?
        .ok_or(PartnerError::NotFound("shop"))?;
    in_scope(by, Permission::PointsRecord, (shop.unit, "shop"))?;
    let blind = services.keys.blind_index(PHONE_BLIND, &phone);
    if let Some(known) = store::resident_by_key(&mut tx, (shop.id, &new.key)).await? {
        let same = store::resident_by_phone(&mut tx, (shop.id, &blind)).await?;
        return if same.is_some_and(|same| same.id == known.id) {
            Ok(known)
        } else {
            Err(PartnerError::Taken("resident"))
        };
    }
    let resident = Resident {
        id: ResidentId::new(now, &*services.rng),
        unit: shop.unit,
        shop: shop.id,
        name_shown: mask::name(&new.name),
        points: 0,
        entries: 0,
    };
    let name = new.name.trim().as_bytes();
    let sealed = services.keys.seal(name, RESIDENT_PLACE, &*services.rng);
    let written = store::insert_resident(&mut tx, (&resident, new), (sealed, blind), now).await;
    written.map_err(|error| match error {
        DbError::Duplicate(_) => PartnerError::Taken("resident"),
        other => other.into(),
    })?;
    let told = Told {
        unit: shop.unit,
        kind: "points.resident_added",
        subject: resident.id,
        body: json!({ "shop": hex(&shop.id.bytes()) }),
    };
    finish(tx, services, by, told).await?;
    Ok(resident)
}

fn told_service(service: &Service, kind: &'static str) -> Told<ServiceId> {
    Told {
        unit: service.unit,
        kind,
        subject: service.id,
        body: json!({
            "shop": hex(&service.shop.bytes()), "resident": hex(&service.resident.bytes()), "service": service.kind,
            "minutes": service.minutes, "state": service.state, "points": service.points,
        }),
    }
}

/// Records a service; another person confirms it. The same key again is the same service. Fact `points.service_recorded`.
///
/// # Errors
/// [`PartnerError::Taken`], [`PartnerError::Invalid`].
pub async fn record(services: &Services, by: &Actor, new: &NewService) -> Result<Service, PartnerError> {
    by.require_somewhere(Permission::PointsRecord)?;
    check_line("key", &new.key, 1)?;
    let now = services.now();
    rules::check_service(new, now.business_day())?;
    let mut tx = services.db.begin().await?;
    let resident = store::resident(&mut tx, new.resident)
        .await?
        .ok_or(PartnerError::NotFound("resident"))?;
    in_scope(by, Permission::PointsRecord, (resident.unit, "resident"))?;
    if let Some(known) = store::service_by_key(&mut tx, (resident.shop, &new.key)).await? {
        let same =
            (known.resident, known.kind, known.minutes, known.day) == (new.resident, new.kind, new.minutes, new.day);
        return if same {
            Ok(known)
        } else {
            Err(PartnerError::Taken("service"))
        };
    }
    let service = Service {
        id: ServiceId::new(now, &*services.rng),
        unit: resident.unit,
        shop: resident.shop,
        resident: resident.id,
        kind: new.kind,
        minutes: new.minutes,
        day: new.day,
        state: ServiceState::Recorded,
        points: None,
        recorded_by: by.id,
    };
    let written = store::insert_service(&mut tx, (&service, new), now).await;
    written.map_err(|error| match error {
        DbError::Duplicate(_) => PartnerError::Taken("service"),
        other => other.into(),
    })?;
    finish(tx, services, by, told_service(&service, "points.service_recorded")).await?;
    Ok(service)
}

/// What is said to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// It was done: it is worth its points by the rate of its day.
    Confirm,
    /// It is not confirmed, with a reason.
    Refuse(&'a str),
}

/// Confirms or refuses a service that another person recorded. What is confirmed is worth its points by the rate of its day.
/// Fact `points.service_decided`.
///
/// # Errors
/// [`PartnerError::SamePerson`], [`PartnerError::State`] once decided.
pub async fn decide(
    services: &Services,
    by: &Actor,
    id: ServiceId,
    decision: Decision<'_>,
) -> Result<Service, PartnerError> {
    by.require_somewhere(Permission::PointsRecord)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let mut service = store::lock_service(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("service"))?;
    in_scope(by, Permission::PointsRecord, (service.unit, "service"))?;
    rules::may_decide(&service, by.id)?;
    let words = match decision {
        Decision::Refuse(why) => {
            check_line("reason", why, 1)?;
            service.state = ServiceState::Refused;
            why.trim()
        }
        Decision::Confirm => {
            let table = platform::parameters::load(&mut tx).await?;
            let rate = table.whole("points.per_hour", service.day)?.unwrap_or(0);
            let points = rules::worth(service.minutes, rate);
            (service.state, service.points) = (ServiceState::Confirmed, Some(points));
            let resident = store::lock_resident(&mut tx, service.resident)
                .await?
                .ok_or(PartnerError::NotFound("resident"))?;
            if points > 0 {
                let entry = NewEntry {
                    key: &format!("service:{}", hex(&id.bytes())),
                    kind: EntryKind::Earned,
                    points,
                    cause: id.bytes(),
                    reason: "",
                };
                store::append(&mut tx, &resident, &entry, (by.id, now)).await?;
            }
            ""
        }
    };
    let decided = (service.state, service.points, words);
    store::decide_service(&mut tx, id, decided, (by.id, now)).await?;
    finish(tx, services, by, told_service(&service, "points.service_decided")).await?;
    Ok(service)
}

/// Undoes a confirmed service by its mirror, where its points are still there. Undoing again is answered with what stands. Fact
/// `points.service_undone`.
///
/// # Errors
/// [`PartnerError::Points`] when they were spent, [`PartnerError::State`] unless it is confirmed.
pub async fn undo_service(services: &Services, by: &Actor, id: ServiceId, why: &str) -> Result<Service, PartnerError> {
    by.require_somewhere(Permission::PointsRecord)?;
    check_line("reason", why, 1)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let service = store::lock_service(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("service"))?;
    in_scope(by, Permission::PointsRecord, (service.unit, "service"))?;
    let points = match (service.state, service.points) {
        (ServiceState::Confirmed, Some(points)) if points > 0 => points,
        _ => {
            return Err(PartnerError::State {
                state: service.state.as_str(),
                wanted: "confirmed",
            });
        }
    };
    if store::has_entry(&mut tx, id.bytes(), EntryKind::EarnedUndone).await? {
        return Ok(service);
    }
    let resident = store::lock_resident(&mut tx, service.resident)
        .await?
        .ok_or(PartnerError::NotFound("resident"))?;
    rules::has_points(&resident, points)?;
    let entry = NewEntry {
        key: &format!("service-undone:{}", hex(&id.bytes())),
        kind: EntryKind::EarnedUndone,
        points: -points,
        cause: id.bytes(),
        reason: why.trim(),
    };
    store::append(&mut tx, &resident, &entry, (by.id, now)).await?;
    finish(tx, services, by, told_service(&service, "points.service_undone")).await?;
    Ok(service)
}

/// Puts something on offer, or says its price anew; needs [`Permission::PartnerManage`]. Fact `points.shelf_added`.
///
/// # Errors
/// [`PartnerError::Invalid`].
pub async fn offer(
    services: &Services,
    by: &Actor,
    shop: ShopId,
    (item, unit_word, price): (&str, &str, i64),
) -> Result<Shelf, PartnerError> {
    by.require_somewhere(Permission::PartnerManage)?;
    check_line("item", item, 1)?;
    check_line("unit_word", unit_word, 1)?;
    if !(1..=PRICE_MAX).contains(&price) {
        return Err(invalid("price_points", "one point or more"));
    }
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let shop = store::shop(&mut tx, shop)
        .await?
        .ok_or(PartnerError::NotFound("shop"))?;
    in_scope(by, Permission::PartnerManage, (shop.unit, "shop"))?;
    let shelves = queries::shelves(&mut tx, shop.id).await?;
    let known = shelves
        .into_iter()
        .find(|shelf| (shelf.item.as_str(), shelf.unit_word.as_str()) == (item.trim(), unit_word.trim()));
    let shelf = match known {
        Some(known) if known.price == price => return Ok(known),
        Some(known) => {
            store::put_price(&mut tx, known.id, price).await?;
            Shelf { price, ..known }
        }
        None => {
            let shelf = Shelf {
                id: ShelfId::new(now, &*services.rng),
                unit: shop.unit,
                shop: shop.id,
                item: item.trim().to_owned(),
                unit_word: unit_word.trim().to_owned(),
                price,
                stock: 0,
                moves: 0,
            };
            store::insert_shelf(&mut tx, &shelf, now).await?;
            shelf
        }
    };
    let told = Told {
        unit: shop.unit,
        kind: "points.shelf_added",
        subject: shelf.id,
        body: json!({ "shop": hex(&shop.id.bytes()), "price_points": price }),
    };
    finish(tx, services, by, told).await?;
    Ok(shelf)
}

/// Puts pieces on a shelf (above zero) or takes them off (below zero: broken, lost), with a reason. The same key again is the
/// same movement. Fact `points.shelf_moved`.
///
/// # Errors
/// [`PartnerError::Shelf`] when there are fewer.
pub async fn stock(
    services: &Services,
    by: &Actor,
    id: ShelfId,
    (key, quantity, reason): (&str, i64, &str),
) -> Result<Shelf, PartnerError> {
    by.require_somewhere(Permission::PointsRecord)?;
    check_line("key", key, 1)?;
    check_line("reason", reason, 1)?;
    if quantity == 0 || !(-PIECES_MAX..=PIECES_MAX).contains(&quantity) {
        return Err(invalid("quantity", "above zero to fill, below zero to take off"));
    }
    let mut tx = services.db.begin().await?;
    let mut shelf = store::lock_shelf(&mut tx, id)
        .await?
        .ok_or(PartnerError::NotFound("shelf"))?;
    in_scope(by, Permission::PointsRecord, (shelf.unit, "shelf"))?;
    if let Some(known) = store::moved(&mut tx, id, key).await? {
        return if known == quantity {
            Ok(shelf)
        } else {
            Err(PartnerError::Taken("movement"))
        };
    }
    if shelf.stock < -quantity {
        return Err(PartnerError::Shelf {
            item: shelf.item,
            there: shelf.stock,
            wanted: -quantity,
        });
    }
    let new = NewMove {
        key,
        quantity,
        sale: None,
        reason: reason.trim(),
    };
    store::move_on(&mut tx, &shelf, &new, (by.id, services.now())).await?;
    (shelf.stock, shelf.moves) = (shelf.stock + quantity, shelf.moves + 1);
    let told = Told {
        unit: shelf.unit,
        kind: "points.shelf_moved",
        subject: id,
        body: json!({ "shop": hex(&shelf.shop.bytes()), "quantity": quantity }),
    };
    finish(tx, services, by, told).await?;
    Ok(shelf)
}
