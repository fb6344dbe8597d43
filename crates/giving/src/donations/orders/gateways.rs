//! The gateways of the installation, by unit and provider; loaded from the settings by `integrations`.

use std::sync::{Arc, PoisonError, RwLock};

use kernel::{ReceivingAccountId, UnitId};
use platform::UnitTree;

use super::gateway::{Connected, Provider};

/// The gateways in memory; a unit without one of its own uses its parent's.
#[derive(Default)]
pub struct Gateways(RwLock<Arc<Vec<Connected>>>);

impl Gateways {
    /// Replaces them all: after start and after every change of the settings.
    pub fn set(&self, all: Vec<Connected>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
    }

    /// All of them.
    pub fn all(&self) -> Arc<Vec<Connected>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The gateway of this account.
    pub fn of_account(&self, account: ReceivingAccountId) -> Option<Connected> {
        self.all().iter().find(|each| each.account == account).cloned()
    }

    /// The provider's gateway of the nearest unit, itself first.
    pub fn nearest(&self, unit: UnitId, provider: Provider, tree: &UnitTree) -> Option<Connected> {
        let mut line = tree.ancestors(unit);
        if line.is_empty() {
            line.push(unit);
        }
        let all = self.all();
        line.into_iter()
            .find_map(|unit| {
                let fits = |each: &&Connected| each.unit == unit && each.gateway.provider() == provider;
                all.iter().find(fits)
            })
            .cloned()
    }

    /// Which providers a unit's donors can choose from, in a stable order.
    pub fn offered(&self, unit: UnitId, tree: &UnitTree) -> Vec<Provider> {
        let has = |provider: &Provider| self.nearest(unit, *provider, tree).is_some();
        Provider::ALL.into_iter().filter(has).collect()
    }
}
