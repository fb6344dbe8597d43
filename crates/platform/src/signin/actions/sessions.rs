//! Coming back with a session, and ending one.

use db::DbError;
use kernel::ActorId;
use serde_json::json;

use super::{finish, hex_of};
use crate::Services;
use crate::identity::{Actor, ActorKind, actions as users, store as identity};
use crate::signin::error::SigninError;
use crate::signin::model::{Current, SessionId};
use crate::signin::{queries, rules, sso, store};

/// A session's last request is kept to the minute: SQLite has one writer.
const COARSE_MICROS: i64 = 60_000_000;

/// Whether a request keeps its session awake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Somebody did something.
    Use,
    /// A page asked how long the session still lives.
    Look,
}

/// Who comes with this secret, and in which session.
///
/// # Errors
/// [`SigninError::SessionEnded`]; [`SigninError::Db`].
pub(crate) async fn enter(services: &Services, secret: &str, seen: Seen) -> Result<(Actor, Current), SigninError> {
    let now = services.now();
    let hash = rules::secret_hash(secret).ok_or(SigninError::SessionEnded)?;
    let mut at = services.db.snapshot().await?;
    let mut row = store::session_by_hash(&mut at, hash)
        .await?
        .ok_or(SigninError::SessionEnded)?;
    let policy = queries::policy(&mut at, now.business_day()).await?;
    if rules::idle_until(&row, &policy, now).is_none() {
        return Err(SigninError::SessionEnded);
    }
    let actor = identity::actor(&mut at, row.actor, &services.tree, now.business_day())
        .await?
        .ok_or(SigninError::SessionEnded)?;
    let roles: Vec<_> = actor.roles.iter().map(|(role, _)| *role).collect();
    // The account of the sealed envelope is no person, and owes neither password nor second factor.
    let must = match actor.kind {
        ActorKind::Person => {
            let must = queries::must(&mut at, (actor.id, &roles), &policy, now).await?;
            sso::relieved(&mut at, row.id, must).await?
        }
        ActorKind::Machine | ActorKind::Operator => None,
    };
    drop(at);
    if seen == Seen::Use && now.micros() - row.last_seen_at.micros() >= COARSE_MICROS {
        row.last_seen_at = now;
        note_use(services, row.id).await;
    }
    let current = Current {
        id: row.id,
        csrf: rules::csrf(secret),
        started_at: row.started_at,
        idle_until: rules::idle_until(&row, &policy, now).unwrap_or(row.ends_at),
        ends_at: row.ends_at,
        must,
    };
    Ok((actor, current))
}

/// That it fails is no reason to refuse the request: the session then ends a little early.
async fn note_use(services: &Services, id: SessionId) {
    let noted = async {
        let mut tx = services.db.begin().await?;
        store::touch_session(&mut tx, id, services.now()).await?;
        tx.commit().await
    };
    let noted: Result<(), DbError> = noted.await;
    if let Err(error) = noted {
        tracing::warn!(session = ?id, %error, "the use of a session could not be noted");
    }
}

/// What opens one's own account anew asks for a fresh sign-in, also of who manages users: whoever sits down at an open desk
/// must not become its owner for good. What is done to others is not asked about, and neither is the operator.
///
/// # Errors
/// [`SigninError::SignInAgain`] in an old session; [`SigninError::NoBrowser`] with a token, which tells nothing of when
/// somebody signed in.
pub(crate) fn fresh_for_oneself(
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    of: ActorId,
) -> Result<(), SigninError> {
    if by.id != of {
        return Ok(());
    }
    let session = session.ok_or(SigninError::NoBrowser)?;
    rules::is_fresh(session.started_at, services.now())
        .then_some(())
        .ok_or(SigninError::SignInAgain)
}

/// Ends the session of the request. Fact `session.revoked`.
///
/// # Errors
/// [`SigninError::Db`].
pub async fn sign_out(services: &Services, actor: &Actor, session: &Current) -> Result<(), SigninError> {
    end(services, actor, (actor.id, session.id), "signed_out").await
}

/// Ends one of one's own sessions at once. Twice is as good as once. Fact `session.revoked`.
///
/// # Errors
/// [`SigninError::NoSession`].
pub async fn revoke(services: &Services, by: &Actor, id: SessionId) -> Result<(), SigninError> {
    end(services, by, (by.id, id), "revoked").await
}

/// Ends a session of a user one manages at once. Twice is as good as once. Fact `session.revoked`.
///
/// # Errors
/// [`SigninError::NoSession`].
pub async fn revoke_of(services: &Services, by: &Actor, of: ActorId, id: SessionId) -> Result<(), SigninError> {
    end(services, by, (of, id), "revoked").await
}

async fn end(
    services: &Services,
    by: &Actor,
    (of, id): (ActorId, SessionId),
    why: &'static str,
) -> Result<(), SigninError> {
    let mut tx = services.db.begin().await?;
    let row = store::session_by_id(&mut tx, id).await?;
    let row = row.filter(|row| row.actor == of).ok_or(SigninError::NoSession)?;
    let owner = if row.actor == by.id {
        identity::user_by_id(&mut tx, row.actor).await?
    } else {
        // Whose session it is, is nobody's business who may not manage it.
        let managed = users::managed_user(&mut tx, services, by, row.actor).await;
        managed.map_err(|_| SigninError::NoSession)?
    };
    if store::revoke_session(&mut tx, id, by.id, services.now()).await? == 0 {
        return Ok(());
    }
    let body = json!({ "session": hex_of(id), "why": why });
    finish(tx, services, ("session.revoked", owner.unit, owner.id), by.id, body).await
}
