//! The table `partner_series`.

use db::{DbError, Reads as _, Tx, params};
use kernel::{Instant, UnitId};

/// The next number; the counter's row is the lock, and one that is given up leaves no gap.
pub(crate) async fn take(tx: &mut Tx, unit: UnitId, kind: &str, now: Instant) -> Result<(i64, i64), DbError> {
    let year = i64::from(now.business_day().year());
    tx.execute(
        "INSERT INTO partner_series (unit_id, kind, year, last) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (unit_id, kind, year) DO UPDATE SET last = partner_series.last + 1",
        params![(unit,), kind, year],
    )
    .await?;
    let row = tx
        .query_one(
            "SELECT last FROM partner_series WHERE unit_id = ?1 AND kind = ?2 AND year = ?3",
            params![(unit,), kind, year],
        )
        .await?;
    let row = row.ok_or_else(|| DbError::Other("a series of numbers vanished".into()))?;
    Ok((year, row.int("last")?))
}
