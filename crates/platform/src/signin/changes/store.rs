//! The table `account_change`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant};

use super::model::{Change, ChangeId, What};
use super::rules::KEPT_MAX;
use crate::signin::sso::ProviderId;

pub(super) const CHANGE: &str = "c.id, c.actor_id, c.what, c.changed_by, c.changed_at, p.code, p.label";

pub(super) fn change(row: &Row) -> Result<Change, DbError> {
    Ok(Change {
        id: row.id("id")?,
        actor: row.id("actor_id")?,
        what: row.word("what")?,
        provider: row.text("code")?,
        label: row.text("label")?,
        by: row.id("changed_by")?,
        at: row.instant("changed_at")?,
    })
}

/// Writes a change down, and forgets the oldest of this person beyond what is kept.
pub(super) async fn insert(
    tx: &mut Tx,
    (id, what): (ChangeId, What),
    (of, provider): (ActorId, ProviderId),
    (by, at): (ActorId, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO account_change (id, actor_id, what, provider_id, changed_by, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![(id,), (of,), what.as_str(), (provider,), (by,), at],
    )
    .await?;
    tx.execute(
        "DELETE FROM account_change WHERE actor_id = ?1 AND id NOT IN
         (SELECT c.id FROM account_change c WHERE c.actor_id = ?1 ORDER BY c.changed_at DESC, c.id DESC LIMIT ?2)",
        params![(of,), KEPT_MAX],
    )
    .await
    .map(drop)
}

/// Whether this person has such a change to see still, or has seen it.
pub(super) async fn is_of(at: &mut impl Reads, of: ActorId, id: ChangeId) -> Result<bool, DbError> {
    let sql = "SELECT c.id FROM account_change c WHERE c.id = ?1 AND c.actor_id = ?2";
    Ok(at.query_one(sql, params![(id,), (of,)]).await?.is_some())
}

/// Marks a change seen; 0 when it was seen before.
pub(super) async fn see(tx: &mut Tx, of: ActorId, id: ChangeId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE account_change SET seen_at = ?3 WHERE id = ?1 AND actor_id = ?2 AND seen_at IS NULL",
        params![(id,), (of,), now],
    )
    .await
}
