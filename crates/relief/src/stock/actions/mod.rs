//! Announcing lots, moving them, making kits. Each change is one transaction with one fact.

pub(crate) mod acceptance;
mod bought;
mod counts;
mod losses;
mod parcels;
mod valuation;

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use kernel::{BusinessDay, Instant, UnitId};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::model::{Lot, LotState, Move, NewLot, Source, Spot, Step, ValueBasis};
use super::rules;
use super::{queries, store};
use crate::catalogue::store as catalogue;
use crate::error::{ReliefError, in_scope, invalid};
use crate::lists::jobs::follow;
use crate::told::{Told, finish, moves};
use crate::vouchers::{PaperKind, store as vouchers};
use crate::worth::actions as worth;
use crate::{ItemId, LotId, PartyId, PlaceId};

pub use bought::{TakenIn, take_in, take_out};
pub(crate) use counts::count_once;
pub use counts::{Counted, count, settle_count};
pub(crate) use losses::{Loss, lose};
pub use parcels::{HandedParcel, PARCEL_DRAWN_PLACE, PARCEL_SIGNER_PLACE, hand_parcel};
pub use valuation::confirm_value;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "goods.place_added",
    "goods.place_region_set",
    "goods.party_added",
    "goods.lot_announced",
    "goods.lot_expected",
    "goods.moved",
    "goods.kit_made",
    "goods.counted",
    "goods.count_settled",
    "goods.lost",
    "goods.bought_in",
    "goods.bought_out",
    "goods.value_confirmed",
    "goods.parcel_handed",
];
/// Where a donor's name is sealed for.
pub const DONOR_PLACE: &str = "goods_lot.donor";

fn taken(what: &'static str) -> impl Fn(DbError) -> ReliefError {
    move |error| match error {
        DbError::Duplicate(_) => ReliefError::Taken(what),
        other => other.into(),
    }
}

/// Adds a store, a truck, a hall.
///
/// # Errors
/// [`ReliefError::Taken`] and others.
pub async fn add_place(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    (code, name): (&str, &str),
) -> Result<PlaceId, ReliefError> {
    by.require(Permission::GoodsManage, unit)?;
    rules::check_text("code", code, 1)?;
    rules::check_text("name", name, 1)?;
    let id = PlaceId::new(services.now(), &*services.rng);
    let mut tx = services.db.begin().await?;
    let words = (code.trim(), name.trim());
    store::insert_place(&mut tx, (id, unit), words, services.now())
        .await
        .map_err(taken("place"))?;
    let told = Told {
        unit,
        kind: "goods.place_added",
        subject: id,
        body: json!({}),
    };
    finish(tx, services, by, told).await?;
    Ok(id)
}

/// Says in which region a place lies.
///
/// # Errors
/// [`ReliefError::Invalid`], [`ReliefError::NotFound`].
pub async fn set_region(services: &Services, by: &Actor, id: PlaceId, region: &str) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsManage)?;
    kernel::RegionCode::parse(region)
        .map_err(|_| invalid("region", "a region code of six or nine digits is expected"))?;
    let mut tx = services.db.begin().await?;
    let unit = store::place_unit(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("place"))?;
    in_scope(by, Permission::GoodsManage, (unit, "place"))?;
    store::set_region(&mut tx, id, region).await?;
    let told = Told {
        unit,
        kind: "goods.place_region_set",
        subject: id,
        body: json!({ "region": region }),
    };
    Ok(finish(tx, services, by, told).await?)
}

/// Adds a receiver: a hospital, a district, a department. Who asks for one receiver alone adds none.
///
/// # Errors
/// [`ReliefError::Taken`] and others.
pub async fn add_party(
    services: &Services,
    by: &Actor,
    unit: UnitId,
    (name, region): (&str, &str),
) -> Result<PartyId, ReliefError> {
    by.require(Permission::GoodsRequest, unit)?;
    by.require(Permission::GoodsRead, unit)?;
    rules::check_text("name", name, 1)?;
    kernel::RegionCode::parse(region)
        .map_err(|_| invalid("region", "a region code of six or nine digits is expected"))?;
    let id = PartyId::new(services.now(), &*services.rng);
    let mut tx = services.db.begin().await?;
    store::insert_party(&mut tx, (id, unit), (name.trim(), region), services.now())
        .await
        .map_err(taken("receiver"))?;
    let told = Told {
        unit,
        kind: "goods.party_added",
        subject: id,
        body: json!({ "region": region }),
    };
    finish(tx, services, by, told).await?;
    Ok(id)
}

/// A place of this unit or of one above or below it: goods of a county may lie in the city's store.
async fn check_place(tx: &mut Tx, services: &Services, unit: UnitId, place: PlaceId) -> Result<(), ReliefError> {
    let owner = store::place_unit(tx, place)
        .await?
        .ok_or(ReliefError::NotFound("place"))?;
    if services.tree.is_within(unit, owner) || services.tree.is_within(owner, unit) {
        Ok(())
    } else {
        Err(ReliefError::NotFound("place"))
    }
}

/// Announces a lot: what it is, how many, from whom, when it is expected. The same key again is the same lot.
///
/// # Errors
/// [`ReliefError::Units`] for a unit the item does not know, [`ReliefError::Taken`] when the key named another lot.
pub async fn announce(services: &Services, by: &Actor, new: &NewLot) -> Result<Lot, ReliefError> {
    by.require(Permission::GoodsRecord, new.unit)?;
    rules::check_new(new)?;
    match announce_once(services, by, new).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => announce_once(services, by, new).await,
        settled => settled,
    }
}

async fn announce_once(services: &Services, by: &Actor, new: &NewLot) -> Result<Lot, ReliefError> {
    let mut tx = services.db.begin().await?;
    if let Some((known, announced)) = store::lot_by_key(&mut tx, new.unit, &new.key).await? {
        let same = known.item == new.item && known.unit_word == new.unit_word && announced == new.quantity;
        return if same {
            Ok(known)
        } else {
            Err(ReliefError::Taken("lot"))
        };
    }
    let (lot, told) = announce_in(&mut tx, services, by, new).await?;
    finish(tx, services, by, told).await?;
    Ok(lot)
}

/// Announces a lot whose key is new, in the caller's transaction; gives the fact with which it ends.
///
/// # Errors
/// As [`announce`].
pub(crate) async fn announce_in(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    new: &NewLot,
) -> Result<(Lot, Told<LotId>), ReliefError> {
    let now = services.now();
    let id = LotId::new(now, &*services.rng);
    let first = Move {
        lot: id,
        key: format!("announce/{}", new.key),
        from: None,
        to: Some(Spot::at(LotState::Announced, new.place)),
        quantity: new.quantity,
        paper: String::new(),
        reason: String::new(),
        device_at: None,
    };
    let claim = valuation::claimed(tx, new, now).await?;
    if claim.as_ref().is_some_and(|claim| claim.waits) {
        insert_lot(tx, services, &valuation::without_value(new), id).await?;
    } else {
        insert_lot(tx, services, new, id).await?;
    }
    if let Some(claim) = &claim {
        store::insert_claim(tx, (id, new.unit), claim, (by.id, now)).await?;
    }
    store::apply(tx, (new.unit, by.id), &first, now).await?;
    let lot = store::lot(tx, id).await?.ok_or(ReliefError::NotFound("lot"))?;
    let told = Told {
        unit: new.unit,
        kind: "goods.lot_announced",
        subject: id,
        body: json!({
            "item": hex(&new.item.bytes()), "unit_word": lot.unit_word, "quantity": new.quantity,
            "source": new.source, "expected_on": new.expected_on, "value_fen": lot.value,
            "designated": new.designated_for.map(|party| hex(&party.bytes())),
            "moves": moves(&[first]),
        }),
    };
    follow(tx, services, by, new.unit).await?;
    Ok((lot, told))
}

async fn insert_lot(tx: &mut Tx, services: &Services, new: &NewLot, id: LotId) -> Result<(), ReliefError> {
    let item = catalogue::item(tx, new.item)
        .await?
        .ok_or(ReliefError::NotFound("item"))?;
    if !services.tree.is_within(new.unit, item.unit) {
        return Err(ReliefError::NotFound("item"));
    }
    let per_base = item.per_base(&new.unit_word)?;
    check_place(tx, services, new.unit, new.place).await?;
    if let Some(party) = new.designated_for {
        store::party_unit(tx, party)
            .await?
            .ok_or(ReliefError::NotFound("receiver"))?;
    }
    let shown = giving::donations::mask::name(&new.donor);
    let sealed = services.keys.seal(new.donor.as_bytes(), DONOR_PLACE, &*services.rng);
    store::insert_lot(tx, id, new, (per_base, &shown, sealed), services.now()).await?;
    Ok(())
}

/// Changes the day on which announced goods are expected.
///
/// # Errors
/// [`ReliefError::State`] once they arrived.
pub async fn expect_on(services: &Services, by: &Actor, id: LotId, day: BusinessDay) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    let mut tx = services.db.begin().await?;
    let lot = store::lot(&mut tx, id).await?.ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsRecord, (lot.unit, "lot"))?;
    if lot.arrived_at.is_some() {
        return Err(ReliefError::State {
            state: "arrived",
            wanted: "announced",
        });
    }
    store::expect_on(&mut tx, id, day).await?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.lot_expected",
        subject: id,
        body: json!({ "expected_on": day }),
    };
    follow(&mut tx, services, by, lot.unit).await?;
    Ok(finish(tx, services, by, told).await?)
}

/// A step to be recorded.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The lot.
    pub lot: LotId,
    /// What happened.
    pub step: Step,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// What makes it the same record when it is sent again.
    pub key: String,
    /// Why, where that must be said; for goods accepted against the rule of shelf life, the emergency's reason.
    pub reason: String,
    /// The device's own clock, for what was recorded off line.
    pub device_at: Option<Instant>,
}

/// Whether a record was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Written now.
    Written,
    /// It had come before; nothing was changed.
    Known,
}

/// Records a step of a lot. The same key again changes nothing.
///
/// # Errors
/// [`ReliefError::Short`], [`ReliefError::ShelfLife`], [`ReliefError::Taken`] when the key named another step.
pub async fn record(services: &Services, by: &Actor, wanted: &Recorded) -> Result<Outcome, ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    rules::check_quantity(wanted.quantity)?;
    rules::check_text("key", &wanted.key, 1)?;
    rules::check_text("reason", &wanted.reason, usize::from(rules::needs_reason(wanted.step)))?;
    match record_once(services, by, wanted).await {
        Err(ReliefError::Db(DbError::Duplicate(_))) => record_once(services, by, wanted).await,
        settled => settled,
    }
}

async fn record_once(services: &Services, by: &Actor, wanted: &Recorded) -> Result<Outcome, ReliefError> {
    let mut tx = services.db.begin().await?;
    // Locked before its movements are looked at: of two equal records at once the second must find the first.
    let lot = store::lock_lot(&mut tx, wanted.lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsRecord, (lot.unit, "lot"))?;
    if rules::needs_approval(wanted.step) {
        by.require(Permission::GoodsApprove, lot.unit)?;
    }
    let (from, to) = rules::path(wanted.step);
    let mut step = Move {
        lot: lot.id,
        key: wanted.key.clone(),
        from,
        to,
        quantity: wanted.quantity,
        paper: String::new(),
        reason: wanted.reason.trim().to_owned(),
        device_at: wanted.device_at,
    };
    if store::is_known(&mut tx, lot.unit, &step).await? {
        return Ok(Outcome::Known);
    }
    if let Step::Relocate { to, .. } = wanted.step {
        check_place(&mut tx, services, lot.unit, to).await?;
    }
    if matches!(wanted.step, Step::Inspect(_)) {
        acceptance::check(&mut tx, services, by, (&lot, &step.reason)).await?;
    }
    let kind = paper_of(wanted.step);
    let number = match kind {
        Some(kind) => Some(vouchers::take_number(&mut tx, lot.unit, kind, services.now()).await?),
        None => None,
    };
    if let (Some(kind), Some(number)) = (kind, number) {
        step.paper = kind.number(number);
    }
    let n = store::apply(&mut tx, (lot.unit, by.id), &step, services.now()).await?;
    if let (Some(kind), Some(number)) = (kind, number) {
        let record = (lot.id.bytes(), n);
        vouchers::register(&mut tx, (lot.unit, kind), number, record, services.now()).await?;
    }
    if matches!(
        wanted.step,
        Step::Stock(_) | Step::Restock(_) | Step::Scrap(_) | Step::Sell(_)
    ) {
        worth::book(&mut tx, services, by, [lot.id]).await?;
    }
    let listed = |spot: Option<Spot>| spot.is_some_and(|s| matches!(s.state, LotState::Announced | LotState::Arrived));
    if listed(step.from) || listed(step.to) {
        follow(&mut tx, services, by, lot.unit).await?;
    }
    let told = Told {
        unit: lot.unit,
        kind: "goods.moved",
        subject: lot.id,
        body: json!({ "moves": moves(&[step]) }),
    };
    finish(tx, services, by, told).await?;
    Ok(Outcome::Written)
}

/// The paper a step is recorded on.
const fn paper_of(step: Step) -> Option<PaperKind> {
    match step {
        Step::Stock(_) | Step::Restock(_) => Some(PaperKind::ReceiptNote),
        Step::Scrap(_) => Some(PaperKind::ScrapNote),
        Step::Sell(_) => Some(PaperKind::SaleNote),
        _ => None,
    }
}

/// Makes kits from what is in store at a place: parts are picked first what expires first, and the kits expire with
/// their earliest part.
///
/// # Errors
/// [`ReliefError::Short`], [`ReliefError::Invalid`] for what is no kit, [`ReliefError::State`] while a part's value waits
/// for a second person.
pub async fn make_kits(
    services: &Services,
    by: &Actor,
    (unit, kit): (UnitId, ItemId),
    (place, kits): (PlaceId, i64),
    key: &str,
) -> Result<Lot, ReliefError> {
    by.require(Permission::GoodsRecord, unit)?;
    rules::check_quantity(kits)?;
    rules::check_text("key", key, 1)?;
    let (now, today) = (services.now(), services.now().business_day());
    let mut tx = services.db.begin().await?;
    if let Some((known, made)) = store::lot_by_key(&mut tx, unit, key).await? {
        let same = known.item == kit && made == kits;
        return if same {
            Ok(known)
        } else {
            Err(ReliefError::Taken("lot"))
        };
    }
    let item = catalogue::item(&mut tx, kit)
        .await?
        .ok_or(ReliefError::NotFound("item"))?;
    if item.parts.is_empty() {
        return Err(invalid("item", "a kit with its parts is expected"));
    }
    let mut parts = Vec::new();
    for (part, each) in &item.parts {
        let wanted = kits
            .checked_mul(*each)
            .ok_or(invalid("quantity", "fewer kits are expected"))?;
        let there = queries::pickable(&mut tx, (unit, *part), place, today).await?;
        parts.extend(rules::pick(there, wanted)?);
    }
    // Locks are taken in the order of the lots, as everywhere.
    parts.sort_unstable();
    let mut expiries = Vec::new();
    let id = LotId::new(now, &*services.rng);
    let mut steps = Vec::with_capacity(parts.len() + 1);
    for (at, (part, quantity)) in parts.iter().enumerate() {
        expiries.push(valuation::lock_part(&mut tx, *part).await?.expires_on);
        let step = Move {
            lot: *part,
            key: format!("kit/{key}/{at}"),
            from: Some(Spot::at(LotState::Stocked, place)),
            to: Some(Spot::at(LotState::Assembled, place)),
            quantity: *quantity,
            paper: format!("kit {}", hex(&id.bytes())),
            reason: String::new(),
            device_at: None,
        };
        store::apply(&mut tx, (unit, by.id), &step, now).await?;
        steps.push(step);
    }
    let number = vouchers::take_number(&mut tx, unit, PaperKind::ReceiptNote, now).await?;
    let value = worth::book(&mut tx, services, by, parts.iter().map(|(part, _)| *part)).await?;
    let value = Some(value).filter(|value| value.is_positive());
    let new = NewLot {
        unit,
        key: key.to_owned(),
        item: kit,
        unit_word: item.base_unit.clone(),
        quantity: kits,
        per_box: 1,
        spec: String::new(),
        batch: String::new(),
        source: Source::Kit,
        donor: String::new(),
        designated_for: None,
        expires_on: crate::catalogue::rules::kit_expiry(expiries),
        has_certificate: false,
        expected_on: None,
        place,
        value,
        basis: if value.is_some() {
            ValueBasis::Parts
        } else {
            ValueBasis::None
        },
        evidence: String::new(),
    };
    insert_lot(&mut tx, services, &new, id).await?;
    let made = Move {
        lot: id,
        key: format!("kit/{key}"),
        from: None,
        to: Some(Spot::at(LotState::Stocked, place)),
        quantity: kits,
        paper: PaperKind::ReceiptNote.number(number),
        reason: String::new(),
        device_at: None,
    };
    let n = store::apply(&mut tx, (unit, by.id), &made, now).await?;
    let record = (id.bytes(), n);
    vouchers::register(&mut tx, (unit, PaperKind::ReceiptNote), number, record, now).await?;
    worth::book(&mut tx, services, by, [id]).await?;
    steps.push(made);
    let lot = store::lot(&mut tx, id).await?.ok_or(ReliefError::NotFound("lot"))?;
    let told = Told {
        unit,
        kind: "goods.kit_made",
        subject: id,
        body: json!({
            "kits": kits, "parts": parts.len(), "expires_on": lot.expires_on, "moves": moves(&steps),
        }),
    };
    finish(tx, services, by, told).await?;
    Ok(lot)
}
