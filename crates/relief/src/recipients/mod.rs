//! Who is to be handed what of a dispatch order: a list made beforehand, a code for each, and who has not signed yet.
//!
//! Invariants: names are sealed and shown masked but to who keeps the store; a list never promises more than was sent;
//! the code is derived from the recipient's id under the house's key and written nowhere; each recipient is handed the
//! number of the list, once; no two codes of an order are the same, and fifty wrong ones for a lot end its list's codes.

pub mod actions;
pub mod api;
mod model;
mod store;

#[cfg(test)]
mod tests;

pub use actions::NAME_PLACE;
pub(crate) use actions::{Said, count_wrong_code, name_of, taker};
pub use model::{Person, Recipient};
pub(crate) use store::sign;
