//! The video beside the public window of a unit's goods (M-21): one address outside, off until somebody sets it.
//!
//! Invariants: only https, a name of a host and nothing in it that a page could take for something else; the page's
//! headers allow that one host for that one use.

mod actions;
pub mod api;
mod model;
pub mod queries;
pub mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use actions::{FACT_KINDS, set};
pub use model::{Shown, Video};
