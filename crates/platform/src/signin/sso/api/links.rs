//! Links: one's own, and those of users one manages.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use kernel::id::{from_public, public};
use kernel::{ActorId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, Problem};

use super::{SsoBack, held, over, with_cookie};
use crate::identity::{Actor, Permission, queries as users};
use crate::signin::Current;
use crate::signin::sso::actions::{self, NewLink, Who};
use crate::signin::sso::{Provider, ProviderId, cookies, queries};
use crate::{Services, problems};

/// What a user is at a provider.
#[derive(Serialize, ToSchema)]
pub struct SsoLinkOut {
    /// The provider.
    pub provider: String,
    /// What its button says.
    pub label: String,
    /// Whether anybody may come in through it now.
    pub is_on: bool,
    /// Whether the user is linked there.
    pub is_linked: bool,
    /// What the provider calls the person, where it said.
    pub name: Option<String>,
    /// Since when it is linked.
    #[schema(value_type = Option<String>)]
    pub linked_at: Option<Instant>,
    /// Who linked it: a public id.
    pub linked_by: Option<String>,
    /// When somebody last came in by it.
    #[schema(value_type = Option<String>)]
    pub last_used_at: Option<Instant>,
}

/// Where a browser is sent.
#[derive(Serialize, ToSchema)]
pub struct SsoAwayOut {
    /// The provider's address.
    pub location: String,
}

/// Whom to link: by the number that she was told when she tried to come in, or by the provider's own name for her.
#[derive(Deserialize, ToSchema)]
pub struct LinkUser {
    /// The number, eight letters and digits.
    pub reference: Option<String>,
    /// The provider's name for her (`sub`, or the member's number of 企业微信).
    pub subject: Option<String>,
}

async fn listed(s: &Services, of: ActorId) -> Result<Json<Listing<SsoLinkOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let providers = queries::providers(&mut at).await.map_err(|e| problems::of_db(&e))?;
    let links = queries::links(&mut at, of).await.map_err(|e| problems::of_db(&e))?;
    drop(at);
    let mut links: BTreeMap<ProviderId, _> = links.into_iter().map(|link| (link.provider, link)).collect();
    let mut items = Vec::with_capacity(providers.len());
    for Provider {
        id, code, label, is_on, ..
    } in providers
    {
        let link = links.remove(&id);
        let sealed = link.as_ref().and_then(|link| link.sealed.as_deref());
        let subject = sealed.map(|sealed| queries::opened(&s.keys, sealed)).transpose()?;
        items.push(SsoLinkOut {
            provider: code,
            label,
            is_on,
            is_linked: link.is_some(),
            name: subject.and_then(|subject| subject.name),
            linked_at: link.as_ref().map(|link| link.linked_at),
            linked_by: link.as_ref().map(|link| public(&*s.keys, link.linked_by)),
            last_used_at: link.and_then(|link| link.last_used_at),
        });
    }
    Ok(Json(Listing { items, next: None }))
}

/// What I am at each provider.
#[utoipa::path(get, path = "/api/v1/account/sso", tag = "sso", responses((status = 200, body = Listing<SsoLinkOut>)))]
pub(super) async fn list_own(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<SsoLinkOut>>, Problem> {
    listed(&s, actor.id).await
}

/// Begins to link my account with one of a provider: tells where the browser goes. Asks for a fresh sign-in.
#[utoipa::path(post, path = "/api/v1/account/sso/{provider}/start", tag = "sso", params(("provider" = String, Path)),
    responses((status = 200, body = SsoAwayOut)))]
pub(super) async fn start_own(
    State(s): State<Services>,
    session: Current,
    Path(provider): Path<String>,
) -> Result<Response, Problem> {
    let away = actions::begin_link(&s, &session, &provider).await?;
    let out = Json(SsoAwayOut { location: away.to }).into_response();
    Ok(with_cookie(out, cookies::give(&away.held, &s.base_url)))
}

/// Links my account with the one I showed at the provider just now.
#[utoipa::path(post, path = "/api/v1/account/sso/{provider}/finish", tag = "sso", params(("provider" = String, Path)),
    request_body = SsoBack, responses((status = 204)))]
pub(super) async fn finish_own(
    State(s): State<Services>,
    actor: Actor,
    session: Current,
    Path(provider): Path<String>,
    headers: HeaderMap,
    Json(body): Json<SsoBack>,
) -> Result<Response, Problem> {
    let back = body.read()?;
    match actions::link_own(&s, (&actor, &session), &provider, (held(&headers), back)).await {
        Ok(()) => Ok(with_cookie(
            StatusCode::NO_CONTENT.into_response(),
            cookies::take(&s.base_url),
        )),
        Err(error) => Ok(over(&s, error.problem())),
    }
}

/// Ends my link with a provider, and my other sessions that began with it.
#[utoipa::path(post, path = "/api/v1/account/sso/{provider}/unlink", tag = "sso", params(("provider" = String, Path)),
    responses((status = 204)))]
pub(super) async fn unlink_own(
    State(s): State<Services>,
    actor: Actor,
    session: Current,
    Path(provider): Path<String>,
) -> Result<StatusCode, Problem> {
    actions::unlink_own(&s, (&actor, &session), &provider).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a user I manage is at each provider.
#[utoipa::path(get, path = "/api/v1/users/{user}/sso", tag = "sso", params(("user" = String, Path)),
    responses((status = 200, body = Listing<SsoLinkOut>)))]
pub(super) async fn list_of_user(
    State(s): State<Services>,
    actor: Actor,
    Path(user): Path<String>,
) -> Result<Json<Listing<SsoLinkOut>>, Problem> {
    let id = user_id(&s, &user)?;
    let scope = actor.scope_for(Permission::UserManage);
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let user = users::user_by_id(&mut at, &scope, &s.tree, id).await?;
    drop(at);
    listed(&s, user.row.id).await
}

/// Links a user I manage with an account of a provider. To link oneself asks for a fresh sign-in.
#[utoipa::path(post, path = "/api/v1/users/{user}/sso/{provider}/link", tag = "sso", request_body = LinkUser,
    params(("user" = String, Path), ("provider" = String, Path)), responses((status = 204)))]
pub(super) async fn link_user(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
    Path((user, provider)): Path<(String, String)>,
    Json(body): Json<LinkUser>,
) -> Result<StatusCode, Problem> {
    let who = match (body.reference, body.subject) {
        (Some(reference), None) => Who::Reference(reference),
        (None, Some(subject)) => Who::Subject(subject),
        _ => return Err(Problem::invalid("reference", "either a number or a subject")),
    };
    let session = session.as_ref().map(|current| &current.0);
    actions::link(&s, (&actor, session), user_id(&s, &user)?, NewLink { provider, who }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the link of a user I manage, and the sessions that began with it.
#[utoipa::path(post, path = "/api/v1/users/{user}/sso/{provider}/unlink", tag = "sso",
    params(("user" = String, Path), ("provider" = String, Path)), responses((status = 204)))]
pub(super) async fn unlink_user(
    State(s): State<Services>,
    actor: Actor,
    Path((user, provider)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    actions::unlink(&s, &actor, user_id(&s, &user)?, &provider).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn user_id(s: &Services, text: &str) -> Result<ActorId, Problem> {
    from_public(&*s.keys, text).map_err(|_| Problem::not_found())
}
