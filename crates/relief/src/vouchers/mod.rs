//! The papers of goods: receipt note, dispatch order, hand-over list, count sheet, scrap and sale note, manifest,
//! donation letter and agreement.
//!
//! Invariants: the number is taken in the transaction of its record, so that the series has no gap; the bytes are drawn
//! from the records when first asked for and stay as they were drawn, sealed, with their hash. A hand-over list has an
//! edition for each number of signatures: the first is the list to be signed.

pub mod actions;
pub mod api;
mod draw;
mod letter;
mod manifest;
mod model;
pub mod queries;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use actions::{DRAWN_PLACE, paper};
pub use model::{Listed, Paper, PaperKind, Record};
