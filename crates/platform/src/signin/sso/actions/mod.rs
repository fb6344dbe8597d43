//! Setting providers, coming in through them, linking and unlinking.

mod entering;
mod leaving;
mod links;
mod providers;

pub use entering::{Arrived, Half, In, Showing, Wanted, ask_passkey, second, sign_in};
pub use leaving::{Away, begin, begin_link};
pub use links::{NewLink, Who, link, link_own, unlink, unlink_own};
pub use providers::{NewProvider, put_provider};

use db::{Reads, Tx};
use kernel::Instant;
use kernel::id::{Id as _, hex};

use super::error::SsoError;
use super::model::{Pending, Provider, ProviderId, Subject};
use super::port::{Connection, ProviderError, Returned, Verified};
use super::{SECRET_PLACE, SUBJECT_PLACE, rules, store};
use crate::Services;

/// Where what a browser holds is bound to.
const PENDING_PLACE: &str = "sso.pending";
const HALF_PLACE: &str = "sso.half";

/// What a provider sent the browser back with. No `Debug`.
pub struct Back {
    /// The state.
    pub state: String,
    /// The code.
    pub code: String,
    /// Who says it sent it.
    pub issuer: Option<String>,
}

/// A provider that is on, and how to talk to it.
async fn open_provider(services: &Services, code: &str) -> Result<(Provider, Connection), SsoError> {
    let mut at = services.db.snapshot().await?;
    let found = store::provider_by_code(&mut at, code).await?;
    drop(at);
    let (provider, sealed) = found.filter(|(provider, _)| provider.is_on).ok_or(SsoError::Off)?;
    let secret = opened_secret(services, &sealed)?;
    let connection = Connection {
        way: provider.way.clone(),
        secret,
    };
    Ok((provider, connection))
}

fn opened_secret(services: &Services, sealed: &[u8]) -> Result<String, SsoError> {
    let plain = services.keys.open(sealed, SECRET_PLACE)?;
    String::from_utf8(plain).map_err(|_| SsoError::Damaged)
}

/// The page of the console that a provider sends browsers back to.
pub fn return_address(services: &Services, code: &str) -> String {
    format!("{}/console/sso/{code}", services.base_url)
}

/// What a subject is found by. The realm is in it: the same name at another issuer is somebody else.
fn subject_index(services: &Services, provider: &Provider, subject: &str) -> Vec<u8> {
    let of = hex(&provider.id.bytes());
    let text = format!("{of}\n{}\n{subject}", provider.way.realm());
    services.keys.blind_index("sso.subject", &text)
}

fn sealed_subject(services: &Services, subject: &Subject) -> Result<Vec<u8>, SsoError> {
    let plain = serde_json::to_vec(subject).map_err(|_| SsoError::Damaged)?;
    Ok(services.keys.seal(&plain, SUBJECT_PLACE, &*services.rng))
}

/// Seals what a browser keeps for us.
fn sealed_for_browser<T: serde::Serialize>(services: &Services, what: &T, place: &str) -> Result<String, SsoError> {
    let plain = serde_json::to_vec(what).map_err(|_| SsoError::Damaged)?;
    let sealed = services.keys.seal(&plain, place, &*services.rng);
    Ok(data_encoding::BASE64URL_NOPAD.encode(&sealed))
}

/// What a browser kept for us; whatever else it shows is no way that was begun here.
fn kept_by_browser<T: serde::de::DeserializeOwned>(
    services: &Services,
    held: Option<&str>,
    place: &str,
) -> Result<T, SsoError> {
    let sealed = data_encoding::BASE64URL_NOPAD.decode(held.unwrap_or("").as_bytes());
    let sealed = sealed.map_err(|_| SsoError::StateWrong)?;
    let plain = services.keys.open(&sealed, place).map_err(|_| SsoError::StateWrong)?;
    serde_json::from_slice(&plain).map_err(|_| SsoError::StateWrong)
}

/// The way back, checked and used up: each state comes back once.
async fn walked_back(services: &Services, code: &str, held: Option<&str>, back: &Back) -> Result<Pending, SsoError> {
    let now = services.now();
    let pending: Pending = kept_by_browser(services, held, PENDING_PLACE)?;
    rules::came_back(&pending, (code, &back.state), now)?;
    let mut tx = services.db.begin().await?;
    spend(&mut tx, &pending.state, now).await?;
    tx.commit().await?;
    Ok(pending)
}

/// Uses up what works once.
async fn spend(tx: &mut Tx, once: &str, now: Instant) -> Result<(), SsoError> {
    let hash = ring::digest::digest(&ring::digest::SHA256, once.as_bytes());
    let mut spent = [0; 32];
    spent.copy_from_slice(hash.as_ref());
    if store::spend_state(tx, spent, now).await? == 0 {
        return Err(SsoError::StateWrong);
    }
    Ok(store::forget_states(tx, now.plus_micros(-2 * rules::AWAY_MICROS)).await?)
}

/// Who it is, as the provider proves; what it says of its trouble is for the operator's log.
async fn vouched(
    services: &Services,
    (provider, connection): (&Provider, &Connection),
    pending: &Pending,
    back: Back,
) -> Result<Verified, SsoError> {
    let returned = Returned {
        code: back.code,
        issuer: back.issuer,
        nonce: pending.nonce.clone(),
        verifier: pending.verifier.clone(),
        return_to: return_address(services, &provider.code),
    };
    let verified = services.identity_providers.finish(connection, &returned).await;
    let verified = verified.map_err(|error| told(&provider.code, error))?;
    rules::subject(&verified.subject).map_err(|_| SsoError::Refused)?;
    Ok(verified)
}

/// Logs what a provider said, once, and says it in our words.
fn told(provider: &str, error: ProviderError) -> SsoError {
    tracing::warn!(provider, %error, "signing in through a provider of identities");
    error.into()
}

/// The provider of this name, whether it is on or off.
async fn known_provider(at: &mut impl Reads, code: &str) -> Result<Provider, SsoError> {
    let found = store::provider_by_code(at, code).await?;
    found.map(|(provider, _)| provider).ok_or(SsoError::Off)
}

fn hex_of(id: ProviderId) -> String {
    hex(&id.bytes())
}
