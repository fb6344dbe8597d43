//! Files handed in for a record of this crate: minutes and photographs of visits, signed agreements, quotes, invoices,
//! signatures. Kept sealed under a secret of their own; the same bytes of a unit are the same file.
//!
//! Invariants: only what is a PDF, a PNG or a JPEG by its bytes is taken; a record names a file of its own unit.

pub mod actions;
pub mod api;
pub(crate) mod store;

pub use store::Handed;
