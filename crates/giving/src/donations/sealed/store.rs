//! The sealed columns of the table `gift`.

use db::{DbError, Reads, Tx, params};
use kernel::GiftId;

use super::Sealed;

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

/// Forgets the secret of a gift and what stands masked beside it.
pub(super) async fn forget(tx: &mut Tx, gift: GiftId) -> Result<(), DbError> {
    let sql = "UPDATE gift SET secret_wrapped = NULL, payer_sealed = NULL, payer_masked = NULL, phone_month = NULL,
               phone_index = NULL WHERE id = ?1";
    tx.execute(sql, params![(gift,)]).await.map(drop)
}
