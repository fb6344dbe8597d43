//! The tables `password`, `second_factor`, `second_factor_offer`, `recovery_code`, `signin_session`, `invitation`,
//! `signin_failure` and `break_glass`.

use db::{Backend, DbError, Reads, Row, Tx, params};
use kernel::{ActorId, Instant};

use super::model::{BreakGlassId, BreakGlassRow, Failures, InvitationId, PasswordId, SessionId, SessionRow};

/// A password in force or before.
pub(super) struct PasswordRow {
    pub id: PasswordId,
    pub sealed: Vec<u8>,
    pub set_at: Instant,
}

/// An enrolled second factor, or an offered one.
pub(super) struct FactorRow {
    pub sealed: Vec<u8>,
    /// Since when it is enrolled, or when it was offered.
    pub at: Instant,
    pub last_step: i64,
}

/// An invitation that may still be accepted.
pub(super) struct InvitationRow {
    pub id: InvitationId,
    pub actor: ActorId,
    pub ends_at: Instant,
}

// Tries ------------------------------------------------------------------------------------------------------------

/// The failures under a key, held until the transaction ends; a row is made where there was none.
pub(super) async fn failures(tx: &mut Tx, key: &[u8], now: Instant) -> Result<Failures, DbError> {
    tx.execute(
        "INSERT INTO signin_failure (key, failures, last_at) VALUES (?1, 0, ?2) ON CONFLICT (key) DO NOTHING",
        params![key, now],
    )
    .await?;
    let held = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let sql = format!("SELECT failures, last_at, locked_until FROM signin_failure WHERE key = ?1{held}");
    let row = tx.query_one(&sql, params![key]).await?;
    row.map_or(
        Ok(Failures {
            count: 0,
            last_at: now,
            locked_until: None,
        }),
        |row| {
            Ok(Failures {
                count: row.int("failures")?,
                last_at: row.instant("last_at")?,
                locked_until: row.opt_instant("locked_until")?,
            })
        },
    )
}

pub(super) async fn put_failures(tx: &mut Tx, key: &[u8], failures: Failures) -> Result<(), DbError> {
    tx.execute(
        "UPDATE signin_failure SET failures = ?2, last_at = ?3, locked_until = ?4 WHERE key = ?1",
        params![key, failures.count, failures.last_at, failures.locked_until],
    )
    .await
    .map(drop)
}

/// Takes back one counted try, and the lock it may have set.
pub(super) async fn give_back(tx: &mut Tx, key: &[u8]) -> Result<(), DbError> {
    tx.execute(
        "UPDATE signin_failure SET failures = failures - 1, locked_until = NULL WHERE key = ?1 AND failures > 0",
        params![key],
    )
    .await
    .map(drop)
}

pub(super) async fn forget_failures(tx: &mut Tx, key: &[u8]) -> Result<(), DbError> {
    tx.execute("DELETE FROM signin_failure WHERE key = ?1", params![key])
        .await
        .map(drop)
}

/// Drops what is too old to count, so that made-up names do not pile up.
pub(super) async fn forget_old_failures(tx: &mut Tx, before: Instant) -> Result<(), DbError> {
    tx.execute("DELETE FROM signin_failure WHERE last_at < ?1", params![before])
        .await
        .map(drop)
}

// Passwords --------------------------------------------------------------------------------------------------------

/// The last passwords, the one in force first.
pub(super) async fn passwords(at: &mut impl Reads, of: ActorId, limit: i64) -> Result<Vec<PasswordRow>, DbError> {
    let sql = "SELECT id, hash_sealed, set_at FROM password WHERE actor_id = ?1
               ORDER BY CASE WHEN replaced_at IS NULL THEN 0 ELSE 1 END, set_at DESC LIMIT ?2";
    let rows = at.query(sql, params![(of,), limit]).await?;
    rows.iter().map(password).collect()
}

/// The password in force.
pub(super) async fn password_in_force(at: &mut impl Reads, of: ActorId) -> Result<Option<PasswordRow>, DbError> {
    let sql = "SELECT id, hash_sealed, set_at FROM password WHERE actor_id = ?1 AND replaced_at IS NULL";
    at.query_one(sql, params![(of,)])
        .await?
        .as_ref()
        .map(password)
        .transpose()
}

fn password(row: &Row) -> Result<PasswordRow, DbError> {
    Ok(PasswordRow {
        id: row.id("id")?,
        sealed: row.bytes("hash_sealed")?,
        set_at: row.instant("set_at")?,
    })
}

/// Takes the password in force out of force; 0 when another change came first.
pub(super) async fn replace_password(tx: &mut Tx, id: PasswordId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE password SET replaced_at = ?2 WHERE id = ?1 AND replaced_at IS NULL",
        params![(id,), now],
    )
    .await
}

pub(super) async fn insert_password(tx: &mut Tx, of: ActorId, new: PasswordRow) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO password (id, actor_id, hash_sealed, set_at) VALUES (?1, ?2, ?3, ?4)",
        params![(new.id,), (of,), new.sealed, new.set_at],
    )
    .await
    .map(drop)
}

/// Erases former passwords beyond the `keep` newest.
pub(super) async fn prune_passwords(tx: &mut Tx, of: ActorId, keep: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM password WHERE actor_id = ?1 AND replaced_at IS NOT NULL AND id NOT IN
         (SELECT id FROM password WHERE actor_id = ?1 ORDER BY set_at DESC LIMIT ?2)",
        params![(of,), keep],
    )
    .await
    .map(drop)
}

// Second factors ---------------------------------------------------------------------------------------------------

pub(super) async fn factor(at: &mut impl Reads, of: ActorId) -> Result<Option<FactorRow>, DbError> {
    let sql = "SELECT secret_sealed, enrolled_at AS since, last_step FROM second_factor WHERE actor_id = ?1";
    at.query_one(sql, params![(of,)])
        .await?
        .as_ref()
        .map(factor_row)
        .transpose()
}

pub(super) async fn offer(at: &mut impl Reads, of: ActorId) -> Result<Option<FactorRow>, DbError> {
    let sql = "SELECT secret_sealed, offered_at AS since, CAST(-1 AS BIGINT) AS last_step FROM second_factor_offer WHERE actor_id = ?1";
    at.query_one(sql, params![(of,)])
        .await?
        .as_ref()
        .map(factor_row)
        .transpose()
}

fn factor_row(row: &Row) -> Result<FactorRow, DbError> {
    Ok(FactorRow {
        sealed: row.bytes("secret_sealed")?,
        at: row.instant("since")?,
        last_step: row.int("last_step")?,
    })
}

pub(super) async fn put_offer(tx: &mut Tx, of: ActorId, sealed: Vec<u8>, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO second_factor_offer (actor_id, secret_sealed, offered_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (actor_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, offered_at = excluded.offered_at",
        params![(of,), sealed, now],
    )
    .await
    .map(drop)
}

/// Takes the offer away; 0 when it is not this one any more.
pub(super) async fn take_offer(tx: &mut Tx, of: ActorId, sealed: &[u8]) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM second_factor_offer WHERE actor_id = ?1 AND secret_sealed = ?2",
        params![(of,), sealed],
    )
    .await
}

pub(super) async fn put_factor(tx: &mut Tx, of: ActorId, new: FactorRow) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO second_factor (actor_id, secret_sealed, enrolled_at, last_step) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (actor_id) DO UPDATE SET secret_sealed = excluded.secret_sealed,
             enrolled_at = excluded.enrolled_at, last_step = excluded.last_step",
        params![(of,), new.sealed, new.at, new.last_step],
    )
    .await
    .map(drop)
}

/// Uses the code of a step; 0 when it or a later one was used before.
pub(super) async fn spend_step(tx: &mut Tx, of: ActorId, step: i64) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE second_factor SET last_step = ?2 WHERE actor_id = ?1 AND last_step < ?2",
        params![(of,), step],
    )
    .await
}

/// Uses a recovery code; 0 when there is no such unused one.
pub(super) async fn spend_recovery(tx: &mut Tx, of: ActorId, index: &[u8], now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE recovery_code SET used_at = ?3 WHERE actor_id = ?1 AND code_index = ?2 AND used_at IS NULL",
        params![(of,), index, now],
    )
    .await
}

/// Whether there is a recovery code that was not used.
pub(super) async fn has_recovery(at: &mut impl Reads, of: ActorId) -> Result<bool, DbError> {
    let sql = "SELECT code_index FROM recovery_code WHERE actor_id = ?1 AND used_at IS NULL LIMIT 1";
    Ok(at.query_one(sql, params![(of,)]).await?.is_some())
}

pub(super) async fn erase_recovery(tx: &mut Tx, of: ActorId) -> Result<(), DbError> {
    tx.execute("DELETE FROM recovery_code WHERE actor_id = ?1", params![(of,)])
        .await
        .map(drop)
}

pub(super) async fn insert_recovery(tx: &mut Tx, of: ActorId, index: &[u8], now: Instant) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO recovery_code (actor_id, code_index, given_at) VALUES (?1, ?2, ?3)",
        params![(of,), index, now],
    )
    .await
    .map(drop)
}

/// Erases the second factor, what was offered and the recovery codes.
pub(super) async fn erase_factor(tx: &mut Tx, of: ActorId) -> Result<(), DbError> {
    for table in ["second_factor", "second_factor_offer"] {
        tx.execute(&format!("DELETE FROM {table} WHERE actor_id = ?1"), params![(of,)])
            .await?;
    }
    erase_recovery(tx, of).await
}

// Sessions ---------------------------------------------------------------------------------------------------------

pub(super) const SESSION: &str =
    "s.id, s.actor_id, s.started_at, s.last_seen_at, s.ends_at, s.address, s.agent, s.revoked_at";

pub(super) fn session(row: &Row) -> Result<SessionRow, DbError> {
    Ok(SessionRow {
        id: row.id("id")?,
        actor: row.id("actor_id")?,
        started_at: row.instant("started_at")?,
        last_seen_at: row.instant("last_seen_at")?,
        ends_at: row.instant("ends_at")?,
        address: row.text("address")?,
        agent: row.text("agent")?,
        revoked_at: row.opt_instant("revoked_at")?,
    })
}

pub(super) async fn insert_session(tx: &mut Tx, new: &SessionRow, hash: [u8; 32]) -> Result<(), DbError> {
    let row = params![
        (new.id,),
        (new.actor,),
        hash,
        new.started_at,
        new.last_seen_at,
        new.ends_at,
        new.address.as_str(),
        new.agent.as_str()
    ];
    tx.execute(
        "INSERT INTO signin_session (id, actor_id, hash, started_at, last_seen_at, ends_at, address, agent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        row,
    )
    .await
    .map(drop)
}

pub(super) async fn session_by_hash(at: &mut impl Reads, hash: [u8; 32]) -> Result<Option<SessionRow>, DbError> {
    let sql = format!("SELECT {SESSION} FROM signin_session s WHERE s.hash = ?1");
    at.query_one(&sql, params![hash])
        .await?
        .as_ref()
        .map(session)
        .transpose()
}

pub(super) async fn session_by_id(at: &mut impl Reads, id: SessionId) -> Result<Option<SessionRow>, DbError> {
    let sql = format!("SELECT {SESSION} FROM signin_session s WHERE s.id = ?1");
    at.query_one(&sql, params![(id,)])
        .await?
        .as_ref()
        .map(session)
        .transpose()
}

pub(super) async fn touch_session(tx: &mut Tx, id: SessionId, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "UPDATE signin_session SET last_seen_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        params![(id,), now],
    )
    .await
    .map(drop)
}

pub(super) async fn revoke_session(tx: &mut Tx, id: SessionId, by: ActorId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE signin_session SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1 AND revoked_at IS NULL",
        params![(id,), now, (by,)],
    )
    .await
}

/// Ends the session of this hash, whosever it is: its bearer begins another.
pub(super) async fn revoke_shown(tx: &mut Tx, hash: [u8; 32], by: ActorId, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "UPDATE signin_session SET revoked_at = ?2, revoked_by = ?3 WHERE hash = ?1 AND revoked_at IS NULL",
        params![hash, now, (by,)],
    )
    .await
    .map(drop)
}

/// Ends all sessions of a user that still run, but one.
pub(super) async fn revoke_others(
    tx: &mut Tx,
    of: ActorId,
    but: Option<SessionId>,
    now: Instant,
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE signin_session SET revoked_at = ?3, revoked_by = ?1
         WHERE actor_id = ?1 AND id <> ?2 AND revoked_at IS NULL AND ends_at > ?3",
        params![(of,), (but.unwrap_or_else(nobodys_session),), now],
    )
    .await
}

fn nobodys_session() -> SessionId {
    kernel::id::Id::from_bytes([0; 16])
}

/// Ends the oldest sessions of a user beyond the `keep` newest, and forgets those that ended before `old`.
pub(super) async fn keep_newest(
    tx: &mut Tx,
    of: ActorId,
    keep: i64,
    (now, old): (Instant, Instant),
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE signin_session SET revoked_at = ?3, revoked_by = ?1
         WHERE actor_id = ?1 AND revoked_at IS NULL AND ends_at > ?3 AND id NOT IN
         (SELECT id FROM signin_session WHERE actor_id = ?1 AND revoked_at IS NULL AND ends_at > ?3
          ORDER BY started_at DESC, id DESC LIMIT ?2)",
        params![(of,), keep, now],
    )
    .await?;
    tx.execute(
        "DELETE FROM signin_session WHERE actor_id = ?1 AND ends_at < ?2",
        params![(of,), old],
    )
    .await
    .map(drop)
}

// Invitations ------------------------------------------------------------------------------------------------------

/// Takes back the invitations of a user that are open.
pub(super) async fn withdraw_invitations(tx: &mut Tx, of: ActorId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE invitation SET withdrawn_at = ?2 WHERE actor_id = ?1 AND accepted_at IS NULL AND withdrawn_at IS NULL",
        params![(of,), now],
    )
    .await
}

pub(super) async fn insert_invitation(
    tx: &mut Tx,
    new: &InvitationRow,
    hash: [u8; 32],
    by: ActorId,
    now: Instant,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO invitation (id, actor_id, hash, given_by, given_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![(new.id,), (new.actor,), hash, (by,), now, new.ends_at],
    )
    .await
    .map(drop)
}

/// The open invitation of this hash.
pub(super) async fn invitation(at: &mut impl Reads, hash: [u8; 32]) -> Result<Option<InvitationRow>, DbError> {
    let sql = "SELECT id, actor_id, ends_at FROM invitation
               WHERE hash = ?1 AND accepted_at IS NULL AND withdrawn_at IS NULL";
    let row = at.query_one(sql, params![hash]).await?;
    row.map(|row| {
        Ok(InvitationRow {
            id: row.id("id")?,
            actor: row.id("actor_id")?,
            ends_at: row.instant("ends_at")?,
        })
    })
    .transpose()
}

/// Uses an invitation; 0 when it was used or withdrawn meanwhile.
pub(super) async fn accept_invitation(tx: &mut Tx, id: InvitationId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE invitation SET accepted_at = ?2 WHERE id = ?1 AND accepted_at IS NULL AND withdrawn_at IS NULL",
        params![(id,), now],
    )
    .await
}

// The sealed envelope ----------------------------------------------------------------------------------------------

const BREAK_GLASS: &str = "b.id, b.actor_id, b.made_at, b.withdrawn_at, b.used_at, b.ends_at, b.reason_sealed";

fn break_glass(row: &Row) -> Result<BreakGlassRow, DbError> {
    Ok(BreakGlassRow {
        id: row.id("id")?,
        actor: row.id("actor_id")?,
        made_at: row.instant("made_at")?,
        withdrawn_at: row.opt_instant("withdrawn_at")?,
        used_at: row.opt_instant("used_at")?,
        ends_at: row.opt_instant("ends_at")?,
        reason: row.opt_bytes("reason_sealed")?,
    })
}

/// The account of the code before, where there was one.
pub(super) async fn break_glass_account(at: &mut impl Reads) -> Result<Option<ActorId>, DbError> {
    let sql = "SELECT b.actor_id FROM break_glass b ORDER BY b.made_at DESC, b.id DESC LIMIT 1";
    at.query_one(sql, params![])
        .await?
        .map(|row| row.id("actor_id"))
        .transpose()
}

/// Takes the codes back that nobody used; returns how many.
pub(super) async fn withdraw_break_glass(tx: &mut Tx, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE break_glass SET withdrawn_at = ?1 WHERE withdrawn_at IS NULL AND used_at IS NULL",
        params![now],
    )
    .await
}

pub(super) async fn insert_break_glass(
    tx: &mut Tx,
    (id, actor): (BreakGlassId, ActorId),
    index: &[u8],
    (now, by): (Instant, ActorId),
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO break_glass (id, actor_id, code_index, made_at, made_by) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![(id,), (actor,), index, now, (by,)],
    )
    .await
    .map(drop)
}

/// The code that may still be used, by its keyed hash.
pub(super) async fn break_glass_ready(at: &mut impl Reads, index: &[u8]) -> Result<Option<BreakGlassRow>, DbError> {
    let sql = format!(
        "SELECT {BREAK_GLASS} FROM break_glass b
         WHERE b.code_index = ?1 AND b.withdrawn_at IS NULL AND b.used_at IS NULL"
    );
    at.query_one(&sql, params![index])
        .await?
        .as_ref()
        .map(break_glass)
        .transpose()
}

/// Uses a code up; 0 when another was faster.
pub(super) async fn spend_break_glass(
    tx: &mut Tx,
    id: BreakGlassId,
    (session, ends_at): (SessionId, Instant),
    (now, reason): (Instant, Vec<u8>),
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE break_glass SET used_at = ?2, session_id = ?3, ends_at = ?4, reason_sealed = ?5
         WHERE id = ?1 AND withdrawn_at IS NULL AND used_at IS NULL",
        params![(id,), now, (session,), ends_at, reason],
    )
    .await
}

/// The newest codes, at most so many.
pub(super) async fn break_glass_list(at: &mut impl Reads, limit: i64) -> Result<Vec<BreakGlassRow>, DbError> {
    let sql = format!("SELECT {BREAK_GLASS} FROM break_glass b ORDER BY b.made_at DESC, b.id DESC LIMIT ?1");
    at.query(&sql, params![limit]).await?.iter().map(break_glass).collect()
}

/// Since when and until when a session that broke the glass runs now.
pub(super) async fn glass_broken(at: &mut impl Reads, now: Instant) -> Result<Option<(Instant, Instant)>, DbError> {
    let sql = "SELECT b.used_at, b.ends_at FROM break_glass b JOIN signin_session s ON s.id = b.session_id
               WHERE b.ends_at > ?1 AND s.revoked_at IS NULL ORDER BY b.used_at DESC LIMIT 1";
    let row = at.query_one(sql, params![now]).await?;
    row.map(|row| Ok((row.instant("used_at")?, row.instant("ends_at")?)))
        .transpose()
}
