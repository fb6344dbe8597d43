//! Trucks (M-20): vehicles with what they carry, journeys, and the orders on them up to the manifest.
//!
//! Invariants: what is on a vehicle never weighs more nor takes more room than it may carry, and what nobody has weighed
//! is not put on it; an order is on one vehicle at a time; a vehicle leaves with all its orders in one transaction, which
//! takes the manifest's number.

pub mod actions;
pub mod api;
pub mod model;
pub mod queries;
pub mod rules;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use model::{Load, Trip, TripState, Vehicle};
