//! The common ending of an action.

use db::{DbError, Tx};

use super::{NewFact, append};
use crate::Services;

/// Ends an action: appends its one fact, commits, and rings for the reactions. What is called after the commit sees
/// all of it; on an error nothing of it is there.
///
/// # Errors
/// Any [`DbError`].
pub async fn conclude(mut tx: Tx, fact: NewFact, services: &Services) -> Result<(), DbError> {
    append(&mut tx, fact, services).await?;
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(())
}
