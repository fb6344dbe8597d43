//! Amendments of signed agreements, decided by a case of the approvals where the unit's policy for `partner_amendment`
//! demands one. Without such a policy a leader amends, by [`crate::agreements`].
//!
//! Invariants: what an amendment says never changes once it was asked for; of one agreement one waits at most; adopted, it
//! is the next version, and only of the version that it was to change; who asked decides nothing.

pub mod actions;
pub mod approval;
mod model;
pub mod queries;
pub mod rules;
mod store;

pub use model::{Amendment, AmendmentState, NewAmendment};
