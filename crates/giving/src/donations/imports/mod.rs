//! Runs of an import: begun, filled by the intake, ended with their report; taken back by `refunds`.
//!
//! A run that was cut off (power, kill) stays `running`: what it brought is whole gifts, and the same file given
//! again adds only what is missing.

mod store;

use db::DbError;
use kernel::{ActorId, ImportId, Instant, ProjectId, ReceivingAccountId, UnitId};
use platform::Services;
use platform::facts::{self, NewFact};

pub use store::{ImportRun, known_numbers, list, load};

/// What a run is of.
pub struct NewImport<'a> {
    /// The unit whose account received the money.
    pub unit: UnitId,
    /// The project of all its gifts.
    pub project: ProjectId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The profile's name.
    pub profile: &'a str,
    /// SHA-256 of the file.
    pub file_sha256: [u8; 32],
    /// Who imports.
    pub actor: ActorId,
}

/// Begins a run.
///
/// # Errors
/// Any [`DbError`].
pub async fn begin(new: &NewImport<'_>, services: &Services) -> Result<ImportId, DbError> {
    let id = ImportId::new(services.now(), &*services.rng);
    let mut tx = services.db.begin().await?;
    store::insert(&mut tx, id, new, services.now()).await?;
    tx.commit().await?;
    Ok(id)
}

/// Ends a run with its report (counts and sums, no names) and one fact.
///
/// # Errors
/// Any [`DbError`].
pub async fn end(
    id: ImportId,
    new: &NewImport<'_>,
    report: &serde_json::Value,
    services: &Services,
) -> Result<(), DbError> {
    use kernel::id::Id as _;
    let mut tx = services.db.begin().await?;
    let now: Instant = services.now();
    store::finish(&mut tx, id, &report.to_string(), now).await?;
    let fact = NewFact {
        unit: new.unit,
        kind: "import.ended",
        subject: id.bytes(),
        actor: Some(new.actor),
        body: report.clone(),
    };
    facts::append(&mut tx, fact, services).await?;
    tx.commit().await?;
    services.facts_written.notify_waiters();
    Ok(())
}
