//! The log of notices: what a provider told, how often, and what became of it.
//!
//! A notice that was believed has a row under the provider's own number of it. What was refused has one row a day and
//! reason with its count, so that nobody can fill the table from outside. Rows live for [`KEPT_DAYS`].

pub mod actions;
pub mod store;

pub use actions::{Record, forget_old, note};
pub use store::{Seen, latest};

/// How long rows are kept: longer than any provider repeats, long enough for the quarter's questions.
pub const KEPT_DAYS: i64 = 100;
