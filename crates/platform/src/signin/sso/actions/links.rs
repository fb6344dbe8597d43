//! Who somebody elsewhere is here.

use db::Tx;
use kernel::ActorId;
use kernel::id::{Id as _, hex};
use serde_json::json;

use super::{Back, hex_of, known_provider, open_provider, sealed_subject, subject_index, vouched, walked_back};
use crate::Services;
use crate::identity::{Actor, ActorKind, UserRow, actions as users, store as identity};
use crate::signin::actions::{finish, fresh_for_oneself};
use crate::signin::changes::{self, What};
use crate::signin::sso::error::SsoError;
use crate::signin::sso::model::{Errand, Link, LinkId, Provider, Subject};
use crate::signin::sso::{queries, rules, store};
use crate::signin::{Current, SessionId, SigninError};

/// Who is to be linked. No `Debug`.
pub enum Who {
    /// Who knocked with this number.
    Reference(String),
    /// The provider's own name for her, copied from there.
    Subject(String),
}

/// A link that an administrator makes. No `Debug`.
pub struct NewLink {
    /// The provider's name.
    pub provider: String,
    /// Who.
    pub who: Who,
}

/// Links a user that one manages with an account of a provider; oneself after a fresh sign-in alone. The same again is as
/// good as once. Who is linked by somebody else is told. Fact `sso.linked`.
///
/// # Errors
/// [`SsoError::Signin`]: not allowed, no such user, a program, oneself with a token; [`SsoError::SignInAgain`];
/// [`SsoError::NoKnock`], [`SsoError::Taken`], [`SsoError::Off`] when there is no such provider.
pub async fn link(
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    of: ActorId,
    new: NewLink,
) -> Result<(), SsoError> {
    let mut tx = services.db.begin().await?;
    let user = users::managed_user(&mut tx, services, by, of).await?;
    if user.kind != ActorKind::Person {
        return Err(SigninError::NotAPerson.into());
    }
    fresh_for_oneself(services, (by, session), of).map_err(|error| match error {
        SigninError::SignInAgain => SsoError::SignInAgain,
        error => error.into(),
    })?;
    let provider = known_provider(&mut tx, &new.provider).await?;
    let subject = match &new.who {
        Who::Subject(text) => Subject {
            subject: rules::subject(text)?.to_owned(),
            name: None,
        },
        Who::Reference(text) => {
            let reference = rules::reference(text).ok_or(SsoError::NoKnock)?;
            let knock = store::knock_by_reference(&mut tx, provider.id, &reference).await?;
            queries::opened(&services.keys, &knock.ok_or(SsoError::NoKnock)?.sealed)?
        }
    };
    write(tx, services, (&provider, &subject), (&user, by.id)).await
}

/// Links one's own user with the account that one showed at the provider just now. Fact `sso.linked`.
///
/// # Errors
/// [`SsoError::StateWrong`] also when another session began it; [`SsoError::Refused`], [`SsoError::Taken`].
pub async fn link_own(
    services: &Services,
    (actor, session): (&Actor, &Current),
    code: &str,
    (held, back): (Option<&str>, Back),
) -> Result<(), SsoError> {
    if actor.kind != ActorKind::Person {
        return Err(SigninError::NotAPerson.into());
    }
    let (provider, connection) = open_provider(services, code).await?;
    let pending = walked_back(services, code, held, &back).await?;
    let errand = Errand::Link {
        session: hex(&session.id.bytes()),
    };
    if pending.errand != errand {
        return Err(SsoError::StateWrong);
    }
    let verified = vouched(services, (&provider, &connection), &pending, back).await?;
    let subject = Subject {
        name: rules::shown_name(verified.name.as_deref()),
        subject: verified.subject,
    };
    let mut tx = services.db.begin().await?;
    let user = identity::user_by_id(&mut tx, actor.id).await?;
    write(tx, services, (&provider, &subject), (&user, actor.id)).await
}

async fn write(
    mut tx: Tx,
    services: &Services,
    (provider, subject): (&Provider, &Subject),
    (user, by): (&UserRow, ActorId),
) -> Result<(), SsoError> {
    let now = services.now();
    let index = subject_index(services, provider, &subject.subject);
    let there = store::link_of_subject(&mut tx, provider.id, &index).await?;
    let here = store::link_of_actor(&mut tx, provider.id, user.id).await?;
    match (there, here) {
        (None, None) => {}
        (Some(there), Some(here)) if there.id == here.id => return Ok(()),
        _ => return Err(SsoError::Taken),
    }
    let new = Link {
        id: LinkId::new(now, &*services.rng),
        provider: provider.id,
        actor: user.id,
        sealed: Some(sealed_subject(services, subject)?),
        linked_at: now,
        linked_by: by,
        last_used_at: None,
    };
    store::insert_link(&mut tx, &new, &index).await.map_err(taken)?;
    store::forget_knock(&mut tx, provider.id, &index).await?;
    changes::actions::note(&mut tx, services, (user, by), (What::SsoLinked, provider.id)).await?;
    let body = json!({ "provider": provider.code, "link": hex(&new.id.bytes()) });
    Ok(finish(tx, services, ("sso.linked", user.unit, user.id), by, body).await?)
}

/// Another was faster.
fn taken(error: db::DbError) -> SsoError {
    match error {
        db::DbError::Duplicate(_) => SsoError::Taken,
        error => error.into(),
    }
}

/// Ends the link of a user that one manages, and the sessions that began with it; she is told. Fact `sso.unlinked`.
///
/// # Errors
/// [`SsoError::Signin`]: not allowed, no such user; [`SsoError::NoLink`].
pub async fn unlink(services: &Services, by: &Actor, of: ActorId, provider: &str) -> Result<(), SsoError> {
    let mut tx = services.db.begin().await?;
    let user = users::managed_user(&mut tx, services, by, of).await?;
    end(tx, services, (&user, provider), (by.id, None)).await
}

/// Ends one's own link, and the other sessions that began with it. Fact `sso.unlinked`.
///
/// # Errors
/// [`SsoError::NoLink`].
pub async fn unlink_own(
    services: &Services,
    (actor, session): (&Actor, &Current),
    provider: &str,
) -> Result<(), SsoError> {
    let mut tx = services.db.begin().await?;
    let user = identity::user_by_id(&mut tx, actor.id).await?;
    end(tx, services, (&user, provider), (actor.id, Some(session.id))).await
}

async fn end(
    mut tx: Tx,
    services: &Services,
    (user, provider): (&UserRow, &str),
    (by, but): (ActorId, Option<SessionId>),
) -> Result<(), SsoError> {
    let now = services.now();
    let provider = known_provider(&mut tx, provider).await?;
    let link = store::link_of_actor(&mut tx, provider.id, user.id).await?;
    let link = link.ok_or(SsoError::NoLink)?;
    if store::end_link(&mut tx, link.id, by, now).await? == 0 {
        return Err(SsoError::NoLink);
    }
    let ended = store::end_sessions(&mut tx, provider.id, (Some(user.id), but), (by, now)).await?;
    changes::actions::note(&mut tx, services, (user, by), (What::SsoUnlinked, provider.id)).await?;
    let body = json!({
        "provider": provider.code, "provider_id": hex_of(provider.id), "link": hex(&link.id.bytes()),
        "sessions_ended": ended,
    });
    Ok(finish(tx, services, ("sso.unlinked", user.unit, user.id), by, body).await?)
}
