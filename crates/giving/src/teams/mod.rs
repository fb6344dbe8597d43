//! Teams (一起捐) under a project: own title, target, words and wall, no account of their own and no other use of the money
//! (rules.md R4.2).
//!
//! Somebody starts a team; it is a draft until staff opens it, which is also the moderation of its name and words. What an
//! order or a notice says of team and county is kept beside the payment's number ([`attribution`]), never in the
//! gift: a payment is recorded whatever its tag says. Sums of teams are the boards' business. Called by `api`, by orders
//! and notices, by the pages.

pub mod actions;
pub mod api;
pub mod attribution;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;

pub use attribution::{Attribution, Tags};
pub use error::TeamError;
pub use model::{NewTeam, Team, TeamState};
