//! Who can do what: the holders of a permission, the powers of a user, and roles lent for a leave.
//!
//! A role is lent by its holder to another person from day to day, and holds only while the lender holds it. Invariants:
//! administrators' roles are not lent; nobody is lent a role that may not stand beside what she holds; what was lent
//! cannot be lent on. Both lists show what was lent beside what was granted.

pub mod actions;
pub mod api;
pub mod error;
mod model;
pub mod queries;
pub mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use error::PowersError;
pub use model::{DelegationId, Grant, NewDelegation};
pub(crate) use store::lent_to;
