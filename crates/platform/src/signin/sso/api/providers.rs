//! The providers themselves, and who knocked.

use axum::extract::{Path, State};
use kernel::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Json, Listing, Problem};

use crate::identity::{Actor, Permission};
use crate::signin::Current;
use crate::signin::sso::actions::{self, NewProvider, return_address};
use crate::signin::sso::{Provider, Trust, Way, queries};
use crate::{Services, problems};

/// A provider of identities as set here. Its secret goes in and never comes out.
#[derive(Serialize, ToSchema)]
pub struct IdentityProviderOut {
    /// Its name in addresses.
    pub provider: String,
    /// What its button says.
    pub label: String,
    /// Where it is and what we are called there.
    pub way: Way,
    /// Whether the second factor it states is believed.
    pub trust: Trust,
    /// Whether anybody may come in through it.
    pub is_on: bool,
    /// The address to enter there: browsers come back to it.
    pub return_to: String,
    /// When it was last set.
    #[schema(value_type = String)]
    pub changed_at: Instant,
}

/// A provider as it shall be.
#[derive(Deserialize, ToSchema)]
pub struct PutIdentityProvider {
    /// What its button says, 1 to 40 characters.
    pub label: String,
    /// Where it is and what we are called there.
    pub way: Way,
    /// The secret it gave us; the one before stays when this is left out.
    pub secret: Option<String>,
    /// Whether the second factor it states is believed.
    pub trust: Trust,
    /// Whether anybody may come in through it.
    pub is_on: bool,
}

/// Somebody whom a provider knows and nobody here does yet.
#[derive(Serialize, ToSchema)]
pub struct KnockOut {
    /// The provider.
    pub provider: String,
    /// The number the person was told.
    pub reference: String,
    /// What the provider calls the person, where it said.
    pub name: Option<String>,
    /// When she last tried.
    #[schema(value_type = String)]
    pub last_at: Instant,
    /// How often.
    pub times: i64,
}

fn out(s: &Services, provider: Provider) -> IdentityProviderOut {
    IdentityProviderOut {
        return_to: return_address(s, &provider.code),
        provider: provider.code,
        label: provider.label,
        way: provider.way,
        trust: provider.trust,
        is_on: provider.is_on,
        changed_at: provider.changed_at,
    }
}

/// The providers of identities of this installation.
#[utoipa::path(get, path = "/api/v1/identity-providers", tag = "sso",
    responses((status = 200, body = Listing<IdentityProviderOut>)))]
pub(super) async fn list_providers(State(s): State<Services>) -> Result<Json<Listing<IdentityProviderOut>>, Problem> {
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let all = queries::providers(&mut at).await.map_err(|e| problems::of_db(&e))?;
    Ok(Json(Listing {
        items: all.into_iter().map(|provider| out(&s, provider)).collect(),
        next: None,
    }))
}

/// Sets a provider up, changes it or switches it off. One that is on is tried first.
#[utoipa::path(put, path = "/api/v1/identity-providers/{provider}", tag = "sso", params(("provider" = String, Path)),
    request_body = PutIdentityProvider, responses((status = 200, body = IdentityProviderOut), (status = 422)))]
pub(super) async fn put_provider(
    State(s): State<Services>,
    actor: Actor,
    session: Option<axum::Extension<Current>>,
    Path(provider): Path<String>,
    Json(body): Json<PutIdentityProvider>,
) -> Result<Json<IdentityProviderOut>, Problem> {
    let new = NewProvider {
        label: body.label,
        way: body.way,
        secret: body.secret.filter(|secret| !secret.trim().is_empty()),
        trust: body.trust,
        is_on: body.is_on,
    };
    let session = session.map(|current| current.0.id);
    let provider = actions::put_provider(&s, (&actor, session), &provider, new).await?;
    Ok(Json(out(&s, provider)))
}

/// Who tried to come in lately and is nobody here yet, newest first. Only for those who manage the users of the whole
/// installation; others link by the number that the person tells them.
#[utoipa::path(get, path = "/api/v1/sso/knocks", tag = "sso",
    responses((status = 200, body = Listing<KnockOut>)))]
pub(super) async fn list_knocks(State(s): State<Services>, actor: Actor) -> Result<Json<Listing<KnockOut>>, Problem> {
    if actor.require_everywhere(Permission::UserManage).is_err() {
        return Ok(Json(Listing {
            items: Vec::new(),
            next: None,
        }));
    }
    let mut at = s.db.snapshot().await.map_err(|e| problems::of_db(&e))?;
    let providers = queries::providers(&mut at).await.map_err(|e| problems::of_db(&e))?;
    let knocks = queries::knocks(&mut at).await.map_err(|e| problems::of_db(&e))?;
    drop(at);
    let mut items = Vec::with_capacity(knocks.len());
    for knock in knocks {
        let Some(provider) = providers.iter().find(|provider| provider.id == knock.provider) else {
            continue;
        };
        items.push(KnockOut {
            provider: provider.code.clone(),
            reference: knock.reference,
            name: queries::opened(&s.keys, &knock.sealed)?.name,
            last_at: knock.last_at,
            times: knock.times,
        });
    }
    Ok(Json(Listing { items, next: None }))
}
