//! Counting tries before they are looked at.

use std::net::IpAddr;

use kernel::Instant;
use kernel::id::Id as _;
use serde_json::json;

use super::DAY_MICROS;
use crate::Services;
use crate::facts::{NewFact, conclude};
use crate::identity::store as identity;
use crate::signin::error::SigninError;
use crate::signin::model::Policy;
use crate::signin::{rules, store};

/// A lock that a try sets unless it succeeds.
pub(in crate::signin) struct Lock {
    of: Vec<&'static str>,
    until: Instant,
}

/// Under what a try is counted: keyed hashes of the address and of the name. The address comes first, so that two
/// tries always take their rows in the same order.
pub(in crate::signin) struct Counted {
    address: Option<Vec<u8>>,
    name: Vec<u8>,
}

impl Counted {
    /// A try from an address; without one, of somebody who is signed in already.
    pub(in crate::signin) fn of(services: &Services, name: &str, address: Option<IpAddr>) -> Self {
        let index = |what: &str, value: &str| services.keys.blind_index(what, value);
        Self {
            // A proxy on this machine that nobody named says nothing of who knocks: one guesser would lock all out.
            address: address
                .filter(|from| !from.is_loopback() && !from.is_unspecified())
                .map(|from| index("signin.address", &rules::network(from))),
            name: index("signin.name", &name.trim().to_lowercase()),
        }
    }

    /// Counts one more try, or refuses it. Tells the lock that this try leaves behind if it fails.
    pub(in crate::signin) async fn one_more(
        &self,
        services: &Services,
        policy: &Policy,
    ) -> Result<Option<Lock>, SigninError> {
        let now = services.now();
        let mut tx = services.db.begin().await?;
        let mut lock: Option<Lock> = None;
        let limits = [
            (self.address.as_deref(), policy.failures_max_address, "address"),
            (Some(self.name.as_slice()), policy.failures_max, "name"),
        ];
        for (key, max, what) in limits {
            let Some(key) = key else { continue };
            let before = store::failures(&mut tx, key, now).await?;
            let after = rules::one_more(before, max, policy.lock_micros, now);
            let after = after.map_err(|until| SigninError::Locked {
                retry_s: rules::seconds_until(now, until),
            })?;
            store::put_failures(&mut tx, key, after).await?;
            if let Some(until) = after.locked_until {
                lock.get_or_insert(Lock { of: Vec::new(), until }).of.push(what);
            }
        }
        store::forget_old_failures(&mut tx, now.plus_micros(-DAY_MICROS)).await?;
        tx.commit().await?;
        Ok(lock)
    }

    /// Tells that a failed try was the last one before a lock. Fact `signin.locked`, about the user, or about the keyed
    /// hash of a name that nobody has.
    pub(in crate::signin) async fn tell(
        &self,
        services: &Services,
        name: &str,
        lock: Option<Lock>,
    ) -> Result<(), SigninError> {
        let Some(lock) = lock else { return Ok(()) };
        let mut tx = services.db.begin().await?;
        let known = identity::user_by_name(&mut tx, name.trim()).await.ok();
        let root = services.tree.roots().first().copied();
        let Some(unit) = known.as_ref().map(|user| user.unit).or(root) else {
            return Ok(());
        };
        let mut nobody = [0; 16];
        nobody.copy_from_slice(&self.name[..16]);
        let fact = NewFact {
            unit,
            kind: "signin.locked",
            subject: known.map_or(nobody, |user| user.id.bytes()),
            actor: None,
            body: json!({ "of": lock.of, "until": lock.until.to_rfc3339() }),
        };
        Ok(conclude(tx, fact, services).await?)
    }

    /// Takes a counted try back: it was no failure.
    pub(in crate::signin) async fn give_back(&self, services: &Services) -> Result<(), SigninError> {
        let mut tx = services.db.begin().await?;
        if let Some(address) = &self.address {
            store::give_back(&mut tx, address).await?;
        }
        store::give_back(&mut tx, &self.name).await?;
        Ok(tx.commit().await?)
    }

    /// In the transaction of a success: the name's failures are forgotten, the address loses this one try alone, or a
    /// guesser with an account of his own could begin anew for ever.
    pub(in crate::signin) async fn succeeded(&self, tx: &mut db::Tx) -> Result<(), SigninError> {
        if let Some(address) = &self.address {
            store::give_back(tx, address).await?;
        }
        Ok(store::forget_failures(tx, &self.name).await?)
    }
}
