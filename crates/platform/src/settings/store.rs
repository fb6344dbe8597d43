//! The table `setting`.

use db::{DbError, Tx, params};

/// Gives a name its value.
pub(super) async fn put(tx: &mut Tx, name: &str, value: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, params![name, value]).await.map(drop)
}
