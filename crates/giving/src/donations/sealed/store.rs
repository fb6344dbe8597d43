//! The sealed columns of the table `gift`.

use db::{DbError, Param as _, Reads, Row, Tx, params, wide_values};
use kernel::GiftId;

use super::Sealed;

/// The sealed part of a gift.
///
/// # Errors
/// Any [`DbError`].
pub async fn load(at: &mut impl Reads, gift: GiftId) -> Result<Option<Sealed>, DbError> {
    let sql = "SELECT unit_id, secret_wrapped, payer_sealed, anonymous FROM gift WHERE id = ?1";
    let row = at.query_one(sql, params![(gift,)]).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Sealed, DbError> {
    Ok(Sealed {
        unit: row.id("unit_id")?,
        secret_wrapped: row.opt_bytes("secret_wrapped")?,
        payer_sealed: row.opt_bytes("payer_sealed")?,
        anonymous: row.flag("anonymous")?,
    })
}

/// The sealed parts of many gifts, in no order; what does not exist is left out.
///
/// # Errors
/// Any [`DbError`].
pub async fn load_many(at: &mut impl Reads, gifts: &[GiftId]) -> Result<Vec<(GiftId, Sealed)>, DbError> {
    if gifts.is_empty() {
        return Ok(Vec::new());
    }
    let values = gifts.iter().map(|gift| (*gift,).param()).collect();
    let ids = wide_values(at.backend(), 1, gifts.len());
    let sql = format!("SELECT id, unit_id, secret_wrapped, payer_sealed, anonymous FROM gift WHERE id IN {ids}");
    let rows = at.query(&sql, values).await?;
    rows.iter().map(|row| Ok((row.id("id")?, read(row)?))).collect()
}

/// Forgets the secret of a gift and what stands masked beside it.
pub(super) async fn forget(tx: &mut Tx, gift: GiftId) -> Result<(), DbError> {
    let sql = "UPDATE gift SET secret_wrapped = NULL, payer_sealed = NULL, payer_masked = NULL, phone_month = NULL,
               phone_index = NULL WHERE id = ?1";
    tx.execute(sql, params![(gift,)]).await.map(drop)
}
