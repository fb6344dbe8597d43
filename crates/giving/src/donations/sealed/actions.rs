//! Erasure.

use kernel::GiftId;
use kernel::id::Id as _;
use platform::Services;
use platform::facts::{self, NewFact};
use platform::identity::{Actor, Permission};

use super::{EraseError, store};

/// Destroys the secret of a gift and what stood masked beside it. Amount, day and books stay. Repeating it changes
/// nothing.
///
/// # Errors
/// [`EraseError`].
pub async fn erase(services: &Services, by: &Actor, gift: GiftId) -> Result<(), EraseError> {
    let mut tx = services.db.begin().await?;
    let sealed = store::load(&mut tx, gift).await?.ok_or(EraseError::NotFound)?;
    by.require(Permission::GiftReview, sealed.unit)?;
    if sealed.secret_wrapped.is_none() {
        return Ok(());
    }
    store::forget(&mut tx, gift).await?;
    let body = serde_json::json!({});
    let fact = NewFact {
        unit: sealed.unit,
        kind: "gift.erased",
        subject: gift.bytes(),
        actor: Some(by.id),
        body,
    };
    facts::append(&mut tx, fact, services).await?;
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(())
}
