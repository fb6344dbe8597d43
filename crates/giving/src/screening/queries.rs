//! Holds for reviewers.

use db::{DbError, Reads, params};
use kernel::GiftId;
use kernel::id::Id as _;
use platform::UnitTree;
use platform::identity::Scope;

use super::model::{Hold, Signal};
use super::store;
pub use super::store::hold;

/// Holds in a state, newest first, before `after`.
///
/// # Errors
/// Any [`DbError`], as for all of this file.
pub async fn list(
    at: &mut impl Reads,
    (state, signal): (&str, Option<Signal>),
    (scope, tree): (&Scope, &UnitTree),
    after: Option<GiftId>,
    limit: i64,
) -> Result<Vec<Hold>, DbError> {
    let mut values = params![(after.unwrap_or(GiftId::from_bytes([0xff; 16])),), limit, state];
    let within = scope.condition("h.unit_id", tree, &mut values);
    let only = signal.map_or_else(String::new, |signal| {
        values.push(db::Param::param(signal.as_str()));
        format!(" AND h.signal = ?{}", values.len())
    });
    let sql = format!(
        "{} WHERE {within} AND h.state = ?3 AND h.gift_id < ?1{only} ORDER BY h.gift_id DESC LIMIT ?2",
        store::HOLD
    );
    at.query(&sql, values).await?.iter().map(store::read).collect()
}
