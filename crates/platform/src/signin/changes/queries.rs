//! Changes of somebody's account, for showing and telling.

use db::{DbError, Reads, params};
use kernel::ActorId;

use super::model::{Change, ChangeId};
use super::rules::KEPT_MAX;
use super::store;

/// What somebody else changed in this account and its owner has not seen, the oldest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn unseen(at: &mut impl Reads, of: ActorId) -> Result<Vec<Change>, DbError> {
    let sql = format!(
        "SELECT {} FROM account_change c JOIN sso_provider p ON p.id = c.provider_id
         WHERE c.actor_id = ?1 AND c.seen_at IS NULL ORDER BY c.changed_at, c.id LIMIT ?2",
        store::CHANGE
    );
    let rows = at.query(&sql, params![(of,), KEPT_MAX]).await?;
    rows.iter().map(store::change).collect()
}

/// One change, seen or not, while it is kept.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_id(at: &mut impl Reads, id: ChangeId) -> Result<Option<Change>, DbError> {
    let sql = format!(
        "SELECT {} FROM account_change c JOIN sso_provider p ON p.id = c.provider_id WHERE c.id = ?1",
        store::CHANGE
    );
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(store::change).transpose()
}
