//! The tables `sso_provider`, `sso_link`, `sso_knock`, `sso_used` and `sso_session`.

use db::{DbError, Reads, Row, Tx, params};
use kernel::id::Id as _;
use kernel::{ActorId, Instant};

use super::model::{Knock, Link, LinkId, Origin, Provider, ProviderId, Trust, Way};
use crate::signin::SessionId;

// Providers --------------------------------------------------------------------------------------------------------

pub(super) const PROVIDER: &str = "p.id, p.code, p.label, p.settings, p.trust, p.is_on, p.changed_at";

pub(super) fn provider(row: &Row) -> Result<Provider, DbError> {
    let unreadable = |column: &str, why: String| DbError::Row {
        column: format!("sso_provider.{column}"),
        why,
    };
    let settings = row.text("settings")?;
    let way: Way = serde_json::from_str(&settings).map_err(|error| unreadable("settings", error.to_string()))?;
    let word = row.text("trust")?;
    let trust = Trust::of_word(&word).ok_or_else(|| unreadable("trust", format!("“{word}” is not known")))?;
    Ok(Provider {
        id: row.id("id")?,
        code: row.text("code")?,
        label: row.text("label")?,
        way,
        trust,
        is_on: row.flag("is_on")?,
        changed_at: row.instant("changed_at")?,
    })
}

/// The provider of this name, with its sealed secret.
pub(super) async fn provider_by_code(at: &mut impl Reads, code: &str) -> Result<Option<(Provider, Vec<u8>)>, DbError> {
    let sql = format!("SELECT {PROVIDER}, p.secret_sealed FROM sso_provider p WHERE p.code = ?1");
    let row = at.query_one(&sql, params![code]).await?;
    row.map(|row| Ok((provider(&row)?, row.bytes("secret_sealed")?)))
        .transpose()
}

pub(super) async fn insert_provider(
    tx: &mut Tx,
    new: &Provider,
    settings: &str,
    sealed: Vec<u8>,
    by: ActorId,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO sso_provider
             (id, code, label, settings, secret_sealed, trust, is_on, created_by, created_at, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
        params![
            (new.id,),
            new.code.as_str(),
            new.label.as_str(),
            settings,
            sealed,
            new.trust.as_str(),
            new.is_on,
            (by,),
            new.changed_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn update_provider(
    tx: &mut Tx,
    new: &Provider,
    settings: &str,
    sealed: Vec<u8>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE sso_provider SET label = ?2, settings = ?3, secret_sealed = ?4, trust = ?5, is_on = ?6, changed_at = ?7
         WHERE id = ?1",
        params![
            (new.id,),
            new.label.as_str(),
            settings,
            sealed,
            new.trust.as_str(),
            new.is_on,
            new.changed_at
        ],
    )
    .await
    .map(drop)
}

// Links ------------------------------------------------------------------------------------------------------------

pub(super) const LINK: &str =
    "l.id, l.provider_id, l.actor_id, l.subject_sealed, l.linked_at, l.linked_by, l.last_used_at";

pub(super) fn link(row: &Row) -> Result<Link, DbError> {
    Ok(Link {
        id: row.id("id")?,
        provider: row.id("provider_id")?,
        actor: row.id("actor_id")?,
        sealed: row.opt_bytes("subject_sealed")?,
        linked_at: row.instant("linked_at")?,
        linked_by: row.id("linked_by")?,
        last_used_at: row.opt_instant("last_used_at")?,
    })
}

/// Whose this subject is.
pub(super) async fn link_of_subject(
    at: &mut impl Reads,
    provider: ProviderId,
    index: &[u8],
) -> Result<Option<Link>, DbError> {
    let sql = format!(
        "SELECT {LINK} FROM sso_link l WHERE l.provider_id = ?1 AND l.subject_index = ?2 AND l.ended_at IS NULL"
    );
    let row = at.query_one(&sql, params![(provider,), index]).await?;
    row.as_ref().map(link).transpose()
}

/// What this user is there.
pub(super) async fn link_of_actor(
    at: &mut impl Reads,
    provider: ProviderId,
    actor: ActorId,
) -> Result<Option<Link>, DbError> {
    let sql =
        format!("SELECT {LINK} FROM sso_link l WHERE l.provider_id = ?1 AND l.actor_id = ?2 AND l.ended_at IS NULL");
    let row = at.query_one(&sql, params![(provider,), (actor,)]).await?;
    row.as_ref().map(link).transpose()
}

/// The link of this id while it holds.
pub(super) async fn link_by_id(at: &mut impl Reads, id: LinkId) -> Result<Option<Link>, DbError> {
    let sql = format!("SELECT {LINK} FROM sso_link l WHERE l.id = ?1 AND l.ended_at IS NULL");
    let row = at.query_one(&sql, params![(id,)]).await?;
    row.as_ref().map(link).transpose()
}

/// Whether anybody is linked with this provider.
pub(super) async fn has_links(at: &mut impl Reads, provider: ProviderId) -> Result<bool, DbError> {
    let sql = "SELECT l.id FROM sso_link l WHERE l.provider_id = ?1 AND l.ended_at IS NULL LIMIT 1";
    Ok(at.query_one(sql, params![(provider,)]).await?.is_some())
}

pub(super) async fn insert_link(tx: &mut Tx, new: &Link, index: &[u8]) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO sso_link (id, provider_id, actor_id, subject_index, subject_sealed, linked_at, linked_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            (new.id,),
            (new.provider,),
            (new.actor,),
            index,
            new.sealed.clone(),
            new.linked_at,
            (new.linked_by,)
        ],
    )
    .await
    .map(drop)
}

/// Ends a link and forgets who it was there; 0 when it had ended.
pub(super) async fn end_link(tx: &mut Tx, id: LinkId, by: ActorId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE sso_link SET ended_at = ?2, ended_by = ?3, subject_sealed = NULL WHERE id = ?1 AND ended_at IS NULL",
        params![(id,), now, (by,)],
    )
    .await
}

/// Ends the links that a user made herself; those that an administrator made stay.
pub(in crate::signin) async fn end_own_links(tx: &mut Tx, of: ActorId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE sso_link SET ended_at = ?2, ended_by = ?1, subject_sealed = NULL
         WHERE actor_id = ?1 AND linked_by = ?1 AND ended_at IS NULL",
        params![(of,), now],
    )
    .await
}

/// Notes that somebody came in by it; 0 when it has ended.
pub(super) async fn use_link(tx: &mut Tx, id: LinkId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE sso_link SET last_used_at = ?2 WHERE id = ?1 AND ended_at IS NULL",
        params![(id,), now],
    )
    .await
}

// Knocks -----------------------------------------------------------------------------------------------------------

pub(super) const KNOCK: &str =
    "k.id, k.provider_id, k.subject_index, k.reference, k.subject_sealed, k.last_at, k.times";

pub(super) fn knock(row: &Row) -> Result<Knock, DbError> {
    Ok(Knock {
        id: row.id("id")?,
        provider: row.id("provider_id")?,
        index: row.bytes("subject_index")?,
        reference: row.text("reference")?,
        sealed: row.bytes("subject_sealed")?,
        last_at: row.instant("last_at")?,
        times: row.int("times")?,
    })
}

/// Notes a knock: the first keeps its number, what it is called is kept anew.
pub(super) async fn put_knock(tx: &mut Tx, new: &Knock) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO sso_knock (id, provider_id, subject_index, reference, subject_sealed, first_at, last_at, times)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)
         ON CONFLICT (provider_id, subject_index) DO UPDATE SET subject_sealed = excluded.subject_sealed,
             last_at = excluded.last_at, times = sso_knock.times + 1",
        params![
            (new.id,),
            (new.provider,),
            new.index.as_slice(),
            new.reference.as_str(),
            new.sealed.as_slice(),
            new.last_at
        ],
    )
    .await
    .map(drop)
}

/// The knock of this subject.
pub(super) async fn knock_of_subject(
    at: &mut impl Reads,
    provider: ProviderId,
    index: &[u8],
) -> Result<Option<Knock>, DbError> {
    let sql = format!("SELECT {KNOCK} FROM sso_knock k WHERE k.provider_id = ?1 AND k.subject_index = ?2");
    let row = at.query_one(&sql, params![(provider,), index]).await?;
    row.as_ref().map(knock).transpose()
}

/// The knock of this number.
pub(super) async fn knock_by_reference(
    at: &mut impl Reads,
    provider: ProviderId,
    reference: &str,
) -> Result<Option<Knock>, DbError> {
    let sql = format!("SELECT {KNOCK} FROM sso_knock k WHERE k.provider_id = ?1 AND k.reference = ?2");
    let row = at.query_one(&sql, params![(provider,), reference]).await?;
    row.as_ref().map(knock).transpose()
}

/// Forgets who is linked by now.
pub(super) async fn forget_knock(tx: &mut Tx, provider: ProviderId, index: &[u8]) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM sso_knock WHERE provider_id = ?1 AND subject_index = ?2",
        params![(provider,), index],
    )
    .await
    .map(drop)
}

/// Forgets old knocks, and of one provider all but the newest.
pub(super) async fn forget_knocks(
    tx: &mut Tx,
    provider: ProviderId,
    (before, keep): (Instant, i64),
) -> Result<(), DbError> {
    tx.execute("DELETE FROM sso_knock WHERE last_at < ?1", params![before])
        .await?;
    tx.execute(
        "DELETE FROM sso_knock WHERE provider_id = ?1 AND id NOT IN
         (SELECT k.id FROM sso_knock k WHERE k.provider_id = ?1 ORDER BY k.last_at DESC, k.id DESC LIMIT ?2)",
        params![(provider,), keep],
    )
    .await
    .map(drop)
}

// The way back -----------------------------------------------------------------------------------------------------

/// Uses a state up; 0 when it came back before.
pub(super) async fn spend_state(tx: &mut Tx, hash: [u8; 32], now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "INSERT INTO sso_used (state_hash, used_at) VALUES (?1, ?2) ON CONFLICT (state_hash) DO NOTHING",
        params![hash, now],
    )
    .await
}

/// Forgets states that would be too old anyway.
pub(super) async fn forget_states(tx: &mut Tx, before: Instant) -> Result<(), DbError> {
    tx.execute("DELETE FROM sso_used WHERE used_at < ?1", params![before])
        .await
        .map(drop)
}

// Sessions ---------------------------------------------------------------------------------------------------------

/// Notes how a session began, and forgets what is known of those that are long over.
pub(super) async fn insert_origin(
    tx: &mut Tx,
    session: SessionId,
    (provider, actor): (ProviderId, ActorId),
    origin: Origin,
    (now, old): (Instant, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO sso_session (session_id, provider_id, actor_id, has_factor, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(session,), (provider,), (actor,), origin.has_factor, now],
    )
    .await?;
    tx.execute(
        "DELETE FROM sso_session WHERE actor_id = ?1 AND started_at < ?2",
        params![(actor,), old],
    )
    .await
    .map(drop)
}

/// How a session began, when it began with a provider.
pub(super) async fn origin(at: &mut impl Reads, session: SessionId) -> Result<Option<Origin>, DbError> {
    let sql = "SELECT s.has_factor FROM sso_session s WHERE s.session_id = ?1";
    let row = at.query_one(sql, params![(session,)]).await?;
    row.map(|row| {
        Ok(Origin {
            has_factor: row.flag("has_factor")?,
        })
    })
    .transpose()
}

/// Ends the sessions that began with a provider, but one; of one user, or of all when none is named.
pub(super) async fn end_sessions(
    tx: &mut Tx,
    provider: ProviderId,
    (of, but): (Option<ActorId>, Option<SessionId>),
    (by, now): (ActorId, Instant),
) -> Result<u64, DbError> {
    let but = but.unwrap_or_else(|| SessionId::from_bytes([0; 16]));
    let mut values = params![(provider,), (but,), (by,), now];
    let whose = if let Some(of) = of {
        values.extend(params![(of,)]);
        " AND s.actor_id = ?5"
    } else {
        ""
    };
    let sql = format!(
        "UPDATE signin_session SET revoked_at = ?4, revoked_by = ?3
         WHERE revoked_at IS NULL AND ends_at > ?4 AND id <> ?2 AND id IN
         (SELECT s.session_id FROM sso_session s WHERE s.provider_id = ?1{whose})"
    );
    tx.execute(&sql, values).await
}
