//! A witness (C2SP tlog-witness): a program of a supervisor's own that cosigns a log's checkpoint only when it continues
//! what it cosigned before. Who holds a cosigned checkpoint knows that nobody was shown another log.
//!
//! Stands alone: its own key, its own database, nothing of an installation. Invariants: it never cosigns two trees of one
//! size, nor a smaller one after a larger; what it answers was durable before. Called by `qiao witness`.

pub mod actions;
mod error;
pub mod http;
mod judge;
mod store;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use db::{Db, Migration};
use kernel::Clock;

use crate::tlog::{Signer, Verifier};

pub use error::WitnessError;
pub use judge::{Judge, Judged, Verdict};
pub use store::Watched;

/// The migrations of a witness's own database.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "witness/0001_witness",
    sql: include_str!("../../migrations/witness/0001_witness.sql"),
}];

/// A witness. Cheap to clone.
#[derive(Clone)]
pub struct Witness {
    db: Db,
    signer: Arc<Signer>,
    clock: Arc<dyn Clock>,
    judge: Option<Arc<dyn Judge>>,
    after_persist: Option<fn()>,
}

impl Witness {
    /// Over its own migrated database; the key is one for cosignatures.
    pub fn new(db: Db, signer: Signer, clock: Arc<dyn Clock>) -> Self {
        Self {
            db,
            signer: Arc::new(signer),
            clock,
            judge: None,
            after_persist: None,
        }
    }

    /// The same, calling this whenever a tree is durable and not yet answered: tests end the process there.
    #[must_use]
    pub fn told_after_persist(self, called: fn()) -> Self {
        let after_persist = Some(called);
        Self { after_persist, ..self }
    }

    /// The same, cosigning only what this judge lets pass: a monitor. Its key must be its own, since its cosignature
    /// says more.
    #[must_use]
    pub fn judged(self, judge: Arc<dyn Judge>) -> Self {
        let judge = Some(judge);
        Self { judge, ..self }
    }

    /// Its public key.
    pub fn verifier(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// The logs it watches, and what it cosigned last of each.
    ///
    /// # Errors
    /// [`WitnessError::Db`].
    pub async fn watched(&self) -> Result<Vec<Watched>, WitnessError> {
        let mut at = self.db.snapshot().await?;
        Ok(store::all(&mut at).await?)
    }
}
