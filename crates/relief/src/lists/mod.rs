//! Two lists, one group (M-19): what is there and expected, what is asked for, and the decision about it.
//!
//! Invariants: a version of list one is never changed, and no version is added once its day has ended; a plan's
//! destinations add up to what lies there, lot by lot, or it is not accepted; who proposed does not decide, and nobody
//! decides twice; with the last approval the dispatch orders stand and their goods are set aside, in one transaction.
//! Where the unit has a policy for `dispatch` that demands a case, the approvals of the house decide: [`approval`].

pub mod actions;
pub mod api;
pub mod approval;
pub mod jobs;
pub mod matching;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use model::{Ask, Offer, Share};
pub(crate) use store::{grant, insert_request, lock_request, request};
