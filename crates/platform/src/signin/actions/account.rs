//! One's own password and second factor.

use db::Tx;
use kernel::ActorId;
use serde_json::json;

use super::entering::recovery_index;
use super::tries::Counted;
use super::{finish, not_used_before, opened, password_row};
use crate::Services;
use crate::identity::{Actor, store as identity};
use crate::signin::error::SigninError;
use crate::signin::model::Current;
use crate::signin::store::FactorRow;
use crate::signin::{FACTOR_PLACE, passwords, queries, rules, store};

/// A secret for an authenticator, shown until its first code comes. No `Debug`.
pub struct Offer {
    /// For typing in.
    pub secret_base32: String,
    /// For a QR code.
    pub otpauth_uri: String,
}

/// Changes one's own password and ends one's other sessions. Fact `password.changed`.
///
/// # Errors
/// [`SigninError::PasswordWrong`] (counted like a failed sign-in), [`SigninError::PasswordRules`],
/// [`SigninError::Locked`].
pub async fn change_password(
    services: &Services,
    actor: &Actor,
    session: &Current,
    (old, new): (&str, &str),
) -> Result<(), SigninError> {
    let now = services.now();
    let (policy, kept) = {
        let mut at = services.db.snapshot().await?;
        let policy = queries::policy(&mut at, now.business_day()).await?;
        let kept = store::passwords(&mut at, actor.id, policy.no_reuse).await?;
        (policy, kept)
    };
    let needs_factor = rules::needs_factor(&policy, actor.roles.iter().map(|(role, _)| *role));
    rules::password(&policy, needs_factor, &actor.name, new)?;
    let counted = Counted::of(services, &actor.name, None);
    let lock = counted.one_more(services, &policy).await?;
    let in_force = kept.first().ok_or(SigninError::PasswordWrong)?;
    if !passwords::matches(old, &opened(services, in_force)?).await? {
        counted.tell(services, &actor.name, lock).await?;
        return Err(SigninError::PasswordWrong);
    }
    let refusal = SigninError::PasswordRules {
        chars_min: policy.chars_min,
        classes_min: policy.classes_min,
        no_reuse: policy.no_reuse,
    };
    not_used_before(services, &kept, new, refusal).await?;
    let row = password_row(services, new).await?;

    let mut tx = services.db.begin().await?;
    if store::replace_password(&mut tx, in_force.id, now).await? == 0 {
        return Err(SigninError::PasswordWrong);
    }
    store::insert_password(&mut tx, actor.id, row).await?;
    store::prune_passwords(&mut tx, actor.id, policy.no_reuse).await?;
    counted.succeeded(&mut tx).await?;
    let ended = store::revoke_others(&mut tx, actor.id, Some(session.id), now).await?;
    let unit = identity::user_by_id(&mut tx, actor.id).await?.unit;
    let body = json!({ "sessions_ended": ended });
    finish(tx, services, ("password.changed", unit, actor.id), actor.id, body).await
}

/// Shows a new secret for an authenticator; nothing changes until its first code is confirmed. Fact `factor.offered`.
///
/// # Errors
/// [`SigninError::SignInAgain`] when a factor is in force and the sign-in is not fresh.
pub async fn offer_factor(services: &Services, actor: &Actor, session: &Current) -> Result<Offer, SigninError> {
    let now = services.now();
    let mut secret = [0; rules::FACTOR_SECRET_BYTES];
    services.rng.fill(&mut secret);
    let sealed = services.keys.seal(&secret, FACTOR_PLACE, &*services.rng);
    let mut tx = services.db.begin().await?;
    let enrolled = queries::has_factor(&mut tx, actor.id).await?;
    if enrolled && !rules::is_fresh(session.started_at, now) {
        return Err(SigninError::SignInAgain);
    }
    store::put_offer(&mut tx, actor.id, sealed, now).await?;
    let unit = identity::user_by_id(&mut tx, actor.id).await?.unit;
    let body = json!({ "replaces": enrolled });
    finish(tx, services, ("factor.offered", unit, actor.id), actor.id, body).await?;
    Ok(Offer {
        secret_base32: data_encoding::BASE32_NOPAD.encode(&secret),
        otpauth_uri: rules::otpauth(&actor.name, &secret),
    })
}

/// Puts the shown secret in force by its first code; gives new recovery codes, shown this once; ends one's other
/// sessions. Fact `factor.enrolled`.
///
/// # Errors
/// [`SigninError::NotOffered`], [`SigninError::CodeWrong`].
pub async fn confirm_factor(
    services: &Services,
    actor: &Actor,
    session: &Current,
    code: &str,
) -> Result<Vec<String>, SigninError> {
    let now = services.now();
    let offer = {
        let mut at = services.db.snapshot().await?;
        store::offer(&mut at, actor.id).await?
    };
    let offer = offer.filter(|offer| now.micros() - offer.at.micros() < rules::OFFER_MICROS);
    let offer = offer.ok_or(SigninError::NotOffered)?;
    let secret = services.keys.open(&offer.sealed, FACTOR_PLACE)?;
    let step = rules::factor_step(&secret, code, offer.last_step, now).ok_or(SigninError::CodeWrong)?;

    let mut tx = services.db.begin().await?;
    if store::take_offer(&mut tx, actor.id, &offer.sealed).await? == 0 {
        return Err(SigninError::NotOffered);
    }
    let enrolled = FactorRow {
        sealed: offer.sealed,
        at: now,
        last_step: step,
    };
    store::put_factor(&mut tx, actor.id, enrolled).await?;
    let codes = fresh_recovery(&mut tx, services, actor.id).await?;
    let ended = store::revoke_others(&mut tx, actor.id, Some(session.id), now).await?;
    let unit = identity::user_by_id(&mut tx, actor.id).await?.unit;
    let body = json!({ "sessions_ended": ended, "recovery_codes": codes.len() });
    finish(tx, services, ("factor.enrolled", unit, actor.id), actor.id, body).await?;
    Ok(codes)
}

/// New recovery codes in the place of the old ones, shown this once.
pub(in crate::signin) async fn fresh_recovery(
    tx: &mut Tx,
    services: &Services,
    of: ActorId,
) -> Result<Vec<String>, SigninError> {
    let codes = rules::fresh_recovery_codes(&*services.rng);
    store::erase_recovery(tx, of).await?;
    for index in recovery_indexes(services, of, &codes) {
        store::insert_recovery(tx, of, &index, services.now()).await?;
    }
    Ok(codes)
}

fn recovery_indexes(services: &Services, of: ActorId, codes: &[String]) -> Vec<Vec<u8>> {
    let plain = codes.iter().filter_map(|code| rules::recovery_code(code));
    plain.map(|plain| recovery_index(services, of, &plain)).collect()
}
