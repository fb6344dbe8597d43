//! What the texts of imported tables mean: texts that are alike are said to be one item together, and taken back together.
//! Free text is mapped before anything of it is used.
//!
//! Invariants: a text of one grade never means an item of another, whether its name or its specification says the grade;
//! what a text meant before is kept, so that undoing gives it back; what was said otherwise since stays.

pub mod actions;
pub mod api;
mod model;
pub mod queries;
pub mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use model::{Mapping, Text};
