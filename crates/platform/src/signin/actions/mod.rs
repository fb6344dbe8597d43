//! Signing in and out, passwords, second factors, invitations.

mod account;
mod break_glass;
mod entering;
mod invitations;
mod sessions;
mod tries;

pub(super) use account::fresh_recovery;
pub use account::{Offer, change_password, confirm_factor, offer_factor};
pub use break_glass::{Breaking, break_glass, prepare_break_glass};
pub(super) use break_glass::{TOLD, account_of};
pub(super) use entering::recovery_index;
pub(super) use entering::right_password;
pub use entering::{Attempt, Entered, sign_in};
pub use invitations::{Invited, accept, invite};
pub(crate) use sessions::fresh_for_oneself;
pub(crate) use sessions::{Seen, enter};
pub use sessions::{revoke, revoke_of, sign_out};
pub(super) use tries::Counted;

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{ActorId, UnitId};

use super::error::SigninError;
use super::model::{Current, PasswordHash, Policy, SessionId, SessionRow, Visitor};
use super::store::PasswordRow;
use super::{PASSWORD_PLACE, passwords, rules, store};
use crate::Services;
use crate::facts::{NewFact, conclude};

const DAY_MICROS: i64 = 86_400_000_000;
/// Sessions that ended so long ago are forgotten; the facts about them stay.
const SESSIONS_KEPT_DAYS: i64 = 30;
/// The same, for what is kept beside them.
pub(super) const SESSIONS_KEPT_MICROS: i64 = SESSIONS_KEPT_DAYS * DAY_MICROS;

/// The hash behind a stored password.
fn opened(services: &Services, row: &PasswordRow) -> Result<PasswordHash, SigninError> {
    let plain = services.keys.open(&row.sealed, PASSWORD_PLACE)?;
    PasswordHash::from_bytes(&plain).ok_or(SigninError::Damaged)
}

/// A new password's row, hashed and sealed; made before the transaction begins.
async fn password_row(services: &Services, password: &str) -> Result<PasswordRow, SigninError> {
    let now = services.now();
    let hash = passwords::hash(password, &*services.rng).await?;
    Ok(PasswordRow {
        id: super::model::PasswordId::new(now, &*services.rng),
        sealed: services.keys.seal(&hash.to_bytes(), PASSWORD_PLACE, &*services.rng),
        set_at: now,
    })
}

/// Refuses a password that is among the last ones.
async fn not_used_before(
    services: &Services,
    rows: &[PasswordRow],
    password: &str,
    refusal: SigninError,
) -> Result<(), SigninError> {
    for row in rows {
        if passwords::matches(password, &opened(services, row)?).await? {
            return Err(refusal);
        }
    }
    Ok(())
}

/// Begins a session: a new secret, whatever the visitor showed before. Returns it with what the cookie holds.
pub(super) async fn begin_session(
    tx: &mut Tx,
    services: &Services,
    of: ActorId,
    visitor: &Visitor,
    policy: &Policy,
) -> Result<(Current, String), SigninError> {
    let now = services.now();
    let secret = rules::fresh_secret(&*services.rng);
    let row = SessionRow {
        id: SessionId::new(now, &*services.rng),
        actor: of,
        started_at: now,
        last_seen_at: now,
        ends_at: now.plus_micros(policy.session_micros),
        address: rules::shortened(visitor.address),
        agent: visitor.agent.to_owned(),
        revoked_at: None,
    };
    if let Some(shown) = visitor.shown {
        store::revoke_shown(tx, shown, of, now).await?;
    }
    store::insert_session(tx, &row, secret.hash).await?;
    let old = now.plus_micros(-SESSIONS_KEPT_MICROS);
    store::keep_newest(tx, of, policy.sessions_max, (now, old)).await?;
    let current = Current {
        id: row.id,
        csrf: rules::csrf(&secret.text),
        started_at: now,
        idle_until: rules::idle_until(&row, policy, now).unwrap_or(row.ends_at),
        ends_at: row.ends_at,
        must: None,
    };
    Ok((current, secret.text))
}

/// Ends an action about a user with its fact.
pub(super) async fn finish(
    tx: Tx,
    services: &Services,
    (kind, unit, of): (&'static str, UnitId, ActorId),
    by: ActorId,
    body: serde_json::Value,
) -> Result<(), SigninError> {
    let fact = NewFact {
        unit,
        kind,
        subject: of.bytes(),
        actor: Some(by),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}

fn hex_of(id: SessionId) -> String {
    hex(&id.bytes())
}
