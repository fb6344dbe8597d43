//! Erasing one person (个人信息保护法 47): all that is held about a donor by her telephone or e-mail, in one step, with a
//! report of what was destroyed and what the law has the house keep.
//!
//! Invariants: only who showed a one-time code erases her own, or an officer who may manage personal data, with a reason
//! and in her units alone; what is looked at before is what is destroyed after; each thing is destroyed in a transaction
//! of its own, so that it can be cut off and repeated, and what is gone stays gone; facts say how much, never whose. What
//! a receipt or an open refund still needs is kept sealed and no longer shown ([`rules::why_kept`]).

pub mod actions;
pub mod api;
pub mod error;
pub mod model;
pub mod rules;
mod store;

pub use error::ErasureError;
pub use model::{Counts, ErasureId, KeepRule, Kept, Report};
