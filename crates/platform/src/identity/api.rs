//! Staff JSON: who am I, users, roles, tokens.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::id::{from_public, public};
use kernel::{ActorId, BusinessDay, Instant, TokenId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, PageRequest, Problem, Query};

use super::actions::{self, NewToken, NewUser, Personal};
use super::guard::GuardedRoutes as _;
use super::model::{Actor, ActorKind, Permission, Role};
use super::posts::{PostOut, posts_out};
use super::queries::{self, TokenRow, User};
use crate::signin::Current;
use crate::{Services, problems};

/// Tokens shown of one user, ended ones included: more than can work at a time.
const TOKENS_SHOWN_MAX: i64 = 100;

/// The routes of this slice.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .own_account(routes!(me))
        .signed_in(routes!(colleagues))
        .staff(Permission::UserManage, routes!(list_users, add_user))
        .staff(Permission::UserManage, routes!(end_role))
        .staff(Permission::UserManage, routes!(list_tokens, issue_token))
        .signed_in(routes!(revoke_token))
        .merge(super::personal::api::routes())
        .merge(super::posts::routes())
}

/// Names asked for at once: more than a screen shows.
const COLLEAGUES_MAX: usize = 50;

/// Whose names.
#[derive(Deserialize)]
struct Whose {
    /// Public ids, with commas between them; at most fifty.
    ids: String,
}

/// A colleague by name.
#[derive(Serialize, ToSchema)]
struct ColleagueOut {
    /// Public id.
    id: String,
    /// Its name in lists.
    name: String,
}

/// The names of those of these whom the reader works with, for screens that say who asked or decided; nothing else of them.
#[utoipa::path(get, path = "/api/v1/colleagues", tag = "identity",
    params(("ids" = String, Query, description = "public ids with commas between them, at most fifty")),
    responses((status = 200, body = [ColleagueOut])))]
async fn colleagues(
    State(s): State<Services>,
    actor: Actor,
    Query(whose): Query<Whose>,
) -> Result<Json<Vec<ColleagueOut>>, Problem> {
    let texts: Vec<&str> = whose.ids.split(',').filter(|text| !text.is_empty()).collect();
    if texts.len() > COLLEAGUES_MAX {
        return Err(Problem::invalid("ids", "at most fifty ids are expected"));
    }
    let ids = texts
        .iter()
        .filter_map(|text| from_public::<ActorId>(&*s.keys, text).ok());
    let ids: Vec<ActorId> = ids.collect();
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let names = queries::colleagues(&mut at, &actor, &s.tree, &ids).await;
    let names = names.map_err(|e| problems::of_db(&e))?;
    let out = names.into_iter().map(|(id, name)| ColleagueOut {
        id: public(&*s.keys, id),
        name,
    });
    Ok(Json(out.collect()))
}

/// A role in a unit and all below it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoleIn {
    /// The role.
    pub role: Role,
    /// The unit's public id.
    pub unit: String,
}

/// A user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserOut {
    /// Public id.
    pub id: String,
    /// Its name in lists.
    pub name: String,
    /// Person, machine or the operator.
    pub kind: ActorKind,
    /// Running roles.
    pub roles: Vec<RoleIn>,
}

/// A user with her posts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StaffOut {
    /// The user.
    #[serde(flatten)]
    pub user: UserOut,
    /// Her posts with title and term, also those to come.
    pub posts: Vec<PostOut>,
}

/// Who is asking and what she may do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeOut {
    /// The user.
    #[serde(flatten)]
    pub user: UserOut,
    /// Permissions held in at least one unit.
    pub permissions: Vec<Permission>,
}

/// A new user.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct AddUser {
    /// Its name in lists, its own in the installation.
    pub name: String,
    /// Person (default) or machine.
    pub kind: Option<ActorKind>,
    /// Its home: a unit's public id.
    pub unit: String,
    /// First roles, in its home.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The name on the identity card; sealed.
    pub real_name: Option<String>,
    /// A phone number; sealed.
    pub phone: Option<String>,
    /// An e-mail; sealed.
    pub email: Option<String>,
    /// A first token, where one is wanted.
    pub token: Option<AddToken>,
}

/// A new token.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct AddToken {
    /// What it is for.
    pub name: String,
    /// Days to live, 1 to 730; 180 when nothing is said.
    pub days: Option<i64>,
}

/// A user just added.
#[derive(Serialize, ToSchema)]
pub struct AddedUserOut {
    /// Public id.
    pub id: String,
    /// The first token, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<IssuedTokenOut>,
}

/// A token just issued: the only time its text is shown.
#[derive(Serialize, ToSchema)]
pub struct IssuedTokenOut {
    /// Public id.
    pub id: String,
    /// The token: keep it, it cannot be shown again.
    pub token: String,
    /// Until when.
    #[schema(value_type = String)]
    pub expires_at: Instant,
}

/// A token without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenOut {
    /// Public id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Since when.
    #[schema(value_type = String)]
    pub created_at: Instant,
    /// Until when.
    #[schema(value_type = String)]
    pub expires_at: Instant,
    /// Last seen, to the hour.
    #[schema(value_type = Option<String>)]
    pub last_used_at: Option<Instant>,
    /// When it was revoked.
    #[schema(value_type = Option<String>)]
    pub revoked_at: Option<Instant>,
}

fn id_of<I: kernel::id::Id>(s: &Services, text: &str) -> Result<I, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}

fn unit_of(s: &Services, text: &str) -> Result<UnitId, Problem> {
    from_public(&*s.keys, text).map_err(|error| Problem::invalid("unit", error))
}

fn roles_out(s: &Services, roles: &[(Role, UnitId)]) -> Vec<RoleIn> {
    roles
        .iter()
        .map(|(role, unit)| RoleIn {
            role: *role,
            unit: public(&*s.keys, *unit),
        })
        .collect()
}

fn staff_out(s: &Services, user: &User, today: BusinessDay) -> StaffOut {
    let running = user.posts.iter().filter(|post| post.runs_on(today));
    let roles: Vec<(Role, UnitId)> = running.map(|post| (post.role, post.unit)).collect();
    StaffOut {
        user: UserOut {
            id: public(&*s.keys, user.row.id),
            name: user.row.name.clone(),
            kind: user.row.kind,
            roles: roles_out(s, &roles),
        },
        posts: posts_out(s, &user.posts, today),
    }
}

fn issued_out(s: &Services, token: actions::IssuedToken) -> IssuedTokenOut {
    IssuedTokenOut {
        id: public(&*s.keys, token.id),
        token: token.text,
        expires_at: token.expires_at,
    }
}

/// Who this is, and what she may do.
pub(crate) fn me_out(s: &Services, actor: &Actor) -> MeOut {
    let permissions = Permission::ALL
        .iter()
        .copied()
        .filter(|permission| actor.require_somewhere(*permission).is_ok())
        .collect();
    let user = UserOut {
        id: public(&*s.keys, actor.id),
        name: actor.name.clone(),
        kind: actor.kind,
        roles: roles_out(s, &actor.roles),
    };
    MeOut { user, permissions }
}

/// Who am I, and what may I do.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity", responses((status = 200, body = MeOut)))]
async fn me(State(s): State<Services>, actor: Actor) -> Json<MeOut> {
    Json(me_out(&s, &actor))
}

/// The users below my units.
#[utoipa::path(get, path = "/api/v1/users", tag = "identity",
    params(("limit" = Option<u16>, Query, description = "1 to 500"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<StaffOut>)))]
async fn list_users(
    State(s): State<Services>,
    actor: Actor,
    Query(page): Query<PageRequest>,
) -> Result<Json<Listing<StaffOut>>, Problem> {
    let limit = page.limit()?;
    let after: Option<String> = page.after()?;
    let after = after.map(|text| id_of::<ActorId>(&s, &text)).transpose()?;
    let today = s.now().business_day();
    let scope = actor.scope_for(Permission::UserManage);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let wanted = limit as i64 + 1;
    let users = queries::users(&mut at, &scope, &s.tree, after, wanted)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let items = users.iter().map(|user| staff_out(&s, user, today)).collect();
    Ok(Json(Listing::cut(items, limit, |one: &StaffOut| one.user.id.clone())))
}

/// Adds a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "identity", request_body = AddUser,
    responses((status = 201, body = AddedUserOut)))]
async fn add_user(
    State(s): State<Services>,
    actor: Actor,
    Json(body): Json<AddUser>,
) -> Result<(StatusCode, Json<AddedUserOut>), Problem> {
    let kind = match body.kind.unwrap_or(ActorKind::Person) {
        ActorKind::Operator => return Err(Problem::invalid("kind", "person or machine is expected")),
        kind => kind,
    };
    let new = NewUser {
        name: body.name,
        kind,
        unit: unit_of(&s, &body.unit)?,
        roles: body.roles,
        token: body.token.map(|t| NewToken {
            name: t.name,
            days: t.days,
        }),
        personal: Personal {
            real_name: body.real_name,
            phone: body.phone,
            email: body.email,
        },
    };
    let added = actions::add_user(&s, &actor, new).await?;
    let out = AddedUserOut {
        id: public(&*s.keys, added.id),
        token: added.token.map(|t| issued_out(&s, t)),
    };
    Ok((StatusCode::CREATED, Json(out)))
}

/// Ends a role.
#[utoipa::path(post, path = "/api/v1/users/{user}/roles/end", tag = "identity", request_body = RoleIn,
    params(("user" = String, Path)), responses((status = 204)))]
async fn end_role(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
    Json(body): Json<RoleIn>,
) -> Result<StatusCode, Problem> {
    actions::end_role(&s, &actor, id_of(&s, &user)?, body.role, unit_of(&s, &body.unit)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tokens of a user.
#[utoipa::path(get, path = "/api/v1/users/{user}/tokens", tag = "identity", params(("user" = String, Path)),
    responses((status = 200, body = Listing<TokenOut>)))]
async fn list_tokens(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
) -> Result<Json<Listing<TokenOut>>, Problem> {
    let scope = actor.scope_for(Permission::UserManage);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let user = queries::user_by_id(&mut at, &scope, &s.tree, id_of(&s, &user)?).await?;
    let tokens = queries::tokens(&mut at, user.row.id, TOKENS_SHOWN_MAX)
        .await
        .map_err(|e| problems::of_db(&e))?;
    let out = |token: TokenRow| TokenOut {
        id: public(&*s.keys, token.id),
        name: token.name,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
        revoked_at: token.revoked_at,
    };
    Ok(Json(Listing {
        items: tokens.into_iter().map(out).collect(),
        next: None,
    }))
}

/// Issues a token, for oneself after a fresh sign-in alone; the answer is the only place where it is shown.
#[utoipa::path(post, path = "/api/v1/users/{user}/tokens", tag = "identity", request_body = AddToken,
    params(("user" = String, Path)), responses((status = 201, body = IssuedTokenOut)))]
async fn issue_token(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
    Path(user): Path<String>,
    Json(body): Json<AddToken>,
) -> Result<(StatusCode, Json<IssuedTokenOut>), Problem> {
    let new = NewToken {
        name: body.name,
        days: body.days,
    };
    let session = session.as_ref().map(|current| &current.0);
    let token = actions::issue_token(&s, (&actor, session), id_of(&s, &user)?, new).await?;
    Ok((StatusCode::CREATED, Json(issued_out(&s, token))))
}

/// Revokes a token at once: one's own, or one of a user one manages.
#[utoipa::path(post, path = "/api/v1/tokens/{token}/revoke", tag = "identity", params(("token" = String, Path)),
    responses((status = 204)))]
async fn revoke_token(
    State(s): State<Services>,
    actor: Actor,
    Path(token): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::revoke_token(&s, &actor, id_of::<TokenId>(&s, &token)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
