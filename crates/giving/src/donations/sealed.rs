//! What of a gift is sealed, and its erasure at the donor's wish: the secret is destroyed, the gift stays.

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{GiftId, UnitId};
use platform::Services;
use platform::facts::{self, NewFact};
use platform::identity::{Actor, Permission};
use platform::keys::{GiftSecret, KeyError};

use super::Payer;

/// The sealed part of a gift. Holds no clear text, but no `Debug` either.
pub struct Sealed {
    /// The unit in whose books the gift stands.
    pub unit: UnitId,
    /// The wrapped secret; none after erasure.
    pub secret_wrapped: Option<Vec<u8>>,
    /// The payer, sealed under the secret; none where nothing was told.
    pub payer_sealed: Option<Vec<u8>>,
    /// Whether the name is to be shown nowhere.
    pub anonymous: bool,
}

impl Sealed {
    /// The secret; `None` after erasure.
    ///
    /// # Errors
    /// [`KeyError::Open`].
    pub fn secret(&self, services: &Services) -> Result<Option<GiftSecret>, KeyError> {
        self.secret_wrapped.as_deref().map(|wrapped| services.keys.gift_secret(wrapped)).transpose()
    }
    /// The payer; nobody where nothing was told.
    ///
    /// # Errors
    /// [`KeyError::Open`].
    pub fn payer(&self, secret: &GiftSecret) -> Result<Payer, KeyError> {
        let Some(sealed) = self.payer_sealed.as_deref() else { return Ok(Payer::default()) };
        serde_json::from_slice(&secret.open("payer", sealed)?).map_err(|_| KeyError::Open)
    }
}

/// The sealed part of a gift.
///
/// # Errors
/// Any [`DbError`].
pub async fn load(at: &mut impl Reads, gift: GiftId) -> Result<Option<Sealed>, DbError> {
    let sql = "SELECT unit_id, secret_wrapped, payer_sealed, anonymous FROM gift WHERE id = ?1";
    let row = at.query_one(sql, params![(gift,)]).await?;
    row.map(|row| {
        Ok(Sealed {
            unit: row.id("unit_id")?,
            secret_wrapped: row.opt_bytes("secret_wrapped")?,
            payer_sealed: row.opt_bytes("payer_sealed")?,
            anonymous: row.flag("anonymous")?,
        })
    })
    .transpose()
}

/// Why a gift was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// There is no such gift.
    #[error("there is no such gift")]
    NotFound,
    /// The actor may not.
    #[error("{0}")]
    Forbidden(#[from] platform::identity::Forbidden),
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
}

/// Destroys the secret of a gift and what stood masked beside it. Amount, day and books stay. Repeating it changes
/// nothing.
///
/// # Errors
/// [`EraseError`].
pub async fn erase(services: &Services, by: &Actor, gift: GiftId) -> Result<(), EraseError> {
    let mut tx = services.db.begin().await?;
    let sealed = load(&mut tx, gift).await?.ok_or(EraseError::NotFound)?;
    by.require(Permission::GiftReview, sealed.unit)?;
    if sealed.secret_wrapped.is_none() {
        return Ok(());
    }
    tx.execute(
        "UPDATE gift SET secret_wrapped = NULL, payer_sealed = NULL, payer_masked = NULL, phone_month = NULL,
         phone_index = NULL WHERE id = ?1",
        params![(gift,)],
    )
    .await?;
    let body = serde_json::json!({});
    let fact =
        NewFact { unit: sealed.unit, kind: "gift.erased", subject: gift.bytes(), actor: Some(by.id), body };
    facts::append(&mut tx, fact, services).await?;
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(())
}
