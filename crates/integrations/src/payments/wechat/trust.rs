//! The platform's keys: which are believed, and when new ones may be asked for.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use giving::donations::orders::Provider;
use kernel::{Instant, UnitId};
use platform::Services;

use crate::payments::settings::{PlatformKey, keep_platform_keys};

/// The platform's keys are asked for at most so often: who forges notices must not make us ask WeChat for each.
const RENEW_EVERY_MICROS: i64 = 60 * 1_000_000;

pub(super) struct Trust {
    unit: UnitId,
    keys: RwLock<Vec<PlatformKey>>,
    renewed_at: AtomicI64,
}

impl Trust {
    pub(super) fn new(unit: UnitId, keys: Vec<PlatformKey>) -> Self {
        Self {
            unit,
            keys: RwLock::new(keys),
            renewed_at: AtomicI64::new(i64::MIN),
        }
    }

    /// The key with this serial, if it may be believed now.
    pub(super) fn key(&self, serial: &str, now: Instant) -> Option<Vec<u8>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let fits = |key: &&PlatformKey| key.serial == serial && key.is_valid(now);
        keys.iter().find(fits).map(|key| key.public_key.clone())
    }

    /// The serial we like to see in answers: a public key if we have one, else the certificate that lasts longest.
    pub(super) fn preferred(&self, now: Instant) -> Option<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let lasts = |key: &&PlatformKey| key.valid_to.map_or(i64::MAX, Instant::micros);
        let best = keys.iter().filter(|key| key.is_valid(now)).max_by_key(lasts);
        best.map(|key| key.serial.clone())
    }

    /// Whether the platform may be asked for its keys now; says yes once in a while.
    pub(super) fn may_renew(&self, now: Instant) -> bool {
        let before = self.renewed_at.load(Ordering::Relaxed);
        let due = before == i64::MIN || now.micros().saturating_sub(before) >= RENEW_EVERY_MICROS;
        due && self
            .renewed_at
            .compare_exchange(before, now.micros(), Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    /// Takes fresh keys, here and in the settings. That they could not be stored costs one more look, nothing else.
    pub(super) async fn keep(&self, services: &Services, fresh: Vec<PlatformKey>) {
        if let Err(error) = keep_platform_keys(services, (self.unit, Provider::Wechat), &fresh).await {
            tracing::warn!(%error, "WeChat Pay’s certificates were fetched but not stored");
        }
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|key| !fresh.iter().any(|other| other.serial == key.serial));
        keys.extend(fresh);
    }
}
