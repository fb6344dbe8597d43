//! Goods that never enter the store (R5.9): straight from the donor to a receiver, with virtual papers of both ways.
//!
//! Invariants: two people count at the place and must find the same; a third, who may approve, books it when the signed
//! list is back; the way in and the way out are booked in one transaction, on one day, with a receipt note and a dispatch
//! order, so that every piece passes every state; what a donor meant for one receiver goes to no other.

pub mod actions;
pub mod api;
pub mod model;
pub mod queries;
mod store;

#[cfg(test)]
mod tests;
