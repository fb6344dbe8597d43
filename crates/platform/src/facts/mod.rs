//! Facts: the one append-only record, its order, and those who react to it.
//!
//! A fact is written in the transaction of the change it records ([`append`], or [`WideFacts`] for many at once). Its
//! *place* is gapless and given once: on SQLite its own key, on PostgreSQL a row of `fact_place` written by the
//! [`sequencer`]. [`reactions`] read by place, each with its own cursor. Facts hold ids, codes and amounts only.

mod actions;
pub mod api;
mod model;
mod queries;
pub mod reactions;
pub mod sequencer;
mod shelf;
mod sight;
mod store;

pub use actions::conclude;
pub use model::{Fact, NewFact};
pub use reactions::{AnyReaction, Reaction, ReactionError, Reactions};
pub use shelf::{Shelf, Shelved};
pub use store::{
    WideFacts, append, by_subject, cursor, last_place, last_place_before, pending, read_after, unplaced,
    unplaced_before,
};
