//! Goods that were bought: into the store as a lot and out again, in the transaction of whoever records the purchase.
//! They are in the books by their purchase, so nothing is booked here.

use db::{DbError, Tx};
use kernel::id::{Id as _, hex};
use platform::Services;
use platform::facts::{NewFact, append};
use platform::identity::{Actor, Permission};
use serde_json::{Value, json};

use super::super::model::{Lot, LotState, Move, NewLot, Source, Spot};
use super::super::{rules, store};
use super::{acceptance, insert_lot};
use crate::error::{ReliefError, invalid};
use crate::told::moves;
use crate::vouchers::{PaperKind, store as vouchers};
use crate::{LotId, PlaceId};

/// A lot of bought goods that lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// The lot.
    pub lot: LotId,
    /// The number of its receipt note.
    pub paper: String,
}

/// Takes bought goods into the store as a lot, in the caller's transaction: they were looked at and counted by who received
/// them, so they are stocked at once. The evidence (the purchase's number) stands with the movement as its reason. A key is
/// used once: the caller's own lock sees to that. Fact `goods.bought_in`, beside the caller's own.
///
/// # Errors
/// [`ReliefError::Forbidden`] without [`Permission::GoodsRecord`], [`ReliefError::Units`] for a unit the item does not know,
/// [`ReliefError::ShelfLife`], [`ReliefError::NotFound`] for an item or a place of another house.
pub async fn take_in(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (new, evidence): (&NewLot, &str),
) -> Result<TakenIn, ReliefError> {
    by.require(Permission::GoodsRecord, new.unit)?;
    rules::check_new(new)?;
    rules::check_text("evidence", evidence, 1)?;
    if !matches!(new.source, Source::Budget | Source::AidFund) {
        return Err(invalid("source", "goods that were bought are expected"));
    }
    let (now, kind) = (services.now(), PaperKind::ReceiptNote);
    let id = LotId::new(now, &*services.rng);
    insert_lot(tx, services, new, id).await?;
    let lot = store::lot(tx, id).await?.ok_or(ReliefError::NotFound("lot"))?;
    acceptance::check(tx, services, by, (&lot, "")).await?;
    let number = vouchers::take_number(tx, new.unit, kind, now).await?;
    let step = Move {
        lot: id,
        key: format!("bought/{}", new.key),
        from: None,
        to: Some(Spot::at(LotState::Stocked, new.place)),
        quantity: new.quantity,
        paper: kind.number(number),
        reason: evidence.trim().to_owned(),
        device_at: None,
    };
    let n = store::apply(tx, (new.unit, by.id), &step, now).await?;
    vouchers::register(tx, (new.unit, kind), number, (id.bytes(), n), now).await?;
    let body = json!({
        "item": hex(&new.item.bytes()), "unit_word": new.unit_word, "quantity": new.quantity, "source": new.source,
        "value_fen": new.value, "paper": step.paper, "moves": moves(std::slice::from_ref(&step)),
    });
    tell(tx, services, by, (&lot, "goods.bought_in", body)).await?;
    Ok(TakenIn {
        lot: id,
        paper: step.paper,
    })
}

/// Takes a lot of bought goods out of the store again, because it should not have been taken in: all its pieces, from where
/// they were stocked. Fact `goods.bought_out`, beside the caller's own.
///
/// # Errors
/// [`ReliefError::Forbidden`] without [`Permission::GoodsApprove`], [`ReliefError::Short`] where pieces were set aside, moved
/// or sent meanwhile, [`ReliefError::State`] for what was not bought.
pub async fn take_out(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (id, place, quantity): (LotId, PlaceId, i64),
    reason: &str,
) -> Result<(), ReliefError> {
    rules::check_quantity(quantity)?;
    rules::check_text("reason", reason, 1)?;
    let lot = store::lock_lot(tx, id).await?.ok_or(ReliefError::NotFound("lot"))?;
    by.require(Permission::GoodsApprove, lot.unit)?;
    if !matches!(lot.source, Source::Budget | Source::AidFund) {
        return Err(ReliefError::State {
            state: lot.source.as_str(),
            wanted: "bought",
        });
    }
    // It is undone on the note on which it came in.
    let paper = store::intake_paper(tx, id).await?;
    let step = Move {
        lot: id,
        key: format!("bought-out/{}", hex(&id.bytes())),
        from: Some(Spot::at(LotState::Stocked, place)),
        to: None,
        quantity,
        paper,
        reason: reason.trim().to_owned(),
        device_at: None,
    };
    store::apply(tx, (lot.unit, by.id), &step, services.now()).await?;
    let body = json!({ "quantity": quantity, "moves": moves(std::slice::from_ref(&step)) });
    Ok(tell(tx, services, by, (&lot, "goods.bought_out", body)).await?)
}

/// The fact of the movement; the caller commits.
async fn tell(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    (lot, kind, mut body): (&Lot, &'static str, Value),
) -> Result<(), DbError> {
    body["subject"] = hex(&lot.id.bytes()).into();
    let fact = NewFact {
        unit: lot.unit,
        kind,
        subject: lot.id.bytes(),
        actor: Some(by.id),
        body,
    };
    append(tx, fact, services).await.map(drop)
}
