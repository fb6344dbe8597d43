//! Adding users, granting and ending roles, issuing and revoking tokens.
//!
//! Who manages users does so below her own units only, and only those users whose home and running roles all lie
//! there: otherwise a county's administrator could take a token of the province's.

use db::{DbError, Reads, Tx};
use kernel::id::{Id as _, hex};
use kernel::{ActorId, BusinessDay, Instant, TokenId, UnitId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::IdentityError;
use super::model::{Actor, ActorKind, Permission, Post, Role};
use super::rules;
use super::store::{self, TokenRow, UserRow};
use crate::Services;
use crate::facts::{NewFact, conclude};
use crate::signin::actions::fresh_for_oneself;
use crate::signin::{Current, SigninError};

/// What the account of the sealed envelope is called in lists.
const EMERGENCY_ACCOUNT: &str = "break-glass";

/// Where sealed personal fields of users are bound to.
pub(crate) const PERSONAL: &str = "actor.personal";

/// What a new user is made of.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its name in lists, its own in the installation.
    pub name: String,
    /// Person or machine.
    pub kind: ActorKind,
    /// Its home.
    pub unit: UnitId,
    /// Its first roles, in its home.
    pub roles: Vec<Role>,
    /// Its first token, if one is wanted.
    pub token: Option<NewToken>,
    /// Its personal fields, sealed before they are stored.
    pub personal: Personal,
}

/// Personal fields of a user. No `Debug` beyond this, no `Serialize` outward.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Personal {
    /// The name on the identity card.
    pub real_name: Option<String>,
    /// A phone number.
    pub phone: Option<String>,
    /// An e-mail: where notices go besides.
    pub email: Option<String>,
}

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal(sealed)")
    }
}

/// What a new token is made of.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Days to live; [`rules::TOKEN_DAYS_DEFAULT`] when nothing is said.
    pub days: Option<i64>,
}

/// A token on its way to its owner: the only time its text is shown. No `Debug`.
pub struct IssuedToken {
    /// Its id.
    pub id: TokenId,
    /// `qiao_…`.
    pub text: String,
    /// Until when.
    pub expires_at: Instant,
}

/// A user just added.
pub struct AddedUser {
    /// Its id.
    pub id: ActorId,
    /// Its first token, where one was asked for.
    pub token: Option<IssuedToken>,
}

/// Adds a user with its first roles and, if wanted, its first token. Fact `user.added`.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such unit, name taken or not a name, days out of range.
pub async fn add_user(services: &Services, by: &Actor, new: NewUser) -> Result<AddedUser, IdentityError> {
    by.require(Permission::UserManage, new.unit)?;
    known_unit(services, new.unit)?;
    let now = services.now();
    let user = UserRow {
        id: ActorId::new(now, &*services.rng),
        unit: new.unit,
        name: rules::name(&new.name)?,
        kind: new.kind,
        created_at: now,
    };
    let mut tx = services.db.begin().await?;
    store::insert_user(&mut tx, &user, sealed(services, &new.personal), by.id).await?;
    for (at, role) in new.roles.iter().enumerate() {
        hands_out(by, *role)?;
        beside(new.roles[..at].iter().copied(), *role)?;
        store::insert_role(&mut tx, user.id, &Post::lasting(*role, new.unit), by.id, now).await?;
    }
    let token = match &new.token {
        Some(wanted) => Some(write_token(&mut tx, services, by, user.id, wanted).await?),
        None => None,
    };
    let body = json!({
        "kind": user.kind.as_str(),
        "roles": new.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
        "token": token.as_ref().map(|t| hex(&t.id.bytes())),
    });
    finish(tx, services, by, ("user.added", user.unit, user.id.bytes()), body).await?;
    Ok(AddedUser { id: user.id, token })
}

/// The account as which the code of the sealed envelope works: no person, so that it has no password and decides no
/// case. Written in the transaction of its first code.
pub(crate) async fn emergency_account(
    tx: &mut Tx,
    services: &Services,
    unit: UnitId,
    by: &Actor,
) -> Result<ActorId, IdentityError> {
    let now = services.now();
    let user = UserRow {
        id: ActorId::new(now, &*services.rng),
        unit,
        name: EMERGENCY_ACCOUNT.to_owned(),
        kind: ActorKind::Machine,
        created_at: now,
    };
    store::insert_user(tx, &user, None, by.id).await?;
    store::insert_role(
        tx,
        user.id,
        &Post::lasting(Role::EmergencyAdministrator, unit),
        by.id,
        now,
    )
    .await?;
    Ok(user.id)
}

/// Grants a role in a unit and all below it, until it is ended: [`grant_post`] without a term.
///
/// # Errors
/// As [`grant_post`].
pub async fn grant_role(
    services: &Services,
    by: &Actor,
    to: ActorId,
    role: Role,
    unit: UnitId,
) -> Result<(), IdentityError> {
    grant_post(services, by, to, Post::lasting(role, unit)).await
}

/// Grants a role in a unit and all below it for a term, with the title of the post. It begins and ends by itself. Fact
/// `role.granted` with the days.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such user or unit, role held already, too many roles, a role beside which this one
/// may not stand, a term that is over or runs backwards, a title out of shape.
pub async fn grant_post(services: &Services, by: &Actor, to: ActorId, post: Post) -> Result<(), IdentityError> {
    by.require(Permission::UserManage, post.unit)?;
    known_unit(services, post.unit)?;
    let now = services.now();
    let today = now.business_day();
    rules::check_post(&post, today)?;
    hands_out(by, post.role)?;
    let mut tx = services.db.begin().await?;
    managed_user(&mut tx, services, by, to).await?;
    store::hold_user(&mut tx, to).await?;
    let held = store::held_roles(&mut tx, to, today).await?;
    let lent = crate::powers::lent_to(&mut tx, to, today).await?;
    // What the sealed envelope opens holds its own role alone.
    if held.iter().any(|role| !rules::is_granted(*role)) {
        return Err(IdentityError::NotHandedOut(post.role));
    }
    beside(held.iter().copied().chain(lent), post.role)?;
    if held.len() as i64 >= rules::ROLES_MAX {
        return Err(IdentityError::TooMany {
            what: "roles",
            max: rules::ROLES_MAX,
        });
    }
    store::insert_role(&mut tx, to, &post, by.id, now).await?;
    let mut body = json!({ "role": post.role.as_str() });
    for (name, day) in [("from", post.from_day), ("until", post.until_day)] {
        if let Some(day) = day {
            body[name] = day.to_string().into();
        }
    }
    finish(tx, services, by, ("role.granted", post.unit, to.bytes()), body).await
}

/// Ends a role. What was done with it stays. Fact `role.ended`.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such user, no such running role.
pub async fn end_role(
    services: &Services,
    by: &Actor,
    of: ActorId,
    role: Role,
    unit: UnitId,
) -> Result<(), IdentityError> {
    by.require(Permission::UserManage, unit)?;
    let mut tx = services.db.begin().await?;
    store::user_by_id(&mut tx, of).await?;
    store::end_role(&mut tx, of, (role, unit), by.id, services.now()).await?;
    finish(
        tx,
        services,
        by,
        ("role.ended", unit, of.bytes()),
        json!({ "role": role.as_str() }),
    )
    .await
}

/// Issues a token for a user; for oneself after a fresh sign-in alone. Its text is in the answer and nowhere else. Fact
/// `token.issued`.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such user, days out of range, too many tokens, for oneself in an old session.
pub async fn issue_token(
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    to: ActorId,
    new: NewToken,
) -> Result<IssuedToken, IdentityError> {
    let mut tx = services.db.begin().await?;
    let user = managed_user(&mut tx, services, by, to).await?;
    fresh(services, (by, session), to)?;
    may_act_as(&mut tx, by, to, services.now().business_day()).await?;
    let token = write_token(&mut tx, services, by, to, &new).await?;
    let body = json!({ "token": hex(&token.id.bytes()), "expires_at": token.expires_at.to_rfc3339() });
    finish(tx, services, by, ("token.issued", user.unit, to.bytes()), body).await?;
    Ok(token)
}

/// Revokes a token at once. One's own always; others' by who manages their owner. Twice is as good as once.
/// Fact `token.revoked`.
///
/// # Errors
/// [`IdentityError`]: not allowed, no such token.
pub async fn revoke_token(services: &Services, by: &Actor, id: TokenId) -> Result<(), IdentityError> {
    let mut tx = services.db.begin().await?;
    let token = store::token_by_id(&mut tx, id).await?;
    let owner = if token.actor == by.id {
        store::user_by_id(&mut tx, token.actor).await?
    } else {
        managed_user(&mut tx, services, by, token.actor)
            .await
            .map_err(|error| match error {
                // Whose token it is, is nobody's business who may not manage it.
                IdentityError::NoUser => IdentityError::NoToken,
                other => other,
            })?
    };
    if store::revoke_token(&mut tx, id, by.id, services.now()).await? == 0 {
        return Ok(());
    }
    let body = json!({ "token": hex(&id.bytes()) });
    finish(tx, services, by, ("token.revoked", owner.unit, owner.id.bytes()), body).await
}

/// A token acts with all that its owner holds and was lent, and who accepts an invitation is that user: who may not hand that
/// out issues neither.
///
/// # Errors
/// [`IdentityError::NotHandedOut`], any [`IdentityError::Db`].
pub(crate) async fn may_act_as(
    at: &mut impl Reads,
    by: &Actor,
    to: ActorId,
    today: BusinessDay,
) -> Result<(), IdentityError> {
    let posts = store::posts(at, to).await?;
    let lent = crate::powers::lent_to(at, to, today).await?;
    let held = posts.iter().filter(|post| !post.is_over(today)).map(|post| post.role);
    held.chain(lent).try_for_each(|role| hands_out(by, role))
}

/// Whether this one may hand out the role.
fn hands_out(by: &Actor, role: Role) -> Result<(), IdentityError> {
    if rules::may_hand_out(&by.roles, role) {
        Ok(())
    } else {
        Err(IdentityError::NotHandedOut(role))
    }
}

/// What opens one's own account anew asks for a fresh sign-in.
pub(super) fn fresh(
    services: &Services,
    (by, session): (&Actor, Option<&Current>),
    of: ActorId,
) -> Result<(), IdentityError> {
    fresh_for_oneself(services, (by, session), of).map_err(|error| match error {
        SigninError::SignInAgain => IdentityError::SignInAgain,
        _ => IdentityError::NoBrowser,
    })
}

fn beside(held: impl IntoIterator<Item = Role>, new: Role) -> Result<(), IdentityError> {
    match rules::excluded_by(held, new) {
        Some(held) => Err(IdentityError::Excluded { held, new }),
        None => Ok(()),
    }
}

/// The user, if all of it lies where the actor manages users; else it does not exist for her.
pub(crate) async fn managed_user(
    at: &mut impl Reads,
    services: &Services,
    by: &Actor,
    id: ActorId,
) -> Result<UserRow, IdentityError> {
    // Asked before the look-up, so that “forbidden” and “not there” tell nothing about other people's users.
    by.require_somewhere(Permission::UserManage)?;
    let user = store::user_by_id(at, id).await?;
    let scope = by.scope_for(Permission::UserManage);
    let roles = store::roles_of(at, id, services.now().business_day()).await?;
    // A post to come counts already: a token taken today would hold it tomorrow.
    let posts = store::posts(at, id).await?;
    let coming = posts.iter().filter(|post| !post.is_over(services.now().business_day()));
    let coming = coming.map(|post| post.unit);
    let units = roles.iter().map(|(_, unit)| *unit).chain(coming).chain([user.unit]);
    if units.into_iter().all(|unit| scope.contains(unit, &services.tree)) {
        Ok(user)
    } else {
        Err(IdentityError::NoUser)
    }
}

fn known_unit(services: &Services, unit: UnitId) -> Result<(), IdentityError> {
    if services.tree.knows(unit) {
        Ok(())
    } else {
        Err(IdentityError::NoUnit)
    }
}

pub(super) fn sealed(services: &Services, personal: &Personal) -> Option<Vec<u8>> {
    if *personal == Personal::default() {
        return None;
    }
    let plain =
        json!({ "real_name": personal.real_name, "phone": personal.phone, "email": personal.email }).to_string();
    Some(services.keys.seal(plain.as_bytes(), PERSONAL, &*services.rng))
}

async fn write_token(
    tx: &mut Tx,
    services: &Services,
    by: &Actor,
    to: ActorId,
    new: &NewToken,
) -> Result<IssuedToken, IdentityError> {
    let now = services.now();
    if store::working_tokens(tx, to, now).await? >= rules::TOKENS_MAX {
        return Err(IdentityError::TooMany {
            what: "tokens",
            max: rules::TOKENS_MAX,
        });
    }
    let fresh = rules::fresh_token(&*services.rng);
    let token = TokenRow {
        id: TokenId::new(now, &*services.rng),
        actor: to,
        name: rules::name(&new.name)?,
        created_at: now,
        expires_at: rules::expiry(now, new.days)?,
        last_used_at: None,
        revoked_at: None,
    };
    store::insert_token(tx, &token, fresh.hash, by.id).await?;
    Ok(IssuedToken {
        id: token.id,
        text: fresh.text,
        expires_at: token.expires_at,
    })
}

pub(super) async fn finish(
    tx: Tx,
    services: &Services,
    by: &Actor,
    (kind, unit, subject): (&'static str, UnitId, [u8; 16]),
    body: serde_json::Value,
) -> Result<(), IdentityError> {
    conclude(
        tx,
        NewFact {
            unit,
            kind,
            subject,
            actor: Some(by.id),
            body,
        },
        services,
    )
    .await?;
    Ok(())
}

/// Notes that a token is in use, at most once an hour; that it fails is no reason to refuse its bearer.
pub(super) async fn note_use(services: &Services, token: &TokenRow) {
    const COARSE_MICROS: i64 = 3_600_000_000;
    let now = services.now();
    if token
        .last_used_at
        .is_some_and(|seen| now.micros() - seen.micros() < COARSE_MICROS)
    {
        return;
    }
    let noted = async {
        let mut tx = services.db.begin().await?;
        store::touch_token(&mut tx, token.id, now).await?;
        tx.commit().await
    };
    let noted: Result<(), DbError> = noted.await;
    if let Err(error) = noted {
        tracing::warn!(token = ?token.id, %error, "the use of a token could not be noted");
    }
}
