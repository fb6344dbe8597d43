//! Supervision (监督): a supervisor's own list of things with private notes, rules that she writes in a form, and what
//! they raise.
//!
//! Invariants: list, rules, notes and alerts are their owner's alone, whatever others may read; notes are sealed and stand
//! in no fact; a rule is one of a fixed list of conditions, never code, and looks at what happens in its unit and below
//! after it was written; a fact raises a rule's alert once. Supervision changes nothing but itself. What it must know of
//! other contexts comes through [`Sight`], which `qiao` wires.

pub mod actions;
pub mod api;
pub mod error;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
pub mod sight;
mod store;
#[cfg(test)]
mod tests;

pub use error::SupervisionError;
pub use jobs::Watching;
pub use model::{Alert, AlertId, Condition, Rule, RuleId, ThingKind, Watched, WatchedId};
pub use sight::{Known, Seen, Sight};
