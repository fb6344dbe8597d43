//! The table `idempotency_key`.

use db::{DbError, Reads, Tx, params};
use kernel::{ActorId, Instant};

use super::KEPT_DAYS;
use crate::Services;

/// Where kept answers are bound to.
pub(super) const SEALED_FOR: &str = "idempotency.answer";

/// A kept answer.
pub(super) struct Kept {
    pub(super) status: i64,
    pub(super) media_type: String,
    pub(super) sealed: Vec<u8>,
}

/// What a key is.
pub(super) enum Claim {
    /// Free until now, taken for this request.
    Mine,
    /// Taken for another request.
    Other,
    /// Answered before.
    Answered(Kept),
    /// Begun at this moment, not answered yet.
    Begun(Instant),
}

/// Takes the key, or tells what it is; committed on return.
pub(super) async fn claim(services: &Services, actor: ActorId, key: &str, hash: [u8; 32]) -> Result<Claim, DbError> {
    let mut tx = services.db.begin().await?;
    let taken = tx
        .execute(
            "INSERT INTO idempotency_key (actor_id, key, request_hash, started_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            params![(actor,), key, hash, services.now()],
        )
        .await?;
    if taken == 1 {
        tx.commit().await?;
        return Ok(Claim::Mine);
    }
    let sql = "SELECT request_hash, started_at, status, media_type, answer_sealed FROM idempotency_key
               WHERE actor_id = ?1 AND key = ?2";
    // Released between the two statements: as good as begun just now.
    let Some(row) = tx.query_one(sql, params![(actor,), key]).await? else {
        return Ok(Claim::Begun(services.now()));
    };
    if row.bytes("request_hash")? != hash {
        return Ok(Claim::Other);
    }
    Ok(match (row.opt_int("status")?, row.opt_bytes("answer_sealed")?) {
        (Some(status), Some(sealed)) => Claim::Answered(Kept {
            status,
            media_type: row.opt_text("media_type")?.unwrap_or_default(),
            sealed,
        }),
        _ => Claim::Begun(row.instant("started_at")?),
    })
}

/// Keeps the answer.
pub(super) async fn keep(services: &Services, actor: ActorId, key: &str, kept: &Kept) -> Result<(), DbError> {
    let mut tx = services.db.begin().await?;
    tx.execute(
        "UPDATE idempotency_key SET status = ?3, media_type = ?4, answer_sealed = ?5 WHERE actor_id = ?1 AND key = ?2",
        params![
            (actor,),
            key,
            kept.status,
            kept.media_type.as_str(),
            kept.sealed.as_slice()
        ],
    )
    .await?;
    tx.commit().await
}

/// Gives the key back.
pub(super) async fn release(services: &Services, actor: ActorId, key: &str) -> Result<(), DbError> {
    let mut tx = services.db.begin().await?;
    tx.execute(
        "DELETE FROM idempotency_key WHERE actor_id = ?1 AND key = ?2 AND status IS NULL",
        params![(actor,), key],
    )
    .await?;
    tx.commit().await
}

/// Forgets keys older than [`KEPT_DAYS`]; a nightly job calls it. Returns how many.
///
/// # Errors
/// Any [`DbError`].
pub async fn forget_old(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    let before = now.plus_micros(-KEPT_DAYS * 86_400_000_000);
    tx.execute("DELETE FROM idempotency_key WHERE started_at < ?1", params![before])
        .await
}
