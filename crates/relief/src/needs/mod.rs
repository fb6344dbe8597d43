//! Imported lists of needs become requests of list two: line by line, each once.
//!
//! Invariants: nothing is guessed: a text nobody mapped, a number without a unit, a unit the item does not know stay where
//! they are and are told; a “1” that only means that it is needed is no amount but a question, which somebody answers;
//! what became a request is never asked for again.

pub mod actions;
pub mod api;
mod model;
pub mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use model::{Bulk, Requested, ToAsk};
