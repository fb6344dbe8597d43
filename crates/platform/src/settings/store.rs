//! The table `setting`.

use db::{DbError, Tx, params};

/// Gives a name its value, in the transaction of the change.
///
/// # Errors
/// Any [`DbError`].
pub async fn put(tx: &mut Tx, name: &str, value: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, params![name, value]).await.map(drop)
}

/// Takes a name and its value away, in the transaction of the change; tells whether there was one.
///
/// # Errors
/// Any [`DbError`].
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool, DbError> {
    let removed = tx.execute("DELETE FROM setting WHERE name = ?1", params![name]).await?;
    Ok(removed > 0)
}
