//! Goods on their way: dispatch orders with running numbers, from the shelf to the receiver's signature.
//!
//! Invariants: an order stands only on a decided plan; nothing past its day is issued or loaded; what the receiver does
//! not get is written down as lost or comes back; every handing out has its signature.

pub mod actions;
pub mod api;
pub mod drawing;
pub mod model;
pub mod queries;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use model::{DispatchState, Proof, Way};
