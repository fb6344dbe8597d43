//! Lists of users and tokens for those who manage them.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::{DbError, Reads, params};
use kernel::{ActorId, BusinessDay, Instant, UnitId};

use super::actions::Personal;
use super::error::IdentityError;
use super::model::{Actor, Post, Role, Scope};
pub use super::store::TokenRow;
use super::store::{self, UserRow};
use crate::notify::Address;
use crate::{Keys, UnitTree};

impl Scope {
    /// The condition that keeps a query inside: `g.unit_id IN (?4, ?5)` (its values are pushed onto `params`), or
    /// `1 = 1` without bounds, or `1 = 0` when there is nothing.
    pub fn condition(&self, column: &str, tree: &UnitTree, params: &mut Vec<db::Value>) -> String {
        let Some(units) = self.units(tree) else {
            return "1 = 1".to_owned();
        };
        if units.is_empty() {
            return "1 = 0".to_owned();
        }
        let marks: Vec<String> = units
            .iter()
            .map(|unit| {
                params.push(db::Param::param((*unit,)));
                format!("?{}", params.len())
            })
            .collect();
        format!("{column} IN ({})", marks.join(", "))
    }
}

/// A user with its running roles.
#[derive(Debug, Clone)]
pub struct User {
    /// The user.
    pub row: UserRow,
    /// Its posts that nobody ended: running, coming, and over by their term.
    pub posts: Vec<Post>,
}

/// A post whose term ends soon.
#[derive(Debug, Clone)]
pub struct EndingPost {
    /// Whose.
    pub user: ActorId,
    /// Her name in lists.
    pub name: String,
    /// The post.
    pub post: Post,
}

/// Posts of one answer: a city's staff.
const ENDING_MAX: i64 = 500;

/// The posts of users whose home lies in the scope that end from one day to another, the nearest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn ending_posts(
    at: &mut impl Reads,
    (scope, tree): (&Scope, &UnitTree),
    (from, to): (BusinessDay, BusinessDay),
) -> Result<Vec<EndingPost>, DbError> {
    let mut values = params![from, to, ENDING_MAX];
    let inside = scope.condition("a.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT a.id, a.name, b.role, b.unit_id, b.title, b.from_day, b.until_day
         FROM role_binding b JOIN actor a ON a.id = b.actor_id
         WHERE b.ended_at IS NULL AND b.until_day >= ?1 AND b.until_day <= ?2 AND {inside}
         ORDER BY b.until_day, a.name, b.role LIMIT ?3"
    );
    let rows = at.query(&sql, values).await?;
    let one = |row: &db::Row| {
        Ok(EndingPost {
            user: row.id("id")?,
            name: row.text("name")?,
            post: store::post(row)?,
        })
    };
    rows.iter().map(one).collect()
}

/// One's own posts that nobody ended.
///
/// # Errors
/// Any [`DbError`].
pub async fn posts(at: &mut impl Reads, of: ActorId) -> Result<Vec<Post>, DbError> {
    store::posts(at, of).await
}

/// Users whose home lies in the scope, by id, after `after`, at most `limit`.
///
/// # Errors
/// Any [`DbError`].
pub async fn users(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    after: Option<ActorId>,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    let mut values = params![
        after.map_or_else(Vec::new, |id| kernel::id::Id::bytes(id).to_vec()),
        limit
    ];
    let inside = scope.condition("a.unit_id", tree, &mut values);
    let sql = format!(
        "SELECT {} FROM actor a WHERE a.id > ?1 AND {inside} ORDER BY a.id LIMIT ?2",
        store::USER
    );
    let mut found = Vec::new();
    for row in at.query(&sql, values).await? {
        let row = store::user(&row)?;
        let posts = store::posts(at, row.id).await?;
        found.push(User { row, posts });
    }
    Ok(found)
}

/// The user of this name, wherever it is: for the command line.
///
/// # Errors
/// [`IdentityError::NoUser`].
pub async fn user_named(at: &mut impl Reads, name: &str) -> Result<UserRow, IdentityError> {
    store::user_by_name(at, name.trim()).await
}

/// The user of this id in the scope.
///
/// # Errors
/// [`IdentityError::NoUser`], also when it lies elsewhere.
pub async fn user_by_id(
    at: &mut impl Reads,
    scope: &Scope,
    tree: &UnitTree,
    id: ActorId,
) -> Result<User, IdentityError> {
    let row = store::user_by_id(at, id).await?;
    if !scope.contains(row.unit, tree) {
        return Err(IdentityError::NoUser);
    }
    let posts = store::posts(at, id).await?;
    Ok(User { row, posts })
}

/// Somebody as she may act on this day, with all running roles; for what goes on after its request.
///
/// # Errors
/// Any [`DbError`].
pub async fn actor(
    at: &mut impl Reads,
    id: ActorId,
    tree: &Arc<UnitTree>,
    today: BusinessDay,
) -> Result<Option<Actor>, DbError> {
    store::actor(at, id, tree, today).await
}

/// The user names of these, for histories.
///
/// # Errors
/// Any [`DbError`].
pub async fn names(at: &mut impl Reads, of: &[ActorId]) -> Result<BTreeMap<ActorId, String>, DbError> {
    if of.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (marks, values) = marked(of);
    let sql = format!("SELECT a.id, a.name FROM actor a WHERE a.id IN ({marks}) ORDER BY a.id");
    let rows = at.query(&sql, values).await?;
    rows.iter().map(|row| Ok((row.id("id")?, row.text("name")?))).collect()
}

/// The user names of those of these whom a reader works with: their home lies in, below or above a unit in which the reader
/// holds a role. Others are left out as if they were not there.
///
/// # Errors
/// Any [`DbError`].
pub async fn colleagues(
    at: &mut impl Reads,
    reader: &Actor,
    tree: &UnitTree,
    of: &[ActorId],
) -> Result<BTreeMap<ActorId, String>, DbError> {
    if of.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (marks, values) = marked(of);
    let sql = format!("SELECT a.id, a.name, a.unit_id FROM actor a WHERE a.id IN ({marks}) ORDER BY a.id");
    let mut found = BTreeMap::new();
    for row in at.query(&sql, values).await? {
        if reader.works_with(row.id("unit_id")?, tree) {
            found.insert(row.id("id")?, row.text("name")?);
        }
    }
    Ok(found)
}

/// Users of one role that are listed: every hospital of a province has a few.
const HOLDERS_MAX: i64 = 5_000;

/// The user names of those who hold a role in a unit, or will, granted there or above it.
///
/// # Errors
/// Any [`DbError`].
pub async fn holders(
    at: &mut impl Reads,
    role: Role,
    (unit, tree): (UnitId, &UnitTree),
    today: BusinessDay,
) -> Result<BTreeMap<ActorId, String>, DbError> {
    let rows = at
        .query(
            "SELECT a.id, a.name, b.unit_id FROM role_binding b JOIN actor a ON a.id = b.actor_id
             WHERE b.role = ?1 AND b.ended_at IS NULL AND (b.until_day IS NULL OR b.until_day >= ?3)
             ORDER BY a.name, b.unit_id LIMIT ?2",
            params![role.as_str(), HOLDERS_MAX, today],
        )
        .await?;
    let mut found = BTreeMap::new();
    for row in &rows {
        if tree.is_within(unit, row.id("unit_id")?) {
            found.insert(row.id("id")?, row.text("name")?);
        }
    }
    Ok(found)
}

/// The telephones that these have left, opened to tell them something: never shown, logged or kept.
///
/// # Errors
/// Any [`DbError`].
pub async fn phones(at: &mut impl Reads, keys: &Keys, of: &[ActorId]) -> Result<Vec<String>, DbError> {
    let left = left_by(at, keys, of).await?;
    Ok(left.into_iter().filter_map(|personal| personal.phone).collect())
}

/// Everywhere these are told something: telephones, and e-mails besides. Never shown, logged or kept.
///
/// # Errors
/// Any [`DbError`].
pub async fn addresses(at: &mut impl Reads, keys: &Keys, of: &[ActorId]) -> Result<Vec<Address>, DbError> {
    let left = left_by(at, keys, of).await?;
    let of_one = |one: Personal| {
        let phone = one.phone.map(Address::Phone);
        phone.into_iter().chain(one.email.map(Address::Email))
    };
    Ok(left.into_iter().flat_map(of_one).collect())
}

async fn left_by(at: &mut impl Reads, keys: &Keys, of: &[ActorId]) -> Result<Vec<Personal>, DbError> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let (marks, values) = marked(of);
    let sql = format!(
        "SELECT a.personal_sealed FROM actor a WHERE a.personal_sealed IS NOT NULL AND a.id IN ({marks}) ORDER BY a.id"
    );
    let mut left = Vec::new();
    for row in at.query(&sql, values).await? {
        // What cannot be opened any more belongs to somebody erased.
        let plain = keys.open(&row.bytes("personal_sealed")?, super::actions::PERSONAL).ok();
        left.extend(plain.and_then(|plain| serde_json::from_slice::<Personal>(&plain).ok()));
    }
    Ok(left)
}

fn marked(of: &[ActorId]) -> (String, Vec<db::Value>) {
    let marks: Vec<String> = (1..=of.len()).map(|at| format!("?{at}")).collect();
    let values = of.iter().map(|who| db::Param::param((*who,))).collect();
    (marks.join(", "), values)
}

/// The tokens of a user, newest first, at most `limit`; ended ones too.
///
/// # Errors
/// Any [`DbError`].
pub async fn tokens(at: &mut impl Reads, of: ActorId, limit: i64) -> Result<Vec<TokenRow>, DbError> {
    let sql = format!(
        "SELECT {} FROM api_token t WHERE t.actor_id = ?1 ORDER BY t.id DESC LIMIT ?2",
        store::TOKEN
    );
    at.query(&sql, params![(of,), limit])
        .await?
        .iter()
        .map(store::token)
        .collect()
}

/// How many working tokens end before `soon`, for the doctor.
///
/// # Errors
/// Any [`DbError`].
pub async fn tokens_ending(at: &mut impl Reads, now: Instant, soon: Instant) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM api_token WHERE revoked_at IS NULL AND expires_at > ?1 AND expires_at <= ?2";
    at.query_one(sql, params![now, soon])
        .await?
        .map_or(Ok(0), |row| row.int("n"))
}
