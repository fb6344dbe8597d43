//! Jobs: work that outlives a request, kept in a table, run by whichever node is free.
//!
//! [`enqueue`] inside the transaction that wants the work; a [`Handler`] per kind does it. A job is tried a bounded
//! number of times with growing pauses; a handler must therefore be able to begin again (law 7). Progress is written
//! by [`Run::progress`] and can be watched at `/api/v1/jobs/{id}`. Inputs and outcomes hold ids and counts, never
//! personal data.

pub mod api;
mod live;
mod model;
pub mod queries;
mod runner;
mod store;
#[cfg(test)]
mod tests;

pub use model::{Job, JobError, JobState, NewJob, Nightly};
pub use runner::{Handler, Run, Runner, Work};
pub use store::enqueue;
