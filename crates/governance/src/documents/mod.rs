//! Numbered documents (公文): sent to units below or above, read, received, reminded of, answered.
//!
//! Invariants: numbers are gapless for each unit and year and given in the transaction that sends; what was sent never
//! changes, it is withdrawn with a reason and keeps its number; each receiving unit has one first reader and one
//! confirmation, by somebody who works in that unit; a reader sees what her units sent or received, and the receipts of
//! others only where her unit sent it. Files are sealed, each under a secret of its own. Called by the staff API and the
//! jobs.

pub mod actions;
pub mod api;
pub mod error;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use error::DocumentError;
pub use model::{Document, DocumentId};
