//! Setting a provider.

use kernel::id::Id as _;
use serde_json::json;

use super::{opened_secret, told};
use crate::Services;
use crate::facts::{NewFact, conclude};
use crate::identity::{Actor, IdentityError, Permission};
use crate::signin::SessionId;
use crate::signin::sso::error::SsoError;
use crate::signin::sso::model::{Provider, ProviderId, Trust, Way};
use crate::signin::sso::port::{Connection, ProviderError};
use crate::signin::sso::{SECRET_PLACE, queries, rules, store};

/// A provider as it shall be. No `Debug`.
pub struct NewProvider {
    /// What its button says.
    pub label: String,
    /// Where it is.
    pub way: Way,
    /// The secret we have with it; the one before stays when none is given.
    pub secret: Option<String>,
    /// Whether its second factor is believed.
    pub trust: Trust,
    /// Whether anybody may come in through it.
    pub is_on: bool,
}

/// Sets a provider up, or changes it. One that is on is tried first: what does not work is not kept. Switched off, the
/// sessions that began with it end, but for the one that switches it off. Fact `sso.provider_set`.
///
/// # Errors
/// [`SsoError::Signin`]: only who manages the users of the whole installation; [`SsoError::Setting`];
/// [`SsoError::Unusable`], [`SsoError::Refused`] when it was tried;
/// [`SsoError::HasLinks`] when it would become another house; [`SsoError::TooMany`].
pub async fn put_provider(
    services: &Services,
    (by, session): (&Actor, Option<SessionId>),
    code: &str,
    new: NewProvider,
) -> Result<Provider, SsoError> {
    by.require_everywhere(Permission::UserManage)
        .map_err(IdentityError::from)?;
    let code = rules::code(code)?;
    let label = rules::label(&new.label)?.to_owned();
    rules::way(&new.way)?;
    let given = new.secret.as_deref().map(rules::secret).transpose()?;
    let before = {
        let mut at = services.db.snapshot().await?;
        store::provider_by_code(&mut at, code).await?
    };
    let secret = match (given, &before) {
        (Some(text), _) => text.to_owned(),
        (None, Some((_, sealed))) => opened_secret(services, sealed)?,
        (None, None) => {
            return Err(SsoError::Setting {
                field: "secret",
                why: "a new provider needs the secret it gave us".to_owned(),
            });
        }
    };
    let connection = Connection {
        way: new.way.clone(),
        secret,
    };
    if new.is_on {
        let checked = services.identity_providers.check(&connection).await;
        checked.map_err(|error| tried(code, error))?;
    }
    let provider = Provider {
        id: before.as_ref().map_or_else(
            || ProviderId::new(services.now(), &*services.rng),
            |(known, _)| known.id,
        ),
        code: code.to_owned(),
        label,
        way: new.way,
        trust: new.trust,
        is_on: new.is_on,
        changed_at: services.now(),
    };
    write(services, (by, session), (&provider, &connection), given.is_some()).await?;
    Ok(provider)
}

/// A provider that cannot be reached is no provider yet: whoever sets it up is told why.
fn tried(code: &str, error: ProviderError) -> SsoError {
    match error {
        ProviderError::Unreachable(why) => told(code, ProviderError::Unusable(why)),
        error => told(code, error),
    }
}

async fn write(
    services: &Services,
    (by, session): (&Actor, Option<SessionId>),
    (provider, connection): (&Provider, &Connection),
    new_secret: bool,
) -> Result<(), SsoError> {
    let unit = services.tree.roots().first().copied();
    let unit = unit.ok_or(IdentityError::NoUnit)?;
    let settings = serde_json::to_string(&provider.way).map_err(|_| SsoError::Damaged)?;
    let sealed = services
        .keys
        .seal(connection.secret.as_bytes(), SECRET_PLACE, &*services.rng);
    let mut tx = services.db.begin().await?;
    let before = store::provider_by_code(&mut tx, &provider.code).await?;
    let ended = match before {
        None => {
            if queries::providers(&mut tx).await?.len() >= rules::PROVIDERS_MAX {
                return Err(SsoError::TooMany {
                    max: rules::PROVIDERS_MAX,
                });
            }
            store::insert_provider(&mut tx, provider, &settings, sealed, by.id).await?;
            0
        }
        Some((before, _)) => {
            // Another house knows other people by the same names.
            let moved = before.way.realm() != provider.way.realm();
            if moved && store::has_links(&mut tx, before.id).await? {
                return Err(SsoError::HasLinks);
            }
            store::update_provider(&mut tx, provider, &settings, sealed).await?;
            if provider.is_on {
                0
            } else {
                store::end_sessions(&mut tx, before.id, (None, session), (by.id, provider.changed_at)).await?
            }
        }
    };
    let body = json!({
        "provider": provider.code, "kind": provider.way.kind(), "on": provider.is_on, "trust": provider.trust.as_str(),
        "new_secret": new_secret, "sessions_ended": ended,
    });
    let fact = NewFact {
        unit,
        kind: "sso.provider_set",
        subject: provider.id.bytes(),
        actor: Some(by.id),
        body,
    };
    Ok(conclude(tx, fact, services).await?)
}
