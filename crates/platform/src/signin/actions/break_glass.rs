//! The sealed envelope: a code that opens the installation once, when nobody who may is there.

use kernel::id::{Id as _, hex};
use kernel::{ActorId, UnitId};
use serde_json::json;

use super::tries::Counted;
use super::{Entered, begin_session, finish, hex_of};
use crate::Services;
use crate::identity::{Actor, IdentityError, Permission, actions as users, store as identity};
use crate::jobs::{NewJob, enqueue};
use crate::signin::error::SigninError;
use crate::signin::model::{BreakGlassId, Policy, Visitor};
use crate::signin::{REASON_PLACE, jobs, queries, rules, store};

/// How long the glass stays broken.
const BROKEN_MICROS: i64 = 60 * 60 * 1_000_000;
/// Whoever breaks it says why: enough to be asked about later.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=500;

/// A try to break the glass. No `Debug`.
pub struct Breaking {
    /// What stood in the envelope.
    pub code: String,
    /// Why.
    pub reason: String,
    /// Who knocks.
    pub visitor: Visitor,
}

/// Makes the code for the envelope, shown this once; the one before no longer works. The account as which it works is
/// no person's, has no password and no token, and handles no money. Fact `break_glass.prepared`.
///
/// # Errors
/// [`SigninError::Identity`]: not allowed, or a user with its name is there already.
pub async fn prepare_break_glass(services: &Services, by: &Actor) -> Result<String, SigninError> {
    let unit = root(services)?;
    by.require(Permission::UserManage, unit).map_err(IdentityError::from)?;
    let now = services.now();
    let code = rules::fresh_envelope_code(&*services.rng);
    let mut tx = services.db.begin().await?;
    let account = match store::break_glass_account(&mut tx).await? {
        Some(account) => account,
        None => users::emergency_account(&mut tx, services, unit, by).await?,
    };
    let withdrawn = store::withdraw_break_glass(&mut tx, now).await?;
    let id = BreakGlassId::new(now, &*services.rng);
    store::insert_break_glass(&mut tx, (id, account), &index(services, &code), (now, by.id)).await?;
    let body = json!({ "code": hex(&id.bytes()), "withdrawn": withdrawn });
    finish(tx, services, ("break_glass.prepared", unit, account), by.id, body).await?;
    Ok(code)
}

/// Breaks the glass: a session of an hour without second factor, with the envelope's own narrow role. Everybody who
/// may read the trail or manages users is told, and every screen of the console shows it while it lasts. Fact
/// `break_glass.used`.
///
/// # Errors
/// [`SigninError::GlassHolds`] for an unknown, used or replaced code; [`SigninError::Reason`]; [`SigninError::Locked`].
pub async fn break_glass(services: &Services, breaking: Breaking) -> Result<Entered, SigninError> {
    let reason = breaking.reason.trim();
    if !REASON_CHARS.contains(&reason.chars().count()) {
        return Err(SigninError::Reason {
            min: *REASON_CHARS.start(),
            max: *REASON_CHARS.end(),
        });
    }
    let now = services.now();
    let policy = {
        let mut at = services.db.snapshot().await?;
        queries::policy(&mut at, now.business_day()).await?
    };
    let policy = Policy {
        session_micros: BROKEN_MICROS,
        ..policy
    };
    // Counted by where it comes from: a guesser must not be able to lock the envelope itself.
    let counted = Counted::of(services, &breaking.code, Some(breaking.visitor.address));
    let lock = counted.one_more(services, &policy).await?;
    let index = index(services, &breaking.code);
    let unit = root(services)?;

    let mut tx = services.db.begin().await?;
    let Some(ready) = store::break_glass_ready(&mut tx, &index).await? else {
        drop(tx);
        counted.tell(services, &breaking.code, lock).await?;
        return Err(SigninError::GlassHolds);
    };
    let (session, secret) = begin_session(&mut tx, services, ready.actor, &breaking.visitor, &policy).await?;
    let reason = services.keys.seal(reason.as_bytes(), REASON_PLACE, &*services.rng);
    let spent = store::spend_break_glass(&mut tx, ready.id, (session.id, session.ends_at), (now, reason)).await?;
    if spent == 0 {
        return Err(SigninError::GlassHolds);
    }
    counted.succeeded(&mut tx).await?;
    let actor = identity::actor(&mut tx, ready.actor, &services.tree, now.business_day())
        .await?
        .ok_or(SigninError::GlassHolds)?;
    let told = NewJob {
        unit,
        kind: jobs::TELL_BROKEN,
        input: json!({ "account": hex(&ready.actor.bytes()) }),
        by: ready.actor,
        not_before: None,
        once_key: Some(format!("break_glass/{}", hex(&ready.id.bytes()))),
    };
    enqueue(&mut tx, told, services).await?;
    let body = json!({
        "code": hex(&ready.id.bytes()), "session": hex_of(session.id), "ends_at": session.ends_at.to_rfc3339(),
    });
    finish(tx, services, ("break_glass.used", unit, ready.actor), ready.actor, body).await?;
    tracing::warn!(session = ?session.id, "the glass was broken: somebody works with the code of the sealed envelope");
    Ok(Entered { actor, session, secret })
}

fn root(services: &Services) -> Result<UnitId, SigninError> {
    let root = services.tree.roots().first().copied();
    Ok(root.ok_or(IdentityError::NoUnit)?)
}

/// The keyed hash of a code, however it was typed.
fn index(services: &Services, code: &str) -> Vec<u8> {
    services
        .keys
        .blind_index("signin.break_glass", &rules::envelope_code(code))
}

/// Who is told: whoever may read the trail or manages users at the root, but the account itself.
pub(crate) const TOLD: [Permission; 2] = [Permission::AuditRead, Permission::UserManage];

/// The account's id in a job's input.
pub(crate) fn account_of(input: &serde_json::Value) -> Option<ActorId> {
    let bytes = data_encoding::HEXLOWER
        .decode(input["account"].as_str()?.as_bytes())
        .ok()?;
    ActorId::from_slice(&bytes).ok()
}
