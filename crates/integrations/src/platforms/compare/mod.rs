//! Every day: what a platform tells of our pages against what stands here. Differences are records: opened when seen first,
//! followed while they last, closed by themselves when they are gone, explained by a person with a note. Nothing is corrected.
//!
//! Between two settlements a platform is ahead of the books by what it has not paid out yet, so an amount or count that
//! differs is news only when it outlives the next settlement: the first and the last day stand beside it.

mod actions;
pub mod api;
pub mod jobs;
mod model;
mod queries;
mod rules;
mod store;

pub use actions::{FACT_KINDS, compare, compare_all, explain};
pub use model::{Comparison, DifferenceState, Differing, What};
pub use queries::{comparisons, differences};
