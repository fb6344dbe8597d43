//! Opening one payer, and erasure.

use kernel::GiftId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission, RevealReason};
use serde_json::json;

use super::model::{Erased, ErasureReason};
use super::store;
use crate::donations::Payer;
use crate::donations::error::DonationError;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["gift.erased", "gift.payer_revealed"];

/// Opens who paid one gift, as told; nobody where nothing was told. Needs [`Permission::PersonalReveal`] where the money
/// is. Fact `gift.payer_revealed` with the reason.
///
/// # Errors
/// [`DonationError`]: not allowed, no such gift, or its personal data was destroyed.
pub async fn reveal(
    services: &Services,
    by: &Actor,
    gift: GiftId,
    reason: RevealReason,
) -> Result<Payer, DonationError> {
    by.require_somewhere(Permission::PersonalReveal)?;
    let mut tx = services.db.begin().await?;
    let missing = || DonationError::NotFound("gift");
    let sealed = store::load(&mut tx, gift).await?.ok_or_else(missing)?;
    by.require(Permission::PersonalReveal, sealed.unit)
        .map_err(|_| missing())?;
    let secret = sealed.secret(services)?.ok_or(DonationError::NotFound("payer"))?;
    let payer = sealed.payer(&secret)?;
    let fact = NewFact {
        unit: sealed.unit,
        kind: "gift.payer_revealed",
        subject: gift.bytes(),
        actor: Some(by.id),
        body: json!({ "reason": reason }),
    };
    conclude(tx, fact, services).await?;
    Ok(payer)
}

/// Destroys all that is personal about the giver of one gift: the gift's secret with everything sealed under it (the
/// payer, and the stored certificates, whose hashes stay), its masked name and blind index, the orders that became it
/// and the held lines with its number. Amount, day, number and books stay. Needs [`Permission::PersonalManage`] where
/// the money is. Repeating it changes nothing, unless a line with its number was held since. Fact `gift.erased`.
///
/// # Errors
/// [`DonationError`]: not allowed, no such gift.
pub async fn erase(
    services: &Services,
    by: &Actor,
    gift: GiftId,
    reason: ErasureReason,
) -> Result<Erased, DonationError> {
    by.require_somewhere(Permission::PersonalManage)?;
    destroy(services, Some(by), gift, reason).await
}

/// The same at the wish of the giver herself: who calls has made sure that the gift is hers. Fact `gift.erased`.
///
/// # Errors
/// [`DonationError`]: no such gift.
pub(crate) async fn erase_own(services: &Services, gift: GiftId) -> Result<Erased, DonationError> {
    destroy(services, None, gift, ErasureReason::GiverAsked).await
}

async fn destroy(
    services: &Services,
    by: Option<&Actor>,
    gift: GiftId,
    reason: ErasureReason,
) -> Result<Erased, DonationError> {
    let mut tx = services.db.begin().await?;
    let number = store::lock(&mut tx, gift)
        .await?
        .ok_or(DonationError::NotFound("gift"))?;
    if by.is_some_and(|by| by.require(Permission::PersonalManage, number.unit).is_err()) {
        return Err(DonationError::NotFound("gift"));
    }
    let erased = Erased {
        gifts: store::forget_gift(&mut tx, gift).await?,
        orders: store::forget_orders(&mut tx, gift, &number).await? + store::forget_forms(&mut tx, gift).await?,
        held_lines: store::forget_held_lines(&mut tx, gift, &number).await?,
    };
    if erased.is_nothing() {
        return Ok(erased);
    }
    let fact = NewFact {
        unit: number.unit,
        kind: "gift.erased",
        subject: gift.bytes(),
        actor: by.map(|by| by.id),
        body: json!({ "reason": reason, "orders": erased.orders, "held_lines": erased.held_lines }),
    };
    conclude(tx, fact, services).await?;
    Ok(erased)
}
