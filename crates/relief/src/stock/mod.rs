//! Where every piece is: lots, movements, what is on hand, counts.
//!
//! Invariants: movements are only ever added; what is on hand is their sum and never below zero; a lot's quantity is
//! conserved in every state; a lot carries one item, one unit, one expiry, one donor and designation; what is past its
//! day cannot be reserved, issued or loaded; a parcel held for its addressee is no donation and is never allocated.

pub mod actions;
pub mod api;
pub mod model;
pub mod queries;
pub mod rules;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use model::{Lot, LotState, Move, NewLot, Source, Spot, Step};
