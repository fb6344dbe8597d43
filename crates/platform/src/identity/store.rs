//! The tables `actor`, `role_binding` and `api_token`; of `delegation` what runs today.

use std::sync::Arc;

use db::{DbError, Reads, Row, Tx, params};
use kernel::{ActorId, BusinessDay, Instant, TokenId, UnitId};

use super::error::IdentityError;
use super::model::{Actor, ActorKind, Post, Role};
use crate::UnitTree;

/// A user as stored, without personal fields.
#[derive(Debug, Clone)]
pub struct UserRow {
    /// Its id.
    pub id: ActorId,
    /// Its home: whoever manages users there manages this one.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Person or machine.
    pub kind: ActorKind,
    /// Since when.
    pub created_at: Instant,
}

/// A token as stored, without the token.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub actor: ActorId,
    /// What it is called.
    pub name: String,
    /// Since when.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Instant,
    /// Last seen, to the hour.
    pub last_used_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

pub(super) const USER: &str = "a.id, a.unit_id, a.name, a.kind, a.created_at";
pub(super) const TOKEN: &str = "t.id, t.actor_id, t.name, t.created_at, t.expires_at, t.last_used_at, t.revoked_at";

pub(super) fn user(row: &Row) -> Result<UserRow, DbError> {
    Ok(UserRow {
        id: row.id("id")?,
        unit: row.id("unit_id")?,
        name: row.text("name")?,
        kind: row.word("kind")?,
        created_at: row.instant("created_at")?,
    })
}

pub(super) fn token(row: &Row) -> Result<TokenRow, DbError> {
    Ok(TokenRow {
        id: row.id("id")?,
        actor: row.id("actor_id")?,
        name: row.text("name")?,
        created_at: row.instant("created_at")?,
        expires_at: row.instant("expires_at")?,
        last_used_at: row.opt_instant("last_used_at")?,
        revoked_at: row.opt_instant("revoked_at")?,
    })
}

/// Writes a new user; `personal` is sealed already.
pub(super) async fn insert_user(
    tx: &mut Tx,
    user: &UserRow,
    personal: Option<Vec<u8>>,
    by: ActorId,
) -> Result<(), IdentityError> {
    let row = params![
        (user.id,),
        (user.unit,),
        user.name.as_str(),
        user.kind.as_str(),
        personal,
        (by,),
        user.created_at
    ];
    let written = tx
        .execute(
            "INSERT INTO actor (id, unit_id, name, kind, personal_sealed, created_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name) DO NOTHING",
            row,
        )
        .await?;
    if written == 1 {
        Ok(())
    } else {
        Err(IdentityError::NameTaken)
    }
}

/// The user of this id.
pub(crate) async fn user_by_id(at: &mut impl Reads, id: ActorId) -> Result<UserRow, IdentityError> {
    let row = at
        .query_one(&format!("SELECT {USER} FROM actor a WHERE a.id = ?1"), params![(id,)])
        .await?;
    row.as_ref().map(user).transpose()?.ok_or(IdentityError::NoUser)
}

/// The user of this name.
pub(crate) async fn user_by_name(at: &mut impl Reads, name: &str) -> Result<UserRow, IdentityError> {
    let row = at
        .query_one(&format!("SELECT {USER} FROM actor a WHERE a.name = ?1"), params![name])
        .await?;
    row.as_ref().map(user).transpose()?.ok_or(IdentityError::NoUser)
}

/// The posts of a user that nobody ended: running, coming, and over by their term.
pub(crate) async fn posts(at: &mut impl Reads, id: ActorId) -> Result<Vec<Post>, DbError> {
    let sql = "SELECT role, unit_id, title, from_day, until_day FROM role_binding
        WHERE actor_id = ?1 AND ended_at IS NULL ORDER BY granted_at, role";
    let rows = at.query(sql, params![(id,)]).await?;
    rows.iter().map(post).collect()
}

/// A post from its columns.
pub(super) fn post(row: &Row) -> Result<Post, DbError> {
    Ok(Post {
        role: row.word("role")?,
        unit: row.id("unit_id")?,
        title: row.opt_text("title")?,
        from_day: row.opt_day("from_day")?,
        until_day: row.opt_day("until_day")?,
    })
}

/// The roles of a user that were granted and run today.
pub(crate) async fn granted_roles(
    at: &mut impl Reads,
    id: ActorId,
    today: BusinessDay,
) -> Result<Vec<(Role, UnitId)>, DbError> {
    let posts = posts(at, id).await?;
    let running = posts.iter().filter(|post| post.runs_on(today));
    Ok(running.map(|post| (post.role, post.unit)).collect())
}

/// The roles that a user holds today or will hold: none may stand beside another that excludes it.
pub(crate) async fn held_roles(at: &mut impl Reads, id: ActorId, today: BusinessDay) -> Result<Vec<Role>, DbError> {
    let posts = posts(at, id).await?;
    let held = posts.iter().filter(|post| !post.is_over(today));
    Ok(held.map(|post| post.role).collect())
}

/// The running roles of a user: granted, and lent to her on this day by somebody who holds them.
pub(crate) async fn roles_of(
    at: &mut impl Reads,
    id: ActorId,
    today: BusinessDay,
) -> Result<Vec<(Role, UnitId)>, DbError> {
    let mut roles = granted_roles(at, id, today).await?;
    let lent = at
        .query(
            "SELECT d.role, d.unit_id FROM delegation d
             JOIN role_binding b ON b.actor_id = d.lender_id AND b.unit_id = d.unit_id AND b.role = d.role
                 AND b.ended_at IS NULL AND (b.from_day IS NULL OR b.from_day <= ?2)
                 AND (b.until_day IS NULL OR b.until_day >= ?2)
             WHERE d.actor_id = ?1 AND d.ended_at IS NULL AND d.from_day <= ?2 AND d.to_day >= ?2
             ORDER BY d.given_at, d.role",
            params![(id,), today],
        )
        .await?;
    for row in &lent {
        let lent = role(row)?;
        if !roles.contains(&lent) {
            roles.push(lent);
        }
    }
    Ok(roles)
}

fn role(row: &Row) -> Result<(Role, UnitId), DbError> {
    Ok((row.word("role")?, row.id("unit_id")?))
}

/// The sealed personal fields of a user; nothing where she left none.
pub(super) async fn personal(at: &mut impl Reads, id: ActorId) -> Result<Option<Vec<u8>>, DbError> {
    let sql = "SELECT personal_sealed FROM actor WHERE id = ?1";
    let row = at.query_one(sql, params![(id,)]).await?;
    row.map_or(Ok(None), |row| row.opt_bytes("personal_sealed"))
}

/// Puts other personal fields in their place, or none.
pub(super) async fn put_personal(tx: &mut Tx, id: ActorId, sealed: Option<Vec<u8>>) -> Result<(), DbError> {
    let sql = "UPDATE actor SET personal_sealed = ?2 WHERE id = ?1";
    tx.execute(sql, params![(id,), sealed]).await.map(drop)
}

/// Keeps two grants to one user from passing each other; SQLite has one writer anyway.
pub(crate) async fn hold_user(tx: &mut Tx, id: ActorId) -> Result<(), DbError> {
    if tx.backend() == db::Backend::Postgres {
        tx.query("SELECT id FROM actor WHERE id = ?1 FOR UPDATE", params![(id,)])
            .await?;
    }
    Ok(())
}

/// The user as somebody who acts, with all running roles.
pub(crate) async fn actor(
    at: &mut impl Reads,
    id: ActorId,
    tree: &Arc<UnitTree>,
    today: BusinessDay,
) -> Result<Option<Actor>, DbError> {
    let sql = format!("SELECT {USER} FROM actor a WHERE a.id = ?1");
    let Some(row) = at.query_one(&sql, params![(id,)]).await? else {
        return Ok(None);
    };
    let owner = user(&row)?;
    let roles = roles_of(at, owner.id, today).await?;
    Ok(Some(Actor::with_roles(owner.id, &owner.name, owner.kind, &roles, tree)))
}

/// Grants a role. One of the same kind whose term is over is ended first, so that it may be granted anew.
pub(super) async fn insert_role(
    tx: &mut Tx,
    to: ActorId,
    post: &Post,
    by: ActorId,
    now: Instant,
) -> Result<(), IdentityError> {
    let key = params![(to,), (post.unit,), post.role.as_str(), now, (by,), now.business_day()];
    tx.execute(
        "UPDATE role_binding SET ended_at = ?4, ended_by = ?5
         WHERE actor_id = ?1 AND unit_id = ?2 AND role = ?3 AND ended_at IS NULL AND until_day < ?6",
        key,
    )
    .await?;
    let row = params![
        (to,),
        (post.unit,),
        post.role.as_str(),
        now,
        (by,),
        post.from_day,
        post.until_day,
        post.title.clone()
    ];
    let written = tx
        .execute(
            "INSERT INTO role_binding (actor_id, unit_id, role, granted_at, granted_by, from_day, until_day, title)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            row,
        )
        .await?;
    if written == 1 {
        Ok(())
    } else {
        Err(IdentityError::RoleHeld)
    }
}

/// Ends a running role.
pub(super) async fn end_role(
    tx: &mut Tx,
    of: ActorId,
    (role, unit): (Role, UnitId),
    by: ActorId,
    now: Instant,
) -> Result<(), IdentityError> {
    let ended = tx
        .execute(
            "UPDATE role_binding SET ended_at = ?4, ended_by = ?5
             WHERE actor_id = ?1 AND unit_id = ?2 AND role = ?3 AND ended_at IS NULL",
            params![(of,), (unit,), role.as_str(), now, (by,)],
        )
        .await?;
    if ended == 1 { Ok(()) } else { Err(IdentityError::NoRole) }
}

/// Keeps a token's hash.
pub(super) async fn insert_token(tx: &mut Tx, token: &TokenRow, hash: [u8; 32], by: ActorId) -> Result<(), DbError> {
    let row = params![
        (token.id,),
        (token.actor,),
        hash,
        token.name.as_str(),
        (by,),
        token.created_at,
        token.expires_at
    ];
    tx.execute(
        "INSERT INTO api_token (id, actor_id, hash, name, created_by, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        row,
    )
    .await
    .map(drop)
}

/// How many tokens of a user work now.
pub(super) async fn working_tokens(at: &mut impl Reads, of: ActorId, now: Instant) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM api_token WHERE actor_id = ?1 AND revoked_at IS NULL AND expires_at > ?2";
    at.query_one(sql, params![(of,), now])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}

/// The token of this id.
pub(super) async fn token_by_id(at: &mut impl Reads, id: TokenId) -> Result<TokenRow, IdentityError> {
    let row = at
        .query_one(
            &format!("SELECT {TOKEN} FROM api_token t WHERE t.id = ?1"),
            params![(id,)],
        )
        .await?;
    row.as_ref().map(token).transpose()?.ok_or(IdentityError::NoToken)
}

/// Ends a token for good; doing it twice changes nothing.
pub(super) async fn revoke_token(tx: &mut Tx, id: TokenId, by: ActorId, now: Instant) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE api_token SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1 AND revoked_at IS NULL",
        params![(id,), now, (by,)],
    )
    .await
}

/// Notes that a token was used.
pub(super) async fn touch_token(tx: &mut Tx, id: TokenId, now: Instant) -> Result<(), DbError> {
    tx.execute(
        "UPDATE api_token SET last_used_at = ?2 WHERE id = ?1",
        params![(id,), now],
    )
    .await
    .map(drop)
}

/// The token with this hash and its owner with all running roles.
pub(super) async fn by_hash(
    at: &mut impl Reads,
    hash: [u8; 32],
    tree: &Arc<UnitTree>,
    today: BusinessDay,
) -> Result<Option<(TokenRow, Actor)>, DbError> {
    let sql = format!("SELECT {TOKEN} FROM api_token t WHERE t.hash = ?1");
    let Some(found) = at.query_one(&sql, params![hash]).await? else {
        return Ok(None);
    };
    let found = token(&found)?;
    let owner = actor(at, found.actor, tree, today).await?;
    Ok(owner.map(|owner| (found, owner)))
}
