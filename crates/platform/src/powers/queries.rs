//! The roles that are held today, granted and lent.

use db::{DbError, Param as _, Reads, Row, params};
use kernel::{ActorId, BusinessDay, UnitId};

use super::model::{Grant, Lent, OwnDelegation};
use super::store;
use crate::UnitTree;
use crate::identity::{Actor, ActorKind, Permission, Role, rules};

/// Grants of one answer: a province's staff and room to spare.
pub const GRANTS_MAX: i64 = 5_000;

/// Which grants are wanted.
enum Wanted<'a> {
    /// Of one user.
    Of(ActorId),
    /// Of these roles in these units; in all units without a list.
    Roles(&'a [Role], Option<&'a [UnitId]>),
}

/// Everybody who holds the permission today in one of these units, or anywhere: by name, at most [`GRANTS_MAX`].
///
/// # Errors
/// Any [`DbError`].
pub async fn holders(
    at: &mut impl Reads,
    permission: Permission,
    units: Option<&[UnitId]>,
    today: BusinessDay,
) -> Result<Vec<Grant>, DbError> {
    let roles: Vec<Role> = Role::ALL
        .iter()
        .copied()
        .filter(|role| rules::allows(*role, permission))
        .collect();
    if roles.is_empty() || units.is_some_and(<[UnitId]>::is_empty) {
        return Ok(Vec::new());
    }
    grants(at, &Wanted::Roles(&roles, units), today).await
}

/// Delegations of one answer: years of leaves.
const OWN_MAX: i64 = 100;
/// People of one answer to choose from: a city's staff.
const PEOPLE_MAX: usize = 500;

/// What one lent and what was lent to one, over ones too, the newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn own_delegations(at: &mut impl Reads, who: ActorId) -> Result<Vec<OwnDelegation>, DbError> {
    store::of(at, who, OWN_MAX).await
}

/// The people to whom a reader could lend a role: those of the units in which she holds one and below, by name.
///
/// # Errors
/// Any [`DbError`].
pub async fn people(at: &mut impl Reads, reader: &Actor, tree: &UnitTree) -> Result<Vec<(ActorId, String)>, DbError> {
    let sql = "SELECT id, name, unit_id FROM actor WHERE kind = 'person' AND id <> ?1 ORDER BY name LIMIT ?2";
    let scope = reader.scope_for_any(Permission::ALL);
    let mut found = Vec::new();
    for row in at.query(sql, params![(reader.id,), GRANTS_MAX]).await? {
        if found.len() < PEOPLE_MAX && scope.contains(row.id("unit_id")?, tree) {
            found.push((row.id("id")?, row.text("name")?));
        }
    }
    Ok(found)
}

/// The roles that one user holds today.
///
/// # Errors
/// Any [`DbError`].
pub async fn grants_of(at: &mut impl Reads, of: ActorId, today: BusinessDay) -> Result<Vec<Grant>, DbError> {
    grants(at, &Wanted::Of(of), today).await
}

async fn grants(at: &mut impl Reads, wanted: &Wanted<'_>, today: BusinessDay) -> Result<Vec<Grant>, DbError> {
    let mut values = params![today, GRANTS_MAX];
    let condition = condition(wanted, &mut values);
    // What was lent joins the lender's own binding: it holds only while that runs.
    let sql = format!(
        "SELECT g.actor_id, a.name, a.kind, g.role, g.unit_id, g.delegation_id, g.to_day, l.name AS lender
         FROM (SELECT actor_id, role, unit_id, NULL AS delegation_id, until_day AS to_day, NULL AS lender_id
               FROM role_binding WHERE ended_at IS NULL AND (from_day IS NULL OR from_day <= ?1)
                   AND (until_day IS NULL OR until_day >= ?1)
               UNION ALL
               SELECT d.actor_id, d.role, d.unit_id, d.id, d.to_day, d.lender_id
               FROM delegation d
               JOIN role_binding b ON b.actor_id = d.lender_id AND b.unit_id = d.unit_id AND b.role = d.role
                   AND b.ended_at IS NULL AND (b.from_day IS NULL OR b.from_day <= ?1)
                   AND (b.until_day IS NULL OR b.until_day >= ?1)
               WHERE d.ended_at IS NULL AND d.from_day <= ?1 AND d.to_day >= ?1) g
         JOIN actor a ON a.id = g.actor_id
         LEFT JOIN actor l ON l.id = g.lender_id
         WHERE {condition} ORDER BY a.name, g.role, g.unit_id LIMIT ?2"
    );
    at.query(&sql, values).await?.iter().map(grant).collect()
}

fn condition(wanted: &Wanted<'_>, values: &mut Vec<db::Value>) -> String {
    let mut mark = |value: db::Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    match wanted {
        Wanted::Of(of) => format!("g.actor_id = {}", mark((*of,).param())),
        Wanted::Roles(roles, units) => {
            let roles: Vec<String> = roles.iter().map(|role| mark(role.as_str().param())).collect();
            let roles = format!("g.role IN ({})", roles.join(", "));
            let Some(units) = units else { return roles };
            let units: Vec<String> = units.iter().map(|unit| mark((*unit,).param())).collect();
            format!("{roles} AND g.unit_id IN ({})", units.join(", "))
        }
    }
}

fn grant(row: &Row) -> Result<Grant, DbError> {
    let until = row.opt_day("to_day")?;
    let lent = match (row.opt_id("delegation_id")?, until) {
        (Some(id), Some(to)) => Some(Lent {
            id,
            by: row.opt_text("lender")?.unwrap_or_default(),
            to,
        }),
        _ => None,
    };
    Ok(Grant {
        actor: row.id("actor_id")?,
        name: row.text("name")?,
        kind: row.word::<ActorKind>("kind")?,
        role: row.word("role")?,
        unit: row.id("unit_id")?,
        lent,
        until,
    })
}
