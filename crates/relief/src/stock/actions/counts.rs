//! Blind counts: who counts is not told what the books say; a difference waits until another person explains it.

use kernel::id::{Id as _, hex};
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::model::{LotState, Move, Spot};
use super::super::{rules, store};
use super::Outcome;
use crate::error::{ReliefError, in_scope, invalid};
use crate::told::{Told, finish, moves};
use crate::vouchers::{PaperKind, store as vouchers};
use crate::worth::actions as worth;
use crate::{CountId, LotId, PlaceId};

/// What a count showed; how many the books had is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Books and shelf agree.
    Agrees,
    /// They differ: another person must explain it.
    Differs,
}

/// Writes down how many of a lot were counted in store at a place.
///
/// # Errors
/// [`ReliefError::NotFound`], [`ReliefError::Invalid`].
pub async fn count(
    services: &Services,
    by: &Actor,
    what: (LotId, PlaceId),
    counted: i64,
) -> Result<(CountId, Counted), ReliefError> {
    let id = CountId::new(services.now(), &*services.rng);
    Ok((id, count_once(services, by, id, what, counted).await?.0))
}

/// The same under an id that is known before: what a phone hands in twice is counted once. Says whether it was new.
///
/// # Errors
/// As [`count`].
pub(crate) async fn count_once(
    services: &Services,
    by: &Actor,
    id: CountId,
    (lot, place): (LotId, PlaceId),
    counted: i64,
) -> Result<(Counted, Outcome), ReliefError> {
    by.require_somewhere(Permission::GoodsRecord)?;
    if counted < 0 {
        return Err(invalid("counted", "zero or more is expected"));
    }
    let mut tx = services.db.begin().await?;
    let lot = store::lock_lot(&mut tx, lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsRecord, (lot.unit, "lot"))?;
    if let Some(state) = store::count_state(&mut tx, id).await? {
        let known = if state == "agrees" {
            Counted::Agrees
        } else {
            Counted::Differs
        };
        return Ok((known, Outcome::Known));
    }
    let booked = store::in_spot(&mut tx, lot.id, Spot::at(LotState::Stocked, place)).await?;
    let outcome = if booked == counted {
        Counted::Agrees
    } else {
        Counted::Differs
    };
    let state = match outcome {
        Counted::Agrees => "agrees",
        Counted::Differs => "differs",
    };
    let row = store::CountRow {
        id,
        unit: lot.unit,
        lot: lot.id,
        place,
        counted,
        booked,
        by: by.id,
    };
    store::insert_count(&mut tx, &row, state, services.now()).await?;
    let (kind, now) = (PaperKind::CountSheet, services.now());
    let number = vouchers::take_number(&mut tx, lot.unit, kind, now).await?;
    vouchers::register(&mut tx, (lot.unit, kind), number, (id.bytes(), 0), now).await?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.counted",
        subject: lot.id,
        body: json!({ "count": hex(&id.bytes()), "state": state }),
    };
    finish(tx, services, by, told).await?;
    Ok((outcome, Outcome::Written))
}

/// Explains a difference and brings the books to what was counted, by a movement. Never by the one who counted.
///
/// # Errors
/// [`ReliefError::SamePerson`], [`ReliefError::State`], [`ReliefError::Short`] when the missing pieces left meanwhile.
pub async fn settle_count(services: &Services, by: &Actor, id: CountId, reason: &str) -> Result<(), ReliefError> {
    by.require_somewhere(Permission::GoodsApprove)?;
    rules::check_text("reason", reason, 1)?;
    let mut tx = services.db.begin().await?;
    let row = store::waiting_count(&mut tx, id).await?.ok_or(ReliefError::State {
        state: "settled",
        wanted: "differing",
    })?;
    in_scope(by, Permission::GoodsApprove, (row.unit, "count"))?;
    if row.by == by.id {
        return Err(ReliefError::SamePerson);
    }
    let shelf = Some(Spot::at(LotState::Stocked, row.place));
    let difference = row.counted - row.booked;
    let (from, to) = if difference < 0 {
        (shelf, Some(Spot::at(LotState::Lost, row.place)))
    } else {
        (None, shelf)
    };
    let step = Move {
        lot: row.lot,
        key: format!("count/{}", hex(&id.bytes())),
        from,
        to,
        quantity: difference.abs(),
        paper: format!("count {}", hex(&id.bytes())),
        reason: reason.trim().to_owned(),
        device_at: None,
    };
    store::apply(&mut tx, (row.unit, by.id), &step, services.now()).await?;
    worth::book(&mut tx, services, by, [row.lot]).await?;
    store::settle_count(&mut tx, id, reason.trim(), (by.id, services.now())).await?;
    let told = Told {
        unit: row.unit,
        kind: "goods.count_settled",
        subject: row.lot,
        body: json!({ "count": hex(&id.bytes()), "difference": difference, "moves": moves(&[step]) }),
    };
    Ok(finish(tx, services, by, told).await?)
}
