//! Staff JSON and CSV: who can do this, what can she do; lending a role for a leave.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::id::{from_public, public};
use kernel::{BusinessDay, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, Problem, Query, Reader};

use super::actions;
use super::model::{DelegationId, Grant, NewDelegation, OwnDelegation};
use super::{queries, rules};
use crate::identity::{
    Actor, ActorKind, Forbidden, GuardedRoutes as _, LeaveReason, Permission, Role, Scope, queries as users,
    rules as powers,
};
use crate::{Services, problems};

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .signed_in(routes!(list_roles))
        .signed_in(routes!(list_holders))
        .signed_in(routes!(list_powers))
        .signed_in(routes!(lend_role, list_own_delegations))
        .signed_in(routes!(list_lendable_to))
        .signed_in(routes!(take_back_role))
}

/// `?as=csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    #[default]
    Json,
    Csv,
}

#[derive(Debug, Deserialize)]
struct HoldersQuery {
    unit: Option<String>,
    #[serde(default, rename = "as")]
    form: Form,
}

#[derive(Debug, Deserialize)]
struct PowersQuery {
    #[serde(default, rename = "as")]
    form: Form,
}

/// Somebody who holds a permission, and by which role.
#[derive(Debug, Serialize, ToSchema)]
pub struct PowerOut {
    /// The permission.
    pub permission: Permission,
    /// The user's public id.
    pub user: String,
    /// Her name in lists.
    pub name: String,
    /// Person or machine.
    pub kind: ActorKind,
    /// The role that allows it.
    pub role: Role,
    /// The unit's public id: there and in all below it.
    pub unit: String,
    /// The delegation's public id, where the role was lent.
    pub delegation: Option<String>,
    /// Who lent the role.
    pub lent_by: Option<String>,
    /// The last day, of what was lent and of a post with a term.
    #[schema(value_type = Option<String>)]
    pub until: Option<BusinessDay>,
}

/// A role to be lent.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LendRole {
    /// To whom: a user's public id.
    pub to: String,
    /// A role of one's own.
    pub role: Role,
    /// The unit in which one holds it.
    pub unit: String,
    /// The first day, today or later.
    #[schema(value_type = String)]
    pub from_day: BusinessDay,
    /// The last day.
    #[schema(value_type = String)]
    pub to_day: BusinessDay,
    /// Why; leave when nothing is said.
    pub reason: Option<LeaveReason>,
}

/// A role that I lent, or that was lent to me.
#[derive(Debug, Serialize, ToSchema)]
pub struct DelegationOut {
    /// Public id.
    pub delegation: String,
    /// given or received.
    pub way: &'static str,
    /// The name of the other one in lists.
    pub with: String,
    /// The role.
    pub role: Role,
    /// The unit's public id.
    pub unit: String,
    /// The first day.
    #[schema(value_type = String)]
    pub from_day: BusinessDay,
    /// The last day.
    #[schema(value_type = String)]
    pub to_day: BusinessDay,
    /// Why.
    pub reason: LeaveReason,
    /// coming, running or over.
    pub state: &'static str,
}

/// Somebody to whom a role can be lent.
#[derive(Debug, Serialize, ToSchema)]
pub struct LendableToOut {
    /// Public id.
    pub id: String,
    /// Her name in lists.
    pub name: String,
}

/// A role just lent.
#[derive(Debug, Serialize, ToSchema)]
pub struct LentOut {
    /// Public id.
    pub delegation: String,
}

/// A role and what it allows.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleOut {
    /// The role.
    pub role: Role,
    /// Its permissions.
    pub permissions: Vec<Permission>,
}

/// What each role allows.
#[utoipa::path(get, path = "/api/v1/roles", tag = "identity",
    responses((status = 200, body = Listing<RoleOut>)))]
async fn list_roles() -> Json<Listing<RoleOut>> {
    let out = |role: &Role| RoleOut {
        role: *role,
        permissions: powers::permissions_of(*role).to_vec(),
    };
    Json(Listing {
        items: Role::ALL.iter().map(out).collect(),
        next: None,
    })
}

fn power(s: &Services, permission: Permission, grant: &Grant) -> PowerOut {
    PowerOut {
        permission,
        user: public(&*s.keys, grant.actor),
        name: grant.name.clone(),
        kind: grant.kind,
        role: grant.role,
        unit: public(&*s.keys, grant.unit),
        delegation: grant.lent.as_ref().map(|lent| public(&*s.keys, lent.id)),
        lent_by: grant.lent.as_ref().map(|lent| lent.by.clone()),
        until: grant.until,
    }
}

/// Where the actor may see who can do what: where she manages users, and where she reads the audit trail.
fn readable(actor: &Actor) -> Result<Scope, Forbidden> {
    let scopes = [Permission::UserManage, Permission::AuditRead].map(|permission| actor.scope_for(permission));
    let mut units = Vec::new();
    for scope in scopes {
        match scope {
            Scope::Everything => return Ok(Scope::Everything),
            Scope::Below(roots) => units.extend(roots),
        }
    }
    if units.is_empty() {
        return Err(Forbidden {
            permission: Permission::UserManage,
        });
    }
    Ok(Scope::Below(units))
}

/// Who holds this permission today: in a unit (also by a role above it), or below my units.
#[utoipa::path(get, path = "/api/v1/permissions/{permission}/holders", tag = "identity",
    params(("permission" = String, Path), ("unit" = Option<String>, Query), ("as" = Option<String>, Query, description = "csv")),
    responses((status = 200, description = "or CSV", body = Listing<PowerOut>)))]
async fn list_holders(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Path(permission): Path<String>,
    Query(query): Query<HoldersQuery>,
) -> Result<Response, Problem> {
    let permission: Permission = permission.parse().map_err(|_| Problem::not_found())?;
    let scope = readable(&actor)?;
    let units = match &query.unit {
        Some(text) => {
            let unit: UnitId = from_public(&*s.keys, text).map_err(|error| Problem::invalid("unit", error))?;
            if !s.tree.knows(unit) || !scope.contains(unit, &s.tree) {
                return Err(Problem::not_found());
            }
            Some(s.tree.ancestors(unit))
        }
        None => scope.units(&s.tree),
    };
    let today = s.now().business_day();
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let grants = queries::holders(&mut at, permission, units.as_deref(), today).await;
    let grants = grants.map_err(|e| problems::of_db(&e))?;
    let items = grants.iter().map(|grant| power(&s, permission, grant)).collect();
    Ok(answer(query.form, &reader, "holders", items))
}

/// What a user may do today and by which role: oneself, or below my units.
#[utoipa::path(get, path = "/api/v1/users/{user}/powers", tag = "identity",
    params(("user" = String, Path), ("as" = Option<String>, Query, description = "csv")),
    responses((status = 200, description = "or CSV", body = Listing<PowerOut>)))]
async fn list_powers(
    State(s): State<Services>,
    actor: Actor,
    reader: Reader,
    Path(user): Path<String>,
    Query(query): Query<PowersQuery>,
) -> Result<Response, Problem> {
    let id = from_public(&*s.keys, &user).map_err(|_| Problem::not_found())?;
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    if id != actor.id {
        users::user_by_id(&mut at, &readable(&actor)?, &s.tree, id).await?;
    }
    let grants = queries::grants_of(&mut at, id, s.now().business_day()).await;
    let grants = grants.map_err(|e| problems::of_db(&e))?;
    let mut items = Vec::new();
    for permission in Permission::ALL {
        let by = grants.iter().filter(|grant| powers::allows(grant.role, *permission));
        items.extend(by.map(|grant| power(&s, *permission, grant)));
    }
    Ok(answer(query.form, &reader, "powers", items))
}

/// Lends one of my roles to another person for some days.
#[utoipa::path(post, path = "/api/v1/delegations", tag = "identity", request_body = LendRole,
    responses((status = 201, body = LentOut)))]
async fn lend_role(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<LendRole>,
) -> Result<(StatusCode, Json<LentOut>), Problem> {
    let new = NewDelegation {
        to: from_public(&*s.keys, &body.to).map_err(|error| Problem::invalid("to", error))?,
        role: body.role,
        unit: from_public(&*s.keys, &body.unit).map_err(|error| Problem::invalid("unit", error))?,
        from_day: body.from_day,
        to_day: body.to_day,
        reason: body.reason.unwrap_or(LeaveReason::Leave),
    };
    let id = actions::lend(&s, &actor, new).await?;
    let out = LentOut {
        delegation: public(&*s.keys, id),
    };
    Ok((StatusCode::CREATED, Json(out)))
}

/// What I lent and what was lent to me, the newest first; what is over too.
#[utoipa::path(get, path = "/api/v1/delegations", tag = "identity",
    responses((status = 200, body = Listing<DelegationOut>)))]
async fn list_own_delegations(
    State(s): State<Services>,
    actor: Actor,
) -> Result<Json<Listing<DelegationOut>>, Problem> {
    let today = s.now().business_day();
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::own_delegations(&mut at, actor.id).await;
    let found = found.map_err(|e| problems::of_db(&e))?;
    let out = |one: OwnDelegation| DelegationOut {
        delegation: public(&*s.keys, one.known.id),
        way: if one.known.lender == actor.id {
            "given"
        } else {
            "received"
        },
        with: one.other,
        role: one.known.lent.role,
        unit: public(&*s.keys, one.known.lent.unit),
        from_day: one.known.lent.from_day,
        to_day: one.known.lent.to_day,
        reason: one.known.lent.reason,
        state: rules::standing(&one.known, today),
    };
    Ok(Json(Listing {
        items: found.into_iter().map(out).collect(),
        next: None,
    }))
}

/// The people to whom I can lend a role: those of my units and below, at most 500.
#[utoipa::path(get, path = "/api/v1/delegations/people", tag = "identity",
    responses((status = 200, body = [LendableToOut])))]
async fn list_lendable_to(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<LendableToOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::people(&mut at, &actor, &s.tree).await;
    let out = |(id, name)| LendableToOut {
        id: public(&*s.keys, id),
        name,
    };
    Ok(Json(
        found.map_err(|e| problems::of_db(&e))?.into_iter().map(out).collect(),
    ))
}

/// Takes a lent role back before its last day.
#[utoipa::path(post, path = "/api/v1/delegations/{delegation}/end", tag = "identity",
    params(("delegation" = String, Path)), responses((status = 204)))]
async fn take_back_role(
    State(s): State<Services>,
    actor: Actor,
    Path(delegation): Path<String>,
) -> Result<StatusCode, Problem> {
    let id: DelegationId = from_public(&*s.keys, &delegation).map_err(|_| Problem::not_found())?;
    actions::take_back(&s, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

// As a table -------------------------------------------------------------------------------------------------------

const COLUMNS: [&str; 8] = [
    "signin.csv.permission",
    "signin.csv.user",
    "signin.csv.name",
    "signin.csv.kind",
    "signin.csv.role",
    "signin.csv.unit",
    "signin.csv.lent_by",
    "signin.csv.until",
];

fn answer(form: Form, reader: &Reader, name: &'static str, items: Vec<PowerOut>) -> Response {
    if form == Form::Json {
        return Json(Listing { items, next: None }).into_response();
    }
    let heading = COLUMNS.map(|key| reader.locale().text(key, &[]));
    // By the byte order mark spreadsheets know UTF-8.
    let mut text = String::from("\u{feff}");
    text.push_str(&line(&heading));
    for item in &items {
        let until = item.until.map(|day| day.to_string()).unwrap_or_default();
        text.push_str(&line(&[
            item.permission.to_string(),
            item.user.clone(),
            item.name.clone(),
            item.kind.to_string(),
            item.role.to_string(),
            item.unit.clone(),
            item.lent_by.clone().unwrap_or_default(),
            until,
        ]));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    (headers, text).into_response()
}

/// A line of CSV. A text that a spreadsheet would run as a formula gets an apostrophe in front.
fn line(cells: &[String; 8]) -> String {
    let cell = |text: &String| {
        let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            "'"
        } else {
            ""
        };
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}
