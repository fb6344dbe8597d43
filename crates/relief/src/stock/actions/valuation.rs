//! What a lot is worth by the donor's evidence (R1.38, R1.40): the evidence is written down, and above a limit a second
//! person confirms the value before it is booked.

use db::{DbError, Tx};
use kernel::Instant;
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::model::{Lot, NewLot, ValueBasis};
use super::super::store::{self, Claim};
use crate::LotId;
use crate::error::{ReliefError, in_scope};
use crate::told::{Told, finish};
use crate::worth::actions as worth;

/// What is known of a new lot's value: nothing, or a claim that is booked at once or waits for a second person.
///
/// # Errors
/// [`ReliefError::Db`] and a parameter that cannot be used.
pub(super) async fn claimed(tx: &mut Tx, new: &NewLot, now: Instant) -> Result<Option<Claim>, ReliefError> {
    let Some(value) = new.value else { return Ok(None) };
    let table = platform::parameters::load(tx).await?;
    let limit = table.yuan("goods.value_second_person_yuan", now.business_day())?;
    Ok(Some(Claim {
        value,
        basis: new.basis,
        evidence: new.evidence.trim().to_owned(),
        waits: value > limit,
    }))
}

/// A lot as it is kept until its value is confirmed: without one.
pub(super) fn without_value(new: &NewLot) -> NewLot {
    NewLot {
        value: None,
        basis: ValueBasis::None,
        ..new.clone()
    }
}

/// A part of kits, locked. Not one whose value waits: kits take their parts' value along as they are made.
///
/// # Errors
/// [`ReliefError::NotFound`], [`ReliefError::State`] while the value waits for a second person.
pub(super) async fn lock_part(tx: &mut Tx, id: LotId) -> Result<Lot, ReliefError> {
    let lot = store::lock_lot(tx, id).await?.ok_or(ReliefError::NotFound("lot"))?;
    if store::waiting_claim(tx, id).await?.is_some() {
        return Err(ReliefError::State {
            state: "waiting for a second person",
            wanted: "valued",
        });
    }
    Ok(lot)
}

/// Confirms the value that somebody else wrote down by the donor's evidence; what is in store is booked at it. Fact
/// `goods.value_confirmed`.
///
/// # Errors
/// [`ReliefError::Forbidden`] without [`Permission::GoodsApprove`], [`ReliefError::SamePerson`], [`ReliefError::State`]
/// where none waits or an appraiser was quicker.
pub async fn confirm_value(services: &Services, by: &Actor, id: LotId) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsApprove)?;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let lot = store::lock_lot(&mut tx, id)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsApprove, (lot.unit, "lot"))?;
    let waiting = store::waiting_claim(&mut tx, id).await?;
    let (claim, claimed_by) = waiting.ok_or(ReliefError::State {
        state: "without one",
        wanted: "waiting for a second person",
    })?;
    if claimed_by == by.id {
        return Err(ReliefError::SamePerson);
    }
    if lot.value.is_some() {
        return Err(ReliefError::State {
            state: "valued",
            wanted: "given without a value",
        });
    }
    store::confirm_claim(&mut tx, id, &claim, (by.id, now)).await?;
    worth::book(&mut tx, services, by, [id]).await?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.value_confirmed",
        subject: id,
        body: json!({ "value_fen": claim.value, "basis": claim.basis }),
    };
    let done: Result<(), DbError> = finish(tx, services, by, told).await;
    Ok(done?)
}
