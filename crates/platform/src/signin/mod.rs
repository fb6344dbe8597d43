//! Signing in: how a person opens the console with a password and, where her roles ask for it, a second factor.
//!
//! A session is a random secret in a cookie; the table keeps its hash. Every try is counted, by name and by address,
//! *before* the password is looked at, so that tries sent at once gain nothing; unknown names are counted and hashed
//! like known ones. Invariants: nothing here can be read back (hashes, or sealed by the installation's key); a code of
//! the second factor works once, and so does the challenge that a passkey signs ([`passkeys`]); a new password or factor
//! ends the other sessions; a session whose user still owes a second factor or a new password reaches only the routes of
//! her own account ([`crate::identity::guard`]).
//! The numbers are dated parameters (`sec.…`).

pub mod actions;
pub mod api;
pub mod changes;
pub mod cookies;
pub mod error;
pub mod jobs;
mod model;
pub mod passkeys;
mod passwords;
pub mod queries;
pub mod rules;
pub mod sso;
mod store;
#[cfg(test)]
mod tests;

pub use error::SigninError;
pub use model::{Current, InvitationId, Must, Policy, SessionId, Visitor};

/// Where sealed password hashes are bound to.
pub(crate) const PASSWORD_PLACE: &str = "password.hash";
/// Where sealed secrets of second factors are bound to.
pub(crate) const FACTOR_PLACE: &str = "second_factor.secret";
/// Where sealed reasons for breaking the glass are bound to.
pub(crate) const REASON_PLACE: &str = "break_glass.reason";
