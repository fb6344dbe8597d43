//! The rules in force, and the sessions of a user.

use db::{DbError, Reads, params};
use kernel::{ActorId, BusinessDay, Instant};

use super::error::SigninError;
use super::model::{BreakGlassRow, Policy, SessionRow};
use super::{passkeys, rules, store};
use crate::identity::Role;
use crate::parameters::{self, OverrideError};

/// Sessions shown of one user: more than can run at a time.
const SESSIONS_SHOWN_MAX: i64 = 100;
/// Codes of the envelope shown: one a year is usual.
const CODES_SHOWN_MAX: i64 = 100;

/// The rules of a day.
///
/// # Errors
/// [`SigninError::Parameters`], [`SigninError::Db`].
pub async fn policy(at: &mut impl Reads, day: BusinessDay) -> Result<Policy, SigninError> {
    let table = parameters::load(at).await?;
    Ok(rules::policy(&table, day).map_err(OverrideError::Table)?)
}

/// The sessions of a user that run now, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn sessions(
    at: &mut impl Reads,
    of: ActorId,
    policy: &Policy,
    now: Instant,
) -> Result<Vec<SessionRow>, DbError> {
    let sql = format!(
        "SELECT {} FROM signin_session s WHERE s.actor_id = ?1 AND s.revoked_at IS NULL AND s.ends_at > ?2
         ORDER BY s.started_at DESC, s.id DESC LIMIT ?3",
        store::SESSION
    );
    let rows = at.query(&sql, params![(of,), now, SESSIONS_SHOWN_MAX]).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let session = store::session(row)?;
        if rules::idle_until(&session, policy, now).is_some() {
            found.push(session);
        }
    }
    Ok(found)
}

/// Since when and until when somebody works with the code of the sealed envelope, if anybody does now.
///
/// # Errors
/// Any [`DbError`].
pub async fn glass_broken(at: &mut impl Reads, now: Instant) -> Result<Option<(Instant, Instant)>, DbError> {
    store::glass_broken(at, now).await
}

/// The codes made for the envelope and what became of them, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn break_glass(at: &mut impl Reads) -> Result<Vec<BreakGlassRow>, DbError> {
    store::break_glass_list(at, CODES_SHOWN_MAX).await
}

/// Whether somebody has a second factor: an authenticator with six digits, or a passkey.
pub(super) async fn has_factor(at: &mut impl Reads, of: ActorId) -> Result<bool, DbError> {
    Ok(store::factor(at, of).await?.is_some() || passkeys::store::any(at, of).await?)
}

/// What a signed-in person has to do first.
pub(super) async fn must(
    at: &mut impl Reads,
    (of, roles): (ActorId, &[Role]),
    policy: &Policy,
    now: Instant,
) -> Result<Option<super::Must>, DbError> {
    let needs = rules::needs_factor(policy, roles.iter().copied());
    let owes = needs && !has_factor(at, of).await?;
    // Nobody is signed in without a password, unless it was erased in between: then it is too old.
    let set_at = store::password_in_force(at, of).await?;
    let set_at = set_at.map_or(Instant::from_micros(0), |kept| kept.set_at);
    Ok(rules::must(policy, owes, set_at, now))
}
