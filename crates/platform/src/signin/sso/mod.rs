//! Signing in with the account of another house: OpenID Connect, and 企业微信 (WeCom) behind the same port.
//!
//! A provider proves who somebody is *there*; who that is *here* is said by a link that an administrator made, or the
//! user herself while signed in. Nobody is found by e-mail or name, and nobody is made. What begins is an ordinary session
//! ([`super::actions`]): the same cookie, the same lock, the same end. The way there and back is held by a sealed cookie of
//! ten minutes (state, nonce, the verifier of PKCE, where to go afterwards), and each state comes back once. Who needs a
//! second factor shows it here, a code or a passkey, unless the provider states one (`amr`, `acr`) and its setting
//! says that this is believed.
//! The port ([`IdentityProviders`]) is implemented in `integrations` and wired by `qiao`. Passwords and the sealed
//! envelope stay: a provider that is down locks nobody out.

pub mod actions;
pub mod api;
mod cookies;
pub mod error;
mod model;
mod port;
pub mod queries;
pub mod rules;
mod store;

pub use error::SsoError;
pub use model::{Knock, Link, LinkId, Provider, ProviderId, Subject, Trust, Way};
pub use port::{
    Ask, Begun, Checked, Connection, Finished, IdentityProviders, NoProviders, ProviderError, Returned, Verified,
};
pub(in crate::signin) use queries::relieved;
pub(in crate::signin) use store::end_own_links;

/// Where sealed secrets of providers are bound to.
pub(crate) const SECRET_PLACE: &str = "sso_provider.secret";
/// Where sealed subjects are bound to.
pub(crate) const SUBJECT_PLACE: &str = "sso.subject";
