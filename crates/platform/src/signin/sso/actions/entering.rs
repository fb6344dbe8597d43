//! Back from a provider: coming in.

use db::Tx;
use kernel::ActorId;
use kernel::id::{Id as _, hex};
use serde_json::json;

use super::{Back, HALF_PLACE, kept_by_browser, open_provider, sealed_for_browser, sealed_subject, subject_index};
use super::{spend, vouched, walked_back};
use crate::Services;
use crate::identity::{ActorKind, UserRow, store as identity};
use crate::signin::actions::{Counted, Entered, SESSIONS_KEPT_MICROS, begin_session, finish, recovery_index};
use crate::signin::sso::error::SsoError;
use crate::signin::sso::model::{Errand, Half as Held, Knock, KnockId, Link, LinkId, Origin, Provider, Subject};
use crate::signin::sso::port::Verified;
use crate::signin::sso::{queries, rules, store};
use crate::signin::{FACTOR_PLACE, Policy, SigninError, Visitor};
use crate::signin::{passkeys, queries as signin, rules as codes, store as factors};

/// Somebody who came in, and where she goes.
pub struct In {
    /// Her session.
    pub entered: Entered,
    /// The page she wanted.
    pub back: String,
}

/// Somebody who owes her second factor. No `Debug`.
pub struct Half {
    /// What the browser holds meanwhile.
    pub held: String,
    /// What she is asked for.
    pub wanted: Wanted,
}

/// Which second factor somebody is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A code: she has nothing else.
    Code,
    /// A passkey; a code does too.
    Passkey,
}

/// What somebody shows as her second factor. No `Debug`.
pub enum Showing {
    /// Six digits of the authenticator, or a recovery code.
    Code(String),
    /// A passkey that answers what was asked ([`ask_passkey`]).
    Passkey(passkeys::Answer),
}

/// How far somebody came. No `Debug`.
pub enum Arrived {
    /// All the way.
    In(Box<In>),
    /// The second factor is needed too.
    Half(Half),
}

/// How the second factor was shown.
enum Proof {
    NotEnrolled,
    Provider,
    Step(i64),
    Recovery(Vec<u8>),
    Passkey(passkeys::Shown),
}

/// What a session is begun with.
struct Entering<'a> {
    provider: &'a Provider,
    link: &'a Link,
    user: &'a UserRow,
    proof: Proof,
    /// What the browser held while the second factor was awaited; it works once.
    once: Option<&'a str>,
    counted: &'a Counted,
}

impl Proof {
    const fn word(&self) -> &'static str {
        match self {
            Self::NotEnrolled => "none",
            Self::Provider => "provider",
            Self::Step(_) => "code",
            Self::Recovery(_) => "recovery_code",
            Self::Passkey(_) => "passkey",
        }
    }
}

/// Brings somebody in who comes back from a provider. Fact `session.started` with the provider's name.
///
/// # Errors
/// [`SsoError::StateWrong`], [`SsoError::Refused`] (both counted for the address like failed sign-ins);
/// [`SsoError::NotLinked`], after which the number it names can be linked; [`SigninError::Locked`].
pub async fn sign_in(
    services: &Services,
    code: &str,
    held: Option<&str>,
    (back, visitor): (Back, &Visitor),
) -> Result<Arrived, SsoError> {
    let policy = policy(services).await?;
    // Counted by where it comes from: there is no name yet, and a state is nobody's.
    let counted = Counted::of(services, &back.state, Some(visitor.address));
    let lock = counted.one_more(services, &policy).await?;
    let state = back.state.clone();
    let proven = proven(services, code, held, back).await;
    match &proven {
        Ok(_) | Err(SsoError::Off | SsoError::Unreachable | SsoError::Unusable { .. }) => {
            counted.give_back(services).await?;
        }
        Err(_) => counted.tell(services, &state, lock).await?,
    }
    let (provider, back, verified) = proven?;
    let link = match linked(services, &provider, &verified).await? {
        Some(link) => link,
        None => return Err(knocked(services, &provider, &verified).await?),
    };
    let user = person(services, &link).await?;
    let stated = rules::factor_stated(provider.trust, provider.way.levels(), &verified);
    let (enrolled, has_passkey) = {
        let mut at = services.db.snapshot().await?;
        let enrolled = signin::has_factor(&mut at, user.id).await?;
        (enrolled, passkeys::store::any(&mut at, user.id).await?)
    };
    if enrolled && !stated {
        let half = Held {
            provider: provider.code,
            once: rules::fresh_state(&*services.rng),
            link: hex(&link.id.bytes()),
            back,
            ends_at: services.now().plus_micros(rules::HALF_MICROS).micros(),
        };
        let held = sealed_for_browser(services, &half, HALF_PLACE)?;
        let wanted = if has_passkey { Wanted::Passkey } else { Wanted::Code };
        return Ok(Arrived::Half(Half { held, wanted }));
    }
    let proof = if stated { Proof::Provider } else { Proof::NotEnrolled };
    let counted = Counted::of(services, &user.name, None);
    counted.one_more(services, &policy).await?;
    let entering = Entering {
        provider: &provider,
        link: &link,
        user: &user,
        proof,
        once: None,
        counted: &counted,
    };
    let entered = enter(services, entering, (visitor, &policy)).await?;
    Ok(Arrived::In(Box::new(In { entered, back })))
}

/// Asks for a passkey of somebody whom a provider proved just now. Nothing is guessed at here, so that nothing is counted.
///
/// # Errors
/// [`SsoError::StateWrong`] when the proof is too old; of the passkey what [`passkeys::actions::ask`] says.
pub async fn ask_passkey(services: &Services, held: Option<&str>) -> Result<passkeys::Asked, SsoError> {
    let (_, _, _, user) = half_in(services, held).await?;
    Ok(passkeys::actions::ask_of(services, user.id).await?)
}

/// Brings somebody in by her second factor, after a provider proved who she is.
///
/// # Errors
/// [`SsoError::StateWrong`] when the proof is too old; [`SigninError::Failed`] for a wrong code or passkey, counted like a
/// failed sign-in; what [`passkeys::PasskeyError`] else says of a passkey; [`SigninError::Locked`].
pub async fn second(
    services: &Services,
    held: Option<&str>,
    (showing, visitor): (&Showing, &Visitor),
) -> Result<In, SsoError> {
    let (half, provider, link, user) = half_in(services, held).await?;
    let policy = policy(services).await?;
    let counted = Counted::of(services, &user.name, Some(visitor.address));
    let lock = counted.one_more(services, &policy).await?;
    let proof = match shown(services, &user, showing).await {
        Ok(proof) => proof,
        Err(error) => {
            counted.tell(services, &user.name, lock).await?;
            return Err(error);
        }
    };
    let entering = Entering {
        provider: &provider,
        link: &link,
        user: &user,
        proof,
        once: Some(&half.once),
        counted: &counted,
    };
    let entered = enter(services, entering, (visitor, &policy)).await?;
    Ok(In {
        entered,
        back: half.back,
    })
}

/// Who was proven by a provider and owes her second factor, while the proof, the provider and the link still hold.
async fn half_in(services: &Services, held: Option<&str>) -> Result<(Held, Provider, Link, UserRow), SsoError> {
    let half: Held = kept_by_browser(services, held, HALF_PLACE)?;
    rules::still_half(&half, services.now())?;
    let (provider, _) = open_provider(services, &half.provider).await?;
    let link = link_of(services, &half).await?;
    let user = person(services, &link).await?;
    Ok((half, provider, link, user))
}

async fn policy(services: &Services) -> Result<Policy, SsoError> {
    let mut at = services.db.snapshot().await?;
    Ok(signin::policy(&mut at, services.now().business_day()).await?)
}

/// The way back and what the provider says, for somebody who wants to come in.
async fn proven(
    services: &Services,
    code: &str,
    held: Option<&str>,
    back: Back,
) -> Result<(Provider, String, Verified), SsoError> {
    let (provider, connection) = open_provider(services, code).await?;
    let pending = walked_back(services, code, held, &back).await?;
    if pending.errand != Errand::SignIn {
        return Err(SsoError::StateWrong);
    }
    let verified = vouched(services, (&provider, &connection), &pending, back).await?;
    Ok((provider, pending.back, verified))
}

async fn linked(services: &Services, provider: &Provider, verified: &Verified) -> Result<Option<Link>, SsoError> {
    let index = subject_index(services, provider, &verified.subject);
    let mut at = services.db.snapshot().await?;
    Ok(store::link_of_subject(&mut at, provider.id, &index).await?)
}

async fn link_of(services: &Services, half: &Held) -> Result<Link, SsoError> {
    let bytes = data_encoding::HEXLOWER.decode(half.link.as_bytes()).unwrap_or_default();
    let id = LinkId::from_slice(&bytes).map_err(|_| SsoError::StateWrong)?;
    let mut at = services.db.snapshot().await?;
    store::link_by_id(&mut at, id).await?.ok_or(SsoError::StateWrong)
}

/// The user behind a link: programs do not come in through a browser.
async fn person(services: &Services, link: &Link) -> Result<UserRow, SsoError> {
    let mut at = services.db.snapshot().await?;
    let user = identity::user_by_id(&mut at, link.actor).await?;
    if user.kind == ActorKind::Person {
        Ok(user)
    } else {
        Err(SigninError::Failed.into())
    }
}

/// Notes who is nobody here yet, so that whoever looks after users can link her by the number she is told.
async fn knocked(services: &Services, provider: &Provider, verified: &Verified) -> Result<SsoError, SsoError> {
    let now = services.now();
    let index = subject_index(services, provider, &verified.subject);
    let subject = Subject {
        subject: verified.subject.clone(),
        name: rules::shown_name(verified.name.as_deref()),
    };
    let new = Knock {
        id: KnockId::new(now, &*services.rng),
        provider: provider.id,
        index,
        reference: rules::fresh_reference(&*services.rng),
        sealed: sealed_subject(services, &subject)?,
        last_at: now,
        times: 1,
    };
    let old = now.plus_micros(-rules::KNOCK_KEPT_MICROS);
    let mut tx = services.db.begin().await?;
    store::forget_knocks(&mut tx, provider.id, (old, rules::KNOCKS_MAX - 1)).await?;
    store::put_knock(&mut tx, &new).await?;
    let kept = store::knock_of_subject(&mut tx, provider.id, &new.index).await?;
    tx.commit().await?;
    let reference = kept.map_or(new.reference, |knock| knock.reference);
    Ok(SsoError::NotLinked { reference })
}

/// Looks at the second factor.
async fn shown(services: &Services, user: &UserRow, showing: &Showing) -> Result<Proof, SsoError> {
    match showing {
        Showing::Code(code) => shown_code(services, user.id, code.trim()).await,
        Showing::Passkey(answer) => {
            let rows = {
                let mut at = services.db.snapshot().await?;
                passkeys::store::list(&mut at, user.id).await?
            };
            let shown = passkeys::actions::shown(services, (user, &rows), answer).await?;
            Ok(Proof::Passkey(shown))
        }
    }
}

async fn shown_code(services: &Services, of: ActorId, code: &str) -> Result<Proof, SsoError> {
    let factor = {
        let mut at = services.db.snapshot().await?;
        factors::factor(&mut at, of).await?
    };
    if let Some(plain) = codes::recovery_code(code) {
        return Ok(Proof::Recovery(recovery_index(services, of, &plain)));
    }
    let factor = factor.ok_or(SigninError::Failed)?;
    let secret = services.keys.open(&factor.sealed, FACTOR_PLACE)?;
    let step = codes::factor_step(&secret, code, factor.last_step, services.now());
    Ok(step.map(Proof::Step).ok_or(SigninError::Failed)?)
}

/// Uses the code or the passkey's counter up; false when it was used before.
async fn spent(tx: &mut Tx, services: &Services, of: ActorId, proof: &Proof) -> Result<bool, SsoError> {
    let used = match proof {
        Proof::NotEnrolled => return Ok(!signin::has_factor(tx, of).await?),
        Proof::Provider => return Ok(true),
        Proof::Step(step) => factors::spend_step(tx, of, *step).await?,
        Proof::Recovery(index) => factors::spend_recovery(tx, of, index, services.now()).await?,
        Proof::Passkey(shown) => return Ok(passkeys::actions::spend(tx, services, shown).await?),
    };
    Ok(used == 1)
}

async fn enter(
    services: &Services,
    entering: Entering<'_>,
    (visitor, policy): (&Visitor, &Policy),
) -> Result<Entered, SsoError> {
    let Entering {
        provider,
        link,
        user,
        proof,
        once,
        counted,
    } = entering;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if let Some(once) = once {
        spend(&mut tx, once, now).await?;
    }
    if !spent(&mut tx, services, user.id, &proof).await? {
        return Err(SigninError::Failed.into());
    }
    // It may have been ended while the browser was away.
    if store::use_link(&mut tx, link.id, now).await? == 0 {
        return Err(SsoError::StateWrong);
    }
    counted.succeeded(&mut tx).await?;
    let (mut session, secret) = begin_session(&mut tx, services, user.id, visitor, policy).await?;
    let origin = Origin {
        has_factor: matches!(proof, Proof::Provider),
    };
    let old = now.plus_micros(-SESSIONS_KEPT_MICROS);
    store::insert_origin(&mut tx, session.id, (provider.id, user.id), origin, (now, old)).await?;
    let actor = identity::actor(&mut tx, user.id, &services.tree, now.business_day())
        .await?
        .ok_or(SigninError::Failed)?;
    let roles: Vec<_> = actor.roles.iter().map(|(role, _)| *role).collect();
    let owed = signin::must(&mut tx, (user.id, &roles), policy, now).await?;
    session.must = queries::relieved(&mut tx, session.id, owed).await?;
    let body = json!({
        "session": hex(&session.id.bytes()), "second_factor": proof.word(), "provider": provider.code,
    });
    finish(tx, services, ("session.started", user.unit, user.id), user.id, body).await?;
    Ok(Entered { actor, session, secret })
}
