//! The nightly job that forgets old keys.

use crate::Services;
use crate::jobs::{Handler, Nightly, Run, Work};

/// The kind of the job.
const KIND: &str = "idempotency.forget_old";

/// When it is done: while nobody works.
pub const NIGHTLY: Nightly = Nightly { kind: KIND, hour: 3 };

/// Forgets keys older than [`super::KEPT_DAYS`].
#[derive(Debug, Clone, Copy)]
pub struct ForgetOld;

impl Handler for ForgetOld {
    fn kind(&self) -> &'static str {
        KIND
    }
    fn work<'a>(&'a self, _: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let mut tx = services.db.begin().await?;
            let forgotten = super::forget_old(&mut tx, services.now()).await?;
            tx.commit().await?;
            Ok(serde_json::json!({ "forgotten": forgotten }))
        })
    }
}
