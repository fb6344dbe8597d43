//! What people see of the settings.

use db::{DbError, Reads};
use giving::donations::orders::Provider;
use kernel::{ReceivingAccountId, UnitId};
use platform::Services;

use super::store;

/// A gateway as people see it.
pub(super) struct Shown {
    pub(super) unit: UnitId,
    pub(super) provider: Provider,
    pub(super) account: ReceivingAccountId,
    pub(super) merchant_no: String,
    pub(super) app_id: String,
    pub(super) endpoint: String,
    pub(super) key_serial: String,
    /// See [`Secrets::fingerprint`](super::Secrets::fingerprint).
    pub(super) key_fingerprint: String,
}

/// Every gateway, without its keys.
pub(super) async fn all(at: &mut impl Reads, services: &Services) -> Result<Vec<Shown>, DbError> {
    let all = store::all(at, services).await?;
    Ok(all
        .into_iter()
        .map(|one| Shown {
            key_fingerprint: one.secrets.fingerprint(),
            unit: one.unit,
            provider: one.provider,
            account: one.account,
            merchant_no: one.merchant_no,
            app_id: one.app_id,
            endpoint: one.endpoint,
            key_serial: one.key_serial,
        })
        .collect())
}
