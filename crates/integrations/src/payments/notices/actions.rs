//! Keeping and forgetting.

use db::DbError;
use kernel::{ReceivingAccountId, UnitId};
use platform::Services;

use super::{KEPT_DAYS, store};

/// What is kept of a notice. No personal data.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The provider's number of it.
    pub event: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// The order or refund that it is about.
    pub trade_no: Option<&'a str>,
    /// What became of it.
    pub outcome: &'a str,
}

/// Keeps that a notice came. The log has no fact of its own: what a notice changes has.
///
/// # Errors
/// Any [`DbError`].
pub async fn note(services: &Services, place: (UnitId, ReceivingAccountId), record: Record<'_>) -> Result<(), DbError> {
    let mut tx = services.db.begin().await?;
    store::upsert(&mut tx, place, &record, services.now()).await?;
    tx.commit().await
}

/// Forgets what is older than [`KEPT_DAYS`].
///
/// # Errors
/// Any [`DbError`].
pub async fn forget_old(services: &Services) -> Result<u64, DbError> {
    const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;
    let mut tx = services.db.begin().await?;
    let before = services.now().plus_micros(-KEPT_DAYS * DAY_MICROS);
    let gone = store::delete_before(&mut tx, before).await?;
    tx.commit().await?;
    Ok(gone)
}
