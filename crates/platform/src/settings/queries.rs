//! Reading settings.

use db::{Db, DbError, Reads as _, params};

/// A setting of the installation.
///
/// # Errors
/// Any [`DbError`].
pub async fn setting(db: &Db, name: &str) -> Result<Option<String>, DbError> {
    let mut at = db.snapshot().await?;
    let row = at
        .query_one("SELECT value FROM setting WHERE name = ?1", params![name])
        .await?;
    row.map(|row| row.text("value")).transpose()
}
