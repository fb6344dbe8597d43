//! Off-line giving: markets, sales and stamp-card events, and the villages, shops and firms that give there.
//!
//! An event's takings are counted by two people who come to the same sum, paid into the bank by one of the staff, and
//! matched to the bank's line by another; only then are they a gift, through the one intake and under the bank's own
//! number, so that the same line in a bank file is no second gift. Invariants: no gift without two equal counts and a
//! bank line; who matches did not deposit; a minor asks for gifts only with a guardian's consent and never handles
//! cash; no sum stands beside a person (rules.md R1.14). Called by `api`.

pub mod actions;
pub mod api;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
pub mod sources;
pub mod store;

pub use error::EventError;
pub use model::{Event, EventId, EventKind, EventState, SourceId, SourceKind};
