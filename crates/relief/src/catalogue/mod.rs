//! What a thing is: items of the catalogue with their standard grade, units, everyday names, kits, norms.
//!
//! Invariants: a free text becomes an item only through an alias that a person set or loaded, and a text that names one
//! grade never becomes an item of another (N95 is not KN95); the starter catalogue never overwrites what is there;
//! quantities are compared only through the item's own units.

pub mod actions;
pub mod api;
pub mod model;
pub mod queries;
pub mod rules;
pub mod starter;
pub(crate) mod store;

pub use model::{Item, NewItem, Norm};

#[cfg(test)]
mod tests;
