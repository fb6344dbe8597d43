//! When the log signed.

use db::{DbError, Reads};
use kernel::Instant;

/// When the first tree with an entry was signed here.
pub(super) async fn first_signed_at(at: &mut impl Reads) -> Result<Option<Instant>, DbError> {
    let sql = "SELECT signed_at FROM log_checkpoint WHERE size > 0 ORDER BY size LIMIT 1";
    let row = at.query_one(sql, vec![]).await?;
    row.map(|row| row.instant("signed_at")).transpose()
}
