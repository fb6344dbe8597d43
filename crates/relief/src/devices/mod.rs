//! Phones that record goods off line: enrolled with a key of their own, handing in what they signed when there is a line.
//!
//! Invariants: whatever a phone hands in is kept, as it was signed, and what became of it is said record by record: taken,
//! known already, refused; a refused one waits for an officer and is never lost. What a record does goes through the
//! actions of the other slices, each idempotent by its own key, so the same record again, or the same box scanned by two
//! phones, moves nothing twice. A phone's clock orders nothing: both clocks are kept. A phone records and never approves.

pub mod actions;
pub mod api;
pub mod model;
pub mod queries;
pub mod rules;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use model::{Device, Outcome, Record, RecordKind};

/// Where what a phone signed is sealed for: it may name who took the goods.
pub const RECORD_PLACE: &str = "goods_device_record.text";
/// Where the note of a photograph is sealed for.
pub const NOTE_PLACE: &str = "goods_photo.note";
