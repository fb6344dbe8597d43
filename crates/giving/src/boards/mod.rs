//! League tables by county, project, team and campaign: live, frozen daily, replayable for any past day.
//!
//! A reaction counts gifts in the order of the facts. What was given back, what screening holds and sponsors' own money
//! count nowhere. Every day that ends is frozen as of a place in the facts; [`replay`] reads all facts up to that
//! place and must come to the same rows. A board is shown only where somebody opened it, and there is none of
//! employees or villagers (rules.md R1.14): units below a county are counted with their county. Called by `api`, by
//! `qiao boards`, by the pages.

pub mod actions;
pub mod api;
pub mod error;
pub mod jobs;
pub mod model;
pub mod population;
pub mod queries;
mod replay;
pub mod rules;
pub mod store;

pub use error::BoardError;
pub use jobs::{Counting, FREEZE_NIGHTLY, FreezeBoards};
pub use model::{Board, Cell, Dims, Freeze, Kind, Line, Tally};
pub use replay::{Difference, Replayed, replay};
