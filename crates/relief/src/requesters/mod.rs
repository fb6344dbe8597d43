//! Accounts that ask for one receiver: a hospital's or a department's own people, who hand its requests in at any time.
//!
//! Invariants: who may read goods asks for anybody; every other account asks for the one receiver it is bound to, and what
//! belongs to another receiver is not there for it; only an account of the role `requester` is bound.

pub mod actions;
pub mod api;
pub mod queries;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use store::reach;
