//! Reads for showing.

use db::{DbError, Reads, order_by, params, past};
use kernel::{Fen, JournalId, Order, PayoutId};
use platform::UnitTree;
use platform::identity::Scope;

use super::model::Payout;
use super::store::{PAYOUT, read};

/// Payouts in this state in the reader's scope, in this order, after the amount and id of the last one seen, at most
/// `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    at: &mut impl Reads,
    (state, order): (&str, Order),
    (scope, tree): (&Scope, &UnitTree),
    after: Option<(Fen, PayoutId)>,
    limit: i64,
) -> Result<Vec<Payout>, DbError> {
    let mut values = params![limit, state];
    let within = scope.condition("unit_id", tree, &mut values);
    let behind = past(order, after, &mut values);
    let sql = format!(
        "{PAYOUT} WHERE {behind} AND state = ?2 AND {within} ORDER BY {} LIMIT ?1",
        order_by(order)
    );
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
