//! Identity: who acts and what they may do where.
//!
//! An [`Actor`] is a person or machine with roles, each in a unit and all below it; a token of its own shows who it
//! is. Every staff route names a [`Permission`] ([`guard`]), every action asks again for the unit at hand
//! ([`Actor::require`]), every query takes the reader's [`Scope`]. The local command line acts as
//! [`Actor::operator`]. Invariants: a token is kept as its hash only; a role is ended, never deleted; nobody hands
//! out more than she may manage; of the three administrators (system, security, audit) nobody holds two, and none of
//! them touches money. How a person signs in with a browser is [`crate::signin`].

pub mod actions;
pub mod api;
pub mod error;
pub mod guard;
mod model;
pub mod personal;
mod posts;
pub mod queries;
mod refusals;
pub mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use error::{Forbidden, IdentityError};
pub use guard::GuardedRoutes;
pub use model::{
    Actor, ActorKind, LeaveReason, Permission, PersonalReason, Post, RevealReason, Role, Scope, UnknownWord,
};
pub use store::{TokenRow, UserRow};
