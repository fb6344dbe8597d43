//! What sponsors owe for the matches of their pools (account 1122), and what they paid of it.
//!
//! A match is booked against its sponsor's debt; here the debt is settled when the money comes: into the bank under a signed
//! agreement, or out of the sponsor's own gift that the society holds to be passed on. Invariants: no more is settled than
//! is owed; every fund gets what its matches are owed, in the order of the funds; what a fund got too much, because a match
//! shrank after it was paid, goes to the others first; a settlement whose journal is reversed in the books is owed again, and
//! what came home by it is held back from that transaction on, first for the journal undone, then (`jobs`) for the pool.
//! Called by `api`.

pub mod actions;
pub mod api;
mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

pub(crate) use actions::hold_back;
pub use jobs::SettlementsReversed;
pub use model::{Debt, Owed, Settlement};
