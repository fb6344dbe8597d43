//! Published tables of goods as societies keep them: received, dispatched, needed. A sheet in, lines out, kept once.
//!
//! Invariants: a line counts when it has a quantity of its own; rows that share one are kept as text and listed; text
//! of merged cells expands, numbers never do; white space of every kind says nothing; the same line again is known.
//! Lines of different units are never added. What an imported line is in the catalogue is a separate decision.

pub mod actions;
pub mod api;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

pub use actions::{TakenIn, take_in};
pub use model::{Cell, Found, Line, Merge, Quantity, RowReason, Sheet, TableKind};
