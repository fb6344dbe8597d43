//! Storing settings.

use db::{Db, DbError};

use super::store;

/// Stores settings of the installation, all or none; a name that has a value gets the new one.
///
/// # Errors
/// Any [`DbError`].
pub async fn store_settings(db: &Db, settings: &[(&str, &str)]) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    for (name, value) in settings {
        store::put(&mut tx, name, value).await?;
    }
    tx.commit().await
}
