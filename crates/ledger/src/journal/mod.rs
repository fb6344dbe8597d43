//! The journal: entries that sum to zero, and the one place where they are stored.
//!
//! `model` refuses what is not a journal; `shapes/` has one file per kind of journal; `store` writes one in
//! an ordinary transaction ([`crate::wide`] writes many in a wide one). Called by gifts, refunds and the actions of
//! the books. No posting is ever changed; there is no function here that could.

mod model;
pub mod shapes;
pub(crate) mod store;

pub(crate) use model::check_id;
pub use model::{Dimensions, ENTRIES_MAX, Entry, Journal, JournalError, JournalKind, id_for};

#[cfg(test)]
mod tests;
