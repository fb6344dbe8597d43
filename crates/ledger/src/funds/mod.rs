//! A fund as its agreement sees it: what it holds, what it must keep, what moves in it, and the two ways in which money
//! leaves it for another fund. Called by `giving` in its own transactions.
//!
//! Invariants: what leaves a fund is checked against what it holds, less its floor, while its accounts are held; the
//! floor is checked for every booking that spends, whoever asks for it.

pub mod actions;
mod holds;
pub mod queries;
pub(crate) mod store;

pub(crate) use holds::held_back;
pub use holds::hold_back;
pub use queries::{Moved, Position};
pub use store::set_floor;
