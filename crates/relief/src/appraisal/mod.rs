//! Appraisal orders (M-15): goods whose donor shows no fair price go to an outside appraiser, who needs no account: one
//! page behind a link, one step.
//!
//! Invariants: only a lot without a value is appraised, by one order at a time, which may be taken back until it is answered; what the appraiser says is said once; his
//! value becomes the lot's and enters the books in the same transaction; what cannot be appraised stays without a value,
//! outside all sums of money, and gets no receipt.

pub mod actions;
pub mod api;
mod model;
pub mod queries;
pub mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use model::{Answer, Appraisal, AppraisalState, Asked};
