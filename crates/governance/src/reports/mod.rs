//! Reports up (定时报告): a unit says by a form what the units below tell it, and at which hours; each hands in; the
//! unit above sees one table.
//!
//! Invariants: a version of a form never changes, and an hour keeps the version it was planned under; what was handed in
//! is never overwritten, a correction is another version with its reason; sums are computed from what is stored, over the
//! rows that are shown; a reader sees the units of her scope. Late is what first came after the hour and its grace,
//! missing what has not come by then. Hours are planned by a job; reminders go out before, alerts after. Called by the
//! staff API and the jobs.

pub mod actions;
pub mod api;
pub mod error;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;
#[cfg(test)]
pub(crate) mod tests;

pub use error::ReportError;
pub use model::{Form, FormId, SlotId};
