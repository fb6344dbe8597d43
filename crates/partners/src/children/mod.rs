//! Fitted sets by a child's size (M-22): a school's list with guardians' consent, the order summed by size, the hand-over with
//! a signature for each child, differences explained.
//!
//! Invariants: no child without a guardian's consent; names of children and guardians are sealed, what is shown is masked,
//! nothing of a child is public; a consent that is withdrawn takes the names away for good; a list is closed only when every
//! child is fitted or explained.

pub mod actions;
pub mod api;
mod model;
pub mod paper;
pub mod queries;
pub mod rules;
pub(crate) mod store;

pub use actions::{GUARDIAN_PLACE, NAME_PLACE};
pub use model::{Child, ChildList, ListState, NewList, Outcome, Proof, RefusedRow, SizeSum};
