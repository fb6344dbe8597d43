//! Passkeys (WebAuthn): a key that an authenticator keeps, as second factor beside the six digits.
//!
//! The authenticator signs a challenge together with the address of the page, so that a code cannot be asked for by
//! somebody else's page. The protocol is checked by `webauthn_rp` ([`relying`], docs/adr/0006-passkeys.md). Invariants: a
//! challenge is asked once, by one user, for one purpose, and lives five minutes; the address is that of the installation;
//! the authenticator has verified its user; a signature counter never goes back; one credential belongs to one account; the
//! last second factor of somebody whose role asks for one is not removed. Called by [`super::actions::sign_in`], [`super::sso`], the routes
//! of one's own account, and whoever manages users.

pub mod actions;
pub mod api;
pub mod error;
mod model;
pub mod queries;
mod relying;
mod rules;
pub(super) mod store;

pub use error::PasskeyError;
pub use model::{Answer, Asked, Known, Listed, NewKey, Offered, PasskeyId};
pub(super) use model::{PasskeyRow, Shown};

/// Where sealed names of passkeys are bound to.
pub(crate) const NAME_PLACE: &str = "passkey.name";
