//! Goods that are sold: the movement out of the store and the money that came for them, in one step.
//!
//! Invariants: a sale is one movement, one journal of money and one numbered note, in one transaction; the money is
//! limited as the goods were and stands in a fund; others' parcels and what is past its day are not sold. A sale is undone
//! once, by somebody else than who sold: the goods come back, the money is taken out of its fund, and a note says so.

pub mod actions;
pub mod api;
mod model;
pub mod queries;
pub mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use actions::BUYER_PLACE;
pub use model::{NewSale, Sale, Undone};
