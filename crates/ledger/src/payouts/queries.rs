//! Reads for showing.

use db::{DbError, Reads, params};
use kernel::id::Id as _;
use kernel::{JournalId, PayoutId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::Payout;
use super::store::{PAYOUT, read};

/// Payouts in this state in the reader's scope, oldest first, after one, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    at: &mut impl Reads,
    state: &str,
    (scope, tree): (&Scope, &UnitTree),
    after: Option<PayoutId>,
    limit: i64,
) -> Result<Vec<Payout>, DbError> {
    let mut values = params![after.unwrap_or(PayoutId::from_bytes([0; 16])).bytes(), limit, state];
    let within = scope.condition("unit_id", tree, &mut values);
    let sql = format!("{PAYOUT} WHERE id > ?1 AND state = ?3 AND {within} ORDER BY id LIMIT ?2");
    at.query(&sql, values).await?.iter().map(read).collect()
}

/// The payout that a journal booked. Rarely asked, of a small table.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_journal(at: &mut impl Reads, journal: JournalId) -> Result<Option<PayoutId>, DbError> {
    let row = at
        .query_one("SELECT id FROM book_payout WHERE journal_id = ?1", params![(journal,)])
        .await?;
    row.map(|row| row.id("id")).transpose()
}
