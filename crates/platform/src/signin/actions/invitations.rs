//! Invitations: a link to choose a password, for new users and after a loss.

use kernel::id::{Id as _, hex};
use kernel::{ActorId, Instant};
use serde_json::json;

use super::Entered;
use super::tries::Counted;
use super::{begin_session, finish, fresh_for_oneself, hex_of, not_used_before, password_row};
use crate::Services;
use crate::identity::{Actor, ActorKind, actions as users, store as identity};
use crate::signin::error::SigninError;
use crate::signin::model::{Current, InvitationId, Visitor};
use crate::signin::store::InvitationRow;
use crate::signin::{passkeys, queries, rules, sso, store};

/// An invitation on its way: the only time its secret is shown. No `Debug`.
pub struct Invited {
    /// Its id.
    pub id: InvitationId,
    /// What the link holds after `#`, which no server sees.
    pub secret: String,
    /// Until when.
    pub ends_at: Instant,
}

/// Invites a person to choose a password; an earlier open invitation ends. Who manages users invites herself after a fresh
/// sign-in alone. Fact `invitation.given`.
///
/// # Errors
/// [`SigninError::Identity`]: not allowed, no such user; [`SigninError::NotAPerson`]; of oneself
/// [`SigninError::SignInAgain`], [`SigninError::NoBrowser`].
pub async fn invite(
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    to: ActorId,
) -> Result<Invited, SigninError> {
    let now = services.now();
    let mut tx = services.db.begin().await?;
    let user = users::managed_user(&mut tx, services, by, to).await?;
    if user.kind != ActorKind::Person {
        return Err(SigninError::NotAPerson);
    }
    fresh_for_oneself(services, (by, session), to)?;
    users::may_act_as(&mut tx, by, to, now.business_day()).await?;
    let policy = queries::policy(&mut tx, now.business_day()).await?;
    let secret = rules::fresh_secret(&*services.rng);
    let row = InvitationRow {
        id: InvitationId::new(now, &*services.rng),
        actor: to,
        ends_at: now.plus_micros(policy.invitation_micros),
    };
    let withdrawn = store::withdraw_invitations(&mut tx, to, now).await?;
    store::insert_invitation(&mut tx, &row, secret.hash, by.id, now).await?;
    let body = json!({
        "invitation": hex(&row.id.bytes()), "ends_at": row.ends_at.to_rfc3339(), "withdrawn": withdrawn,
    });
    finish(tx, services, ("invitation.given", user.unit, to), by.id, body).await?;
    Ok(Invited {
        id: row.id,
        secret: secret.text,
        ends_at: row.ends_at,
    })
}

/// Accepts an invitation: the password is set, what was there before (password, second factor, passkeys, recovery
/// codes, links she made herself, sessions) is gone, and a session begins. Fact `invitation.accepted`.
///
/// # Errors
/// [`SigninError::InvitationEnded`], [`SigninError::PasswordRules`].
pub async fn accept(
    services: &Services,
    (secret, password): (&str, &str),
    visitor: &Visitor,
) -> Result<Entered, SigninError> {
    let now = services.now();
    let hash = rules::secret_hash(secret).ok_or(SigninError::InvitationEnded)?;
    let (invitation, policy, actor, kept) = {
        let mut at = services.db.snapshot().await?;
        let found = store::invitation(&mut at, hash).await?;
        let found = found
            .filter(|open| now < open.ends_at)
            .ok_or(SigninError::InvitationEnded)?;
        let policy = queries::policy(&mut at, now.business_day()).await?;
        let actor = identity::actor(&mut at, found.actor, &services.tree, now.business_day()).await?;
        let kept = store::passwords(&mut at, found.actor, policy.no_reuse).await?;
        (found, policy, actor.ok_or(SigninError::InvitationEnded)?, kept)
    };
    let roles: Vec<_> = actor.roles.iter().map(|(role, _)| *role).collect();
    let needs_factor = rules::needs_factor(&policy, roles.iter().copied());
    rules::password(&policy, needs_factor, &actor.name, password)?;
    let refusal = SigninError::PasswordRules {
        chars_min: policy.chars_min,
        classes_min: policy.classes_min,
        no_reuse: policy.no_reuse,
    };
    not_used_before(services, &kept, password, refusal).await?;
    let row = password_row(services, password).await?;

    let mut tx = services.db.begin().await?;
    if store::accept_invitation(&mut tx, invitation.id, now).await? == 0 {
        return Err(SigninError::InvitationEnded);
    }
    if let Some(before) = store::password_in_force(&mut tx, actor.id).await? {
        store::replace_password(&mut tx, before.id, now).await?;
    }
    store::insert_password(&mut tx, actor.id, row).await?;
    store::prune_passwords(&mut tx, actor.id, policy.no_reuse).await?;
    store::erase_factor(&mut tx, actor.id).await?;
    let passkeys = passkeys::store::erase(&mut tx, actor.id).await?;
    // Whoever sat at her desk for a while may have linked an account of his own.
    let links = sso::end_own_links(&mut tx, actor.id, now).await?;
    let ended = store::revoke_others(&mut tx, actor.id, None, now).await?;
    Counted::of(services, &actor.name, None).succeeded(&mut tx).await?;
    let (mut session, secret) = begin_session(&mut tx, services, actor.id, visitor, &policy).await?;
    session.must = queries::must(&mut tx, (actor.id, &roles), &policy, now).await?;
    let unit = identity::user_by_id(&mut tx, actor.id).await?.unit;
    let body = json!({
        "invitation": hex(&invitation.id.bytes()), "session": hex_of(session.id), "sessions_ended": ended,
        "passkeys_removed": passkeys, "links_ended": links,
    });
    finish(tx, services, ("invitation.accepted", unit, actor.id), actor.id, body).await?;
    Ok(Entered { actor, session, secret })
}
