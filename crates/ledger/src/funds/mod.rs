//! A fund as its agreement sees it: what it holds, what it must keep, what moves in it, and the two ways in which money
//! leaves it for another fund. Called by `giving` in its own transactions.
//!
//! Invariants: what leaves a fund is checked against what it holds, less its floor, while its accounts are held; the
//! floor is checked for every booking that spends, whoever asks for it.

pub mod actions;
pub mod queries;
pub(crate) mod store;

pub use queries::{Moved, Position};
pub(crate) use store::held_back;
pub use store::{hold_back, set_floor};
