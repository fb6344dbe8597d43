//! Reading settings.

use db::{Db, DbError, Reads, params};

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

/// Settings whose names begin with this, by name, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn beginning_with(at: &mut impl Reads, prefix: &str, limit: i64) -> Result<Vec<(String, String)>, DbError> {
    // A range of the key, not a pattern: what stands in a name means only itself.
    let sql = "SELECT name, value FROM setting WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3";
    let rows = at
        .query(sql, params![prefix, format!("{prefix}\u{10ffff}"), limit])
        .await?;
    rows.iter()
        .map(|row| Ok((row.text("name")?, row.text("value")?)))
        .collect()
}
