//! On the way to a provider.

use kernel::id::{Id as _, hex};

use super::{PENDING_PLACE, open_provider, return_address, sealed_for_browser, told};
use crate::Services;
use crate::signin::sso::error::SsoError;
use crate::signin::sso::model::{Errand, Pending};
use crate::signin::sso::port::Ask;
use crate::signin::sso::rules;
use crate::signin::{Current, rules as sessions};

/// A browser on its way. No `Debug`.
pub struct Away {
    /// Where it goes.
    pub to: String,
    /// What it holds meanwhile.
    pub held: String,
}

/// Sends somebody who wants to come in to a provider.
///
/// # Errors
/// [`SsoError::Off`], [`SsoError::Unreachable`], [`SsoError::Unusable`].
pub async fn begin(services: &Services, code: &str, back: Option<&str>) -> Result<Away, SsoError> {
    leave(services, code, Errand::SignIn, rules::homeward(back)).await
}

/// Sends a signed-in user to a provider, to link the account there with her own.
///
/// # Errors
/// The same, and [`SsoError::SignInAgain`] when she signed in long ago: somebody else may sit at her desk.
pub async fn begin_link(services: &Services, session: &Current, code: &str) -> Result<Away, SsoError> {
    if !sessions::is_fresh(session.started_at, services.now()) {
        return Err(SsoError::SignInAgain);
    }
    let errand = Errand::Link {
        session: hex(&session.id.bytes()),
    };
    leave(services, code, errand, rules::homeward(Some("/account"))).await
}

async fn leave(services: &Services, code: &str, errand: Errand, back: String) -> Result<Away, SsoError> {
    let (provider, connection) = open_provider(services, code).await?;
    let ask = Ask {
        state: rules::fresh_state(&*services.rng),
        nonce: rules::fresh_state(&*services.rng),
        verifier: rules::fresh_verifier(&*services.rng),
        return_to: return_address(services, &provider.code),
    };
    let to = services.identity_providers.begin(&connection, &ask).await;
    let to = to.map_err(|error| told(&provider.code, error))?;
    let pending = Pending {
        provider: provider.code,
        errand,
        state: ask.state,
        nonce: ask.nonce,
        verifier: ask.verifier,
        back,
        ends_at: services.now().plus_micros(rules::AWAY_MICROS).micros(),
    };
    let held = sealed_for_browser(services, &pending, PENDING_PLACE)?;
    Ok(Away { to, held })
}
