//! Recording what a giver says later.

use kernel::GiftId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::{NewFact, conclude};
use platform::identity::{Actor, Permission};
use serde_json::json;

use super::{ReceiptWish, store};
use crate::donations::error::DonationError;
use crate::donations::queries;

/// The kinds of facts this slice writes, for the golden list.
pub const FACT_KINDS: &[&str] = &["gift.receipt_said"];

/// Records what the giver of a gift says about its receipt; needs [`Permission::GiftRecord`] where the money is. The
/// same again changes nothing. Fact `gift.receipt_said`.
///
/// # Errors
/// [`DonationError`]: not allowed, no such gift.
pub async fn say(services: &Services, by: &Actor, gift: GiftId, wish: ReceiptWish) -> Result<(), DonationError> {
    by.require_somewhere(Permission::GiftRecord)?;
    let mut tx = services.db.begin().await?;
    let facts = queries::gift(&mut tx, gift)
        .await?
        .filter(|facts| by.require(Permission::GiftRecord, facts.unit).is_ok())
        .ok_or(DonationError::NotFound("gift"))?;
    if facts.receipt_wish == Some(wish) {
        return Ok(());
    }
    store::put(&mut tx, facts.unit, gift, (wish, services.now())).await?;
    let fact = NewFact {
        unit: facts.unit,
        kind: "gift.receipt_said",
        subject: gift.bytes(),
        actor: Some(by.id),
        body: json!({ "wish": wish }),
    };
    conclude(tx, fact, services).await?;
    Ok(())
}
