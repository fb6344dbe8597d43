//! Goods in store that are missing or broken: recorded by one person, decided by another.

use kernel::ActorId;
use platform::Services;
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::super::model::{LotState, Move, Spot};
use super::super::{rules, store};
use super::Outcome;
use crate::error::{ReliefError, in_scope};
use crate::told::{Told, finish, moves};
use crate::worth::actions as worth;
use crate::{LotId, PlaceId};

/// A loss that was written down.
pub(crate) struct Loss<'a> {
    /// The lot.
    pub(crate) lot: LotId,
    /// Where it lay.
    pub(crate) place: PlaceId,
    /// How many of the lot's unit.
    pub(crate) quantity: i64,
    /// What makes it the same loss when it is decided again.
    pub(crate) key: &'a str,
    /// What happened.
    pub(crate) reason: &'a str,
    /// Who wrote it down.
    pub(crate) written_by: ActorId,
}

/// Takes lost goods out of the store; never by the one who wrote the loss down. The same key again changes nothing.
///
/// # Errors
/// [`ReliefError::SamePerson`], [`ReliefError::Short`], [`ReliefError::NotFound`].
pub(crate) async fn lose(services: &Services, by: &Actor, loss: &Loss<'_>) -> Result<Outcome, ReliefError> {
    by.require_somewhere(Permission::GoodsApprove)?;
    rules::check_quantity(loss.quantity)?;
    rules::check_text("reason", loss.reason, 1)?;
    if loss.written_by == by.id {
        return Err(ReliefError::SamePerson);
    }
    let mut tx = services.db.begin().await?;
    let lot = store::lock_lot(&mut tx, loss.lot)
        .await?
        .ok_or(ReliefError::NotFound("lot"))?;
    in_scope(by, Permission::GoodsApprove, (lot.unit, "lot"))?;
    let step = Move {
        lot: lot.id,
        key: loss.key.to_owned(),
        from: Some(Spot::at(LotState::Stocked, loss.place)),
        to: Some(Spot::at(LotState::Lost, loss.place)),
        quantity: loss.quantity,
        paper: format!("loss {}", loss.key),
        reason: loss.reason.trim().to_owned(),
        device_at: None,
    };
    if store::is_known(&mut tx, lot.unit, &step).await? {
        return Ok(Outcome::Known);
    }
    store::apply(&mut tx, (lot.unit, by.id), &step, services.now()).await?;
    worth::book(&mut tx, services, by, [lot.id]).await?;
    let told = Told {
        unit: lot.unit,
        kind: "goods.lost",
        subject: lot.id,
        body: json!({ "moves": moves(&[step]) }),
    };
    finish(tx, services, by, told).await?;
    Ok(Outcome::Written)
}
