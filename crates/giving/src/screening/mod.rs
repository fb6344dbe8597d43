//! Screening: gifts that look wrong are held for review after they are recorded.
//!
//! A gift is never delayed or lost: a hold concerns boards, walls and matches alone, and a person decides about it with
//! the evidence before her. Signals (rules): many gifts from one source, one telephone behind many payers, one odd sum
//! from many payers, a sponsor's own name, test-looking, borrowed or selling names, days before the campaign, bursts of
//! sums below a yuan. Every threshold is a dated parameter read by the gift's business day. Sources are kept as blind
//! indexes. Once a source is marked, the intake lets its further matches wait (`Directory::is_marked`); what was matched
//! before goes back when a reviewer keeps the hold. Called by the reaction `screening`, by the intake, by `api`.

pub mod actions;
pub mod api;
pub mod error;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;

pub use actions::HELD;
pub use error::ScreeningError;
pub use jobs::{SCREENING, Screening, SettleMatches};
pub use model::{Evidence, Hold, HoldState, Limits, Signal};
