//! Answering the donation line (M-12): a script as data leads whoever answers, for money or goods, and every call ends
//! in a record: an announced gift of goods, an order of money, or a note for a colleague.
//!
//! Invariants: a script ends on every way and asks for everything its end needs, or it is not published; a call walks its
//! script step by step and its end stands in the same transaction as the call; what was said is sealed, all of it.

pub mod actions;
pub mod api;
pub mod model;
pub mod rules;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use actions::ANSWERS_PLACE;
pub use model::{CallOutcome, Script};
