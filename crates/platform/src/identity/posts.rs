//! Staff JSON of posts: a role with its title and its term.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::BusinessDay;
use kernel::id::{from_public, public};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Listing, Problem};

use super::guard::GuardedRoutes as _;
use super::model::{Actor, Permission, Post, Role};
use super::{actions, queries, rules};
use crate::{Services, problems};

/// The routes of posts.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .signed_in(routes!(own_posts))
        .staff(Permission::UserManage, routes!(grant_role))
        .staff(Permission::UserManage, routes!(ending_posts))
}

/// A role to be granted, with its term and the title of the post.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GrantRole {
    /// The role.
    pub role: Role,
    /// The unit's public id.
    pub unit: String,
    /// What the post is called, at most 40 characters.
    pub title: Option<String>,
    /// The first day; at once when nothing is said.
    #[schema(value_type = Option<String>, format = Date)]
    pub from_day: Option<BusinessDay>,
    /// The last day; it ends by itself after it. Until it is ended when nothing is said.
    #[schema(value_type = Option<String>, format = Date)]
    pub until_day: Option<BusinessDay>,
}

/// A post: a role in a unit with its term.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostOut {
    /// The role.
    pub role: Role,
    /// The unit's public id.
    pub unit: String,
    /// What the post is called.
    pub title: Option<String>,
    /// The first day.
    #[schema(value_type = Option<String>, format = Date)]
    pub from_day: Option<BusinessDay>,
    /// The last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub until_day: Option<BusinessDay>,
}

/// A post whose term ends soon.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndingPostOut {
    /// The user's public id.
    pub user: String,
    /// Her name in lists.
    pub name: String,
    /// The post.
    #[serde(flatten)]
    pub post: PostOut,
}

/// The posts that are not over on this day.
pub(super) fn posts_out(s: &Services, posts: &[Post], today: BusinessDay) -> Vec<PostOut> {
    let known = posts.iter().filter(|post| !post.is_over(today));
    known.map(|post| post_out(s, post)).collect()
}

fn post_out(s: &Services, post: &Post) -> PostOut {
    PostOut {
        role: post.role,
        unit: public(&*s.keys, post.unit),
        title: post.title.clone(),
        from_day: post.from_day,
        until_day: post.until_day,
    }
}

/// Grants a role, until it is ended or for a term, with the title of the post.
#[utoipa::path(post, path = "/api/v1/users/{user}/roles", tag = "identity", request_body = GrantRole,
    params(("user" = String, Path)), responses((status = 204)))]
async fn grant_role(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
    Json(body): Json<GrantRole>,
) -> Result<StatusCode, Problem> {
    let to = from_public(&*s.keys, &user).map_err(|_| Problem::not_found())?;
    let title = body.title.map(|title| title.trim().to_owned());
    let post = Post {
        role: body.role,
        unit: from_public(&*s.keys, &body.unit).map_err(|error| Problem::invalid("unit", error))?,
        title: title.filter(|title| !title.is_empty()),
        from_day: body.from_day,
        until_day: body.until_day,
    };
    actions::grant_post(&s, &actor, to, post).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// My posts, also those to come.
#[utoipa::path(get, path = "/api/v1/account/posts", tag = "identity", responses((status = 200, body = [PostOut])))]
async fn own_posts(State(s): State<Services>, actor: Actor) -> Result<Json<Vec<PostOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let posts = queries::posts(&mut at, actor.id).await;
    let posts = posts.map_err(|e| problems::of_db(&e))?;
    Ok(Json(posts_out(&s, &posts, s.now().business_day())))
}

/// The posts below my units whose term ends within thirty days, the nearest first.
#[utoipa::path(get, path = "/api/v1/users/ending-posts", tag = "identity",
    responses((status = 200, body = Listing<EndingPostOut>)))]
async fn ending_posts(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<EndingPostOut>>, Problem> {
    let scope = actor.scope_for(Permission::UserManage);
    let today = s.now().business_day();
    let days = (today, today.plus_days(rules::ENDS_SOON_DAYS));
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let found = queries::ending_posts(&mut at, (&scope, &s.tree), days).await;
    let found = found.map_err(|e| problems::of_db(&e))?;
    let out = |one: &queries::EndingPost| EndingPostOut {
        user: public(&*s.keys, one.user),
        name: one.name.clone(),
        post: post_out(&s, &one.post),
    };
    Ok(Json(Listing {
        items: found.iter().map(out).collect(),
        next: None,
    }))
}
