//! Registering a passkey, showing it when signing in, naming and removing it.

use db::Tx;
use kernel::id::{Id as _, hex};
use kernel::{ActorId, PublicIdCodec as _};
use serde_json::json;

use super::error::PasskeyError;
use super::model::{
    Answer, Asked, Authenticator, ChallengeRow, HANDLE_BYTES, Holding, Known, NewKey, Offered, PasskeyId, PasskeyRow,
    Purpose, RelyingParty, RolesAsk, Shown,
};
use super::{NAME_PLACE, relying, rules, store};
use crate::Services;
use crate::facts::{NewFact, conclude};
use crate::identity::{Actor, Role, UserRow, actions as users, store as identity};
use crate::signin::actions::{Attempt, finish, fresh_recovery, right_password};
use crate::signin::error::SigninError;
use crate::signin::model::Current;
use crate::signin::{queries as signin, rules as signin_rules, store as signin_store};

/// A passkey that was registered. No `Debug`.
pub struct Made {
    /// Its id.
    pub id: PasskeyId,
    /// Codes for a lost key, shown this once; none when the account has some already.
    pub recovery_codes: Vec<String>,
}

fn party(services: &Services) -> Result<RelyingParty, PasskeyError> {
    rules::relying_party(&services.base_url).ok_or(PasskeyError::Unavailable)
}

/// The account's name for authenticators: its public id, random to the eye.
fn handle(services: &Services, of: ActorId) -> [u8; HANDLE_BYTES] {
    services.keys.encipher(of.bytes())
}

fn known(rows: &[PasskeyRow]) -> Vec<Known> {
    let known = |row: &PasskeyRow| Known {
        credential_id: row.credential_id.clone(),
        transports: relying::ways(row.transports),
    };
    rows.iter().map(known).collect()
}

/// Those that were made for this address: a browser shows others to nobody.
fn of_party(mut rows: Vec<PasskeyRow>, party: &RelyingParty) -> Vec<PasskeyRow> {
    rows.retain(|row| row.relying_party == party.id);
    rows
}

fn waiting(services: &Services, state: Vec<u8>) -> ChallengeRow {
    ChallengeRow {
        state,
        ends_at: services.now().plus_micros(rules::CHALLENGE_MICROS),
    }
}

/// Uses the challenge up and gives it when it still waits. Its own transaction: an answer that is refused had its chance.
async fn challenge(services: &Services, of: ActorId, purpose: Purpose) -> Result<Vec<u8>, SigninError> {
    let mut tx = services.db.begin().await?;
    let found = store::take_challenge(&mut tx, of, purpose).await?;
    tx.commit().await?;
    let found = found.filter(|found| services.now() < found.ends_at);
    Ok(found.ok_or(PasskeyError::NotAsked)?.state)
}

/// Who has a second factor already shows the password again before changing one.
async fn fresh_where_tied(
    tx: &mut Tx,
    services: &Services,
    of: ActorId,
    session: &Current,
) -> Result<Vec<PasskeyRow>, SigninError> {
    let rows = store::hold(tx, of).await?;
    let tied = !rows.is_empty() || signin_store::factor(tx, of).await?.is_some();
    if tied && !signin_rules::is_fresh(session.started_at, services.now()) {
        return Err(SigninError::SignInAgain);
    }
    Ok(rows)
}

/// Asks for a new passkey; nothing changes until the browser brings it. Fact `passkey.offered`.
///
/// # Errors
/// [`PasskeyError::Unavailable`], [`PasskeyError::Full`]; [`SigninError::SignInAgain`] when a factor is in force and the
/// sign-in is not fresh.
pub async fn offer(services: &Services, actor: &Actor, session: &Current) -> Result<Offered, SigninError> {
    let party = party(services)?;
    let mut tx = services.db.begin().await?;
    let rows = fresh_where_tied(&mut tx, services, actor.id, session).await?;
    rules::one_more(rows.len())?;
    let handle = handle(services, actor.id);
    let begun = relying::offer(&party, handle, &rows)?;
    store::put_challenge(&mut tx, actor.id, Purpose::Register, waiting(services, begun.state)).await?;
    let unit = identity::user_by_id(&mut tx, actor.id).await?.unit;
    let body = json!({ "passkeys": rows.len() });
    finish(tx, services, ("passkey.offered", unit, actor.id), actor.id, body).await?;
    Ok(Offered {
        challenge: begun.challenge,
        relying_party: party.id,
        handle,
        name: actor.name.clone(),
        algorithms: relying::ALGORITHMS,
        known: known(&rows),
        timeout_ms: rules::CHALLENGE_MS,
    })
}

/// Registers the passkey that the browser brings; gives recovery codes where the account has none; ends one's other
/// sessions. Fact `passkey.registered`.
///
/// # Errors
/// [`PasskeyError::Name`], [`PasskeyError::NotAsked`], [`PasskeyError::Refused`], [`PasskeyError::Unverified`],
/// [`PasskeyError::Twice`], [`PasskeyError::Full`]; [`SigninError::SignInAgain`].
pub async fn register(services: &Services, actor: &Actor, session: &Current, new: NewKey) -> Result<Made, SigninError> {
    let party = party(services)?;
    let name = rules::name(&new.name)?;
    let state = challenge(services, actor.id, Purpose::Register).await?;
    let registered = relying::registered(&party, &state, &new)?;
    let now = services.now();
    let row = PasskeyRow {
        id: PasskeyId::new(now, &*services.rng),
        actor: actor.id,
        relying_party: party.id,
        credential_id: registered.credential_id,
        public_key: registered.public_key,
        state: registered.state,
        transports: registered.transports,
        name: services.keys.seal(name.as_bytes(), NAME_PLACE, &*services.rng),
        registered_at: now,
        last_used_at: None,
    };

    let mut tx = services.db.begin().await?;
    let before = fresh_where_tied(&mut tx, services, actor.id, session).await?;
    rules::one_more(before.len())?;
    if store::insert(&mut tx, &row).await? == 0 {
        return Err(PasskeyError::Twice.into());
    }
    let recovery_codes = if signin_store::has_recovery(&mut tx, actor.id).await? {
        Vec::new()
    } else {
        fresh_recovery(&mut tx, services, actor.id).await?
    };
    let ended = signin_store::revoke_others(&mut tx, actor.id, Some(session.id), now).await?;
    let unit = identity::user_by_id(&mut tx, actor.id).await?.unit;
    let body = json!({
        "passkey": hex(&row.id.bytes()), "sessions_ended": ended, "recovery_codes": recovery_codes.len(),
    });
    finish(tx, services, ("passkey.registered", unit, actor.id), actor.id, body).await?;
    Ok(Made {
        id: row.id,
        recovery_codes,
    })
}

/// Gives one's own passkey another name. Fact `passkey.renamed`, without the name.
///
/// # Errors
/// [`PasskeyError::Name`], [`PasskeyError::Unknown`].
pub async fn rename(services: &Services, actor: &Actor, id: PasskeyId, text: &str) -> Result<(), SigninError> {
    let name = rules::name(text)?;
    let sealed = services.keys.seal(name.as_bytes(), NAME_PLACE, &*services.rng);
    let mut tx = services.db.begin().await?;
    if store::rename(&mut tx, actor.id, id, sealed).await? == 0 {
        return Err(PasskeyError::Unknown.into());
    }
    let unit = identity::user_by_id(&mut tx, actor.id).await?.unit;
    let body = json!({ "passkey": hex(&id.bytes()) });
    finish(tx, services, ("passkey.renamed", unit, actor.id), actor.id, body).await
}

/// Removes one's own passkey and ends one's other sessions. Fact `passkey.removed`.
///
/// # Errors
/// [`PasskeyError::Unknown`], [`PasskeyError::Last`]; [`SigninError::SignInAgain`].
pub async fn remove(services: &Services, actor: &Actor, session: &Current, id: PasskeyId) -> Result<(), SigninError> {
    let mut tx = services.db.begin().await?;
    let rows = fresh_where_tied(&mut tx, services, actor.id, session).await?;
    let owner = identity::user_by_id(&mut tx, actor.id).await?;
    let roles: Vec<Role> = actor.roles.iter().map(|(role, _)| *role).collect();
    take_away(tx, services, (actor, Some(session)), (&owner, &roles), (&rows, id)).await
}

/// Removes a lost passkey of a user one manages, whose sessions end. Fact `passkey.removed`.
///
/// # Errors
/// [`SigninError::Identity`]: not allowed, no such user; [`PasskeyError::Unknown`], [`PasskeyError::Last`]: then an
/// invitation gives the user a new password and a new second factor.
pub async fn remove_of(services: &Services, by: &Actor, of: ActorId, id: PasskeyId) -> Result<(), SigninError> {
    let mut tx = services.db.begin().await?;
    let owner = users::managed_user(&mut tx, services, by, of).await?;
    let rows = store::hold(&mut tx, of).await?;
    let held = identity::actor(&mut tx, of, &services.tree, services.now().business_day()).await?;
    let held = held.map(|held| held.roles).unwrap_or_default();
    let roles: Vec<Role> = held.iter().map(|(role, _)| *role).collect();
    take_away(tx, services, (by, None), (&owner, &roles), (&rows, id)).await
}

async fn take_away(
    mut tx: Tx,
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    (owner, roles): (&UserRow, &[Role]),
    (rows, id): (&[PasskeyRow], PasskeyId),
) -> Result<(), SigninError> {
    if !rows.iter().any(|row| row.id == id) {
        return Err(PasskeyError::Unknown.into());
    }
    let now = services.now();
    let policy = signin::policy(&mut tx, now.business_day()).await?;
    let tied = signin_store::factor(&mut tx, owner.id).await?.is_some();
    let asked = signin_rules::needs_factor(&policy, roles.iter().copied());
    let left = rules::removal(Holding {
        passkeys: rows.len(),
        authenticator: if tied { Authenticator::Tied } else { Authenticator::None },
        roles: if asked {
            RolesAsk::ForFactor
        } else {
            RolesAsk::ForNothing
        },
    })?;
    store::remove(&mut tx, owner.id, id).await?;
    if left == rules::Left::None {
        signin_store::erase_recovery(&mut tx, owner.id).await?;
    }
    let but = session.map(|session| session.id);
    let ended = signin_store::revoke_others(&mut tx, owner.id, but, now).await?;
    let body = json!({ "passkey": hex(&id.bytes()), "left": rows.len() - 1, "sessions_ended": ended });
    finish(tx, services, ("passkey.removed", owner.unit, owner.id), by.id, body).await
}

/// Asks for a passkey of whoever knows the name and the password. The right password alone is no failure.
///
/// # Errors
/// [`SigninError::Failed`] alike for an unknown name and a wrong password; [`SigninError::Locked`], [`SigninError::Busy`];
/// after the right password [`PasskeyError::Unknown`] and [`PasskeyError::Unavailable`].
pub async fn ask(services: &Services, attempt: &Attempt) -> Result<Asked, SigninError> {
    let of = right_password(services, attempt).await?;
    ask_of(services, of).await
}

/// Asks for a passkey of somebody who has shown already who she is: by a password, or through a provider of identities.
///
/// # Errors
/// [`PasskeyError::Unknown`] when she has none for this address, [`PasskeyError::Unavailable`].
pub(in crate::signin) async fn ask_of(services: &Services, of: ActorId) -> Result<Asked, SigninError> {
    let party = party(services)?;
    let mut tx = services.db.begin().await?;
    let rows = of_party(store::list(&mut tx, of).await?, &party);
    let begun = relying::ask(&party, &rows)?;
    store::put_challenge(&mut tx, of, Purpose::SignIn, waiting(services, begun.state)).await?;
    tx.commit().await?;
    Ok(Asked {
        challenge: begun.challenge,
        relying_party: party.id,
        known: known(&rows),
        timeout_ms: rules::CHALLENGE_MS,
    })
}

/// Whether this answers the challenge that was asked of a user. A counter that went back is told: fact
/// `passkey.suspected`.
///
/// # Errors
/// [`PasskeyError::NotAsked`], [`PasskeyError::Unverified`], [`PasskeyError::Suspect`]; [`SigninError::Failed`] else.
pub(in crate::signin) async fn shown(
    services: &Services,
    (user, rows): (&UserRow, &[PasskeyRow]),
    answer: &Answer,
) -> Result<Shown, SigninError> {
    let party = party(services)?;
    let state = challenge(services, user.id, Purpose::SignIn).await?;
    let row = rows.iter().find(|row| row.credential_id == answer.credential_id);
    let row = row
        .filter(|row| row.relying_party == party.id)
        .ok_or(SigninError::Failed)?;
    match relying::shown(&party, &state, (row, handle(services, user.id)), answer) {
        Ok(after) => Ok(Shown {
            id: row.id,
            before: row.state.clone(),
            after,
        }),
        Err(PasskeyError::Suspect) => {
            suspect(services, user, row.id).await?;
            Err(PasskeyError::Suspect.into())
        }
        Err(PasskeyError::Refused) => Err(SigninError::Failed),
        Err(error) => Err(error.into()),
    }
}

async fn suspect(services: &Services, user: &UserRow, id: PasskeyId) -> Result<(), SigninError> {
    let tx = services.db.begin().await?;
    let fact = NewFact {
        unit: user.unit,
        kind: "passkey.suspected",
        subject: user.id.bytes(),
        actor: None,
        body: json!({ "passkey": hex(&id.bytes()) }),
    };
    Ok(conclude(tx, fact, services).await?)
}

/// In the transaction of the sign-in: the counter goes on; false when the passkey was shown elsewhere meanwhile.
pub(in crate::signin) async fn spend(tx: &mut Tx, services: &Services, shown: &Shown) -> Result<bool, SigninError> {
    let states = (shown.before.as_slice(), shown.after.as_slice());
    Ok(store::spend(tx, shown.id, states, services.now()).await? == 1)
}
