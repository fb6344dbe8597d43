//! Boxes, pallets, trucks with a code on them (M-18, M-21): codes are printed first and filled later; the public page of
//! a box tells its way.
//!
//! Invariants: a box is filled once, with pieces of one lot, and boxes never hold more of a lot than came; what is only
//! held for its addressee gets no code, since its page is public; boxes on an order never hold more of a lot than the
//! order sends. A page names no recipient and no place closer than a county.

pub mod actions;
pub mod api;
pub mod model;
pub mod queries;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use model::{BoxKind, Code};
