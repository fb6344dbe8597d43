//! Beginning and ending a run.

use db::DbError;
use kernel::id::Id as _;
use kernel::{ImportId, Instant};
use platform::Services;
use platform::facts::{NewFact, conclude};

use super::{NewImport, store};

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
    conclude(tx, fact, services).await
}
