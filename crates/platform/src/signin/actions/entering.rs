//! Signing in.

use kernel::ActorId;
use serde_json::json;

use super::tries::Counted;
use super::{begin_session, finish, hex_of, opened};
use crate::Services;
use crate::identity::{Actor, ActorKind, UserRow, store as identity};
use crate::signin::error::SigninError;
use crate::signin::model::{Current, Visitor};
use crate::signin::passkeys::{self, PasskeyError};
use crate::signin::passwords::{self, NOBODYS};
use crate::signin::store::{FactorRow, PasswordRow};
use crate::signin::{FACTOR_PLACE, queries, rules, store};

/// A try to sign in. No `Debug`.
pub struct Attempt {
    /// The user's name.
    pub name: String,
    /// The password.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    pub code: Option<String>,
    /// A passkey that answers what was asked ([`passkeys::actions::ask`]); it goes before a code.
    pub passkey: Option<passkeys::Answer>,
    /// Who knocks.
    pub visitor: Visitor,
}

/// Somebody who came in. No `Debug`.
pub struct Entered {
    /// Who.
    pub actor: Actor,
    /// The new session.
    pub session: Current,
    /// What the cookie holds, shown this once.
    pub secret: String,
}

/// What is known under a name.
struct Known {
    user: UserRow,
    password: PasswordRow,
    factor: Option<FactorRow>,
    passkeys: Vec<passkeys::PasskeyRow>,
}

/// How the second factor was shown.
enum Proof {
    NotEnrolled,
    Step(i64),
    Recovery(Vec<u8>),
    Passkey(passkeys::Shown),
}

impl Proof {
    const fn word(&self) -> &'static str {
        match self {
            Self::NotEnrolled => "none",
            Self::Step(_) => "code",
            Self::Recovery(_) => "recovery_code",
            Self::Passkey(_) => "passkey",
        }
    }
}

/// Signs a person in: a new session with a new secret. Fact `session.started`.
///
/// # Errors
/// [`SigninError::Failed`] alike for an unknown name, a wrong password and a wrong code; [`SigninError::FactorNeeded`]
/// and [`PasskeyError::Needed`] after the right password; what [`PasskeyError`] else says of a passkey;
/// [`SigninError::Locked`]; [`SigninError::Busy`].
pub async fn sign_in(services: &Services, attempt: Attempt) -> Result<Entered, SigninError> {
    let policy = {
        let mut at = services.db.snapshot().await?;
        queries::policy(&mut at, services.now().business_day()).await?
    };
    let counted = Counted::of(services, &attempt.name, Some(attempt.visitor.address));
    let lock = counted.one_more(services, &policy).await?;
    let known = known(services, &attempt.name).await?;
    let checked = check(services, &known, &attempt).await;
    match &checked {
        Err(SigninError::FactorNeeded | SigninError::Passkey(PasskeyError::Needed) | SigninError::Busy) => {
            counted.give_back(services).await?;
        }
        Err(_) => counted.tell(services, &attempt.name, lock).await?,
        Ok(_) => {}
    }
    let proof = checked?;
    let Some(known) = known else {
        return Err(SigninError::Failed);
    };

    let id = known.user.id;
    let now = services.now();
    let mut tx = services.db.begin().await?;
    if !spent(&mut tx, services, id, &proof).await? {
        return Err(SigninError::Failed);
    }
    counted.succeeded(&mut tx).await?;
    let (mut session, secret) = begin_session(&mut tx, services, id, &attempt.visitor, &policy).await?;
    let actor = identity::actor(&mut tx, id, &services.tree, now.business_day())
        .await?
        .ok_or(SigninError::Failed)?;
    let roles: Vec<_> = actor.roles.iter().map(|(role, _)| *role).collect();
    session.must = queries::must(&mut tx, (id, &roles), &policy, now).await?;
    let body = json!({ "session": hex_of(session.id), "second_factor": proof.word() });
    finish(tx, services, ("session.started", known.user.unit, id), id, body).await?;
    Ok(Entered { actor, session, secret })
}

async fn known(services: &Services, name: &str) -> Result<Option<Known>, SigninError> {
    let mut at = services.db.snapshot().await?;
    let user = match identity::user_by_name(&mut at, name.trim()).await {
        Ok(user) if user.kind == ActorKind::Person => user,
        Ok(_) | Err(crate::identity::IdentityError::NoUser) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(password) = store::password_in_force(&mut at, user.id).await? else {
        return Ok(None);
    };
    let factor = store::factor(&mut at, user.id).await?;
    let passkeys = passkeys::store::list(&mut at, user.id).await?;
    Ok(Some(Known {
        user,
        password,
        factor,
        passkeys,
    }))
}

/// Who this is by name and password alone; what a second factor is asked of. Counted like a sign-in, and the right
/// password is no failure.
///
/// # Errors
/// [`SigninError::Failed`], [`SigninError::Locked`], [`SigninError::Busy`].
pub(in crate::signin) async fn right_password(services: &Services, attempt: &Attempt) -> Result<ActorId, SigninError> {
    let policy = {
        let mut at = services.db.snapshot().await?;
        queries::policy(&mut at, services.now().business_day()).await?
    };
    let counted = Counted::of(services, &attempt.name, Some(attempt.visitor.address));
    let lock = counted.one_more(services, &policy).await?;
    let known = known(services, &attempt.name).await?;
    match password_fits(services, &known, &attempt.password).await {
        Ok(known) => {
            counted.give_back(services).await?;
            Ok(known.user.id)
        }
        Err(SigninError::Busy) => {
            counted.give_back(services).await?;
            Err(SigninError::Busy)
        }
        Err(error) => {
            counted.tell(services, &attempt.name, lock).await?;
            Err(error)
        }
    }
}

/// Looks at the password. An unknown name costs the same work as a known one.
async fn password_fits<'a>(
    services: &Services,
    known: &'a Option<Known>,
    password: &str,
) -> Result<&'a Known, SigninError> {
    let kept = match known {
        Some(known) => opened(services, &known.password)?,
        None => NOBODYS,
    };
    let fits = password.chars().count() <= rules::PASSWORD_CHARS_MAX;
    // A text that is too long is still hashed, cut to its beginning.
    let text: String = password.chars().take(rules::PASSWORD_CHARS_MAX).collect();
    let right = passwords::matches(&text, &kept).await? && fits;
    known.as_ref().filter(|_| right).ok_or(SigninError::Failed)
}

/// Looks at password, passkey and code.
async fn check(services: &Services, known: &Option<Known>, attempt: &Attempt) -> Result<Proof, SigninError> {
    let known = password_fits(services, known, &attempt.password).await?;
    if known.factor.is_none() && known.passkeys.is_empty() {
        return Ok(Proof::NotEnrolled);
    }
    if let Some(answer) = &attempt.passkey {
        let shown = passkeys::actions::shown(services, (&known.user, &known.passkeys), answer).await?;
        return Ok(Proof::Passkey(shown));
    }
    let code = attempt.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    let Some(code) = code else {
        let codes_alone = known.passkeys.is_empty();
        return Err(if codes_alone {
            SigninError::FactorNeeded
        } else {
            PasskeyError::Needed.into()
        });
    };
    if let Some(plain) = rules::recovery_code(code) {
        return Ok(Proof::Recovery(recovery_index(services, known.user.id, &plain)));
    }
    let factor = known.factor.as_ref().ok_or(SigninError::Failed)?;
    let secret = services.keys.open(&factor.sealed, FACTOR_PLACE)?;
    let step = rules::factor_step(&secret, code, factor.last_step, services.now());
    step.map(Proof::Step).ok_or(SigninError::Failed)
}

/// The keyed hash of a recovery code; a user's own, so that equal codes of two users differ.
pub(in crate::signin) fn recovery_index(services: &Services, of: ActorId, plain: &str) -> Vec<u8> {
    let whose = kernel::id::hex(&kernel::id::Id::bytes(of));
    services
        .keys
        .blind_index("signin.recovery", &format!("{whose}/{plain}"))
}

/// Uses the code or the passkey's counter up; false when it was used before.
async fn spent(tx: &mut db::Tx, services: &Services, of: ActorId, proof: &Proof) -> Result<bool, SigninError> {
    let used = match proof {
        Proof::NotEnrolled => return Ok(!queries::has_factor(tx, of).await?),
        Proof::Step(step) => store::spend_step(tx, of, *step).await?,
        Proof::Recovery(index) => store::spend_recovery(tx, of, index, services.now()).await?,
        Proof::Passkey(shown) => return passkeys::actions::spend(tx, services, shown).await,
    };
    Ok(used == 1)
}
