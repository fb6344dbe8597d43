//! What valued goods are worth, and their journals in the books.
//!
//! Invariants: a lot without a value is in no journal and no sum of money; the value of what is held (in store, set aside,
//! picked) equals the books' 存货 and, for others' parcels, 受托代理资产; every fen of a lot that came in goes out with its last
//! piece. Booked in the transaction of the movement, after all lots of it are locked. Bought goods are in the books by
//! their purchase and make no journal here.

pub(crate) mod actions;
mod model;
pub mod queries;
pub mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use model::{Crossing, Origin, Valued, Worth};
