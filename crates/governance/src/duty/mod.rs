//! The roster of duty (24 小时值班): who is on in each unit, hour by hour; gaps and overlaps; who is on now.
//!
//! Invariants: names and telephones are sealed and shown masked, opening one is a fact; a shift that is over never
//! changes; a shift is taken back, not deleted. Called by the staff API and by `reports`, whose table and messages ask
//! who is on.

pub mod actions;
pub mod api;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;
pub mod told;

pub use error::DutyError;
pub use model::{PERSON_PLACE, Shift, ShiftId};
