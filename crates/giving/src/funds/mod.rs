//! Named and community funds (冠名基金, 社区慈善基金): an agreement about a fund of the books, fed by a project.
//!
//! A fund is no body of its own (R11.1, R11.7): its money lies in the host's accounts and is a dimension of the host's
//! books; gifts come the way of all gifts, to the fund's project; money is spent by the books' own bookings. What is
//! here is the agreement and what follows from it: a floor that every booking keeps, the host's fee as a journal of its
//! own, alerts, reports, a public statement, and the end with its rest.
//!
//! Invariants: who opens, amends or closes a fund is not who asked for it; a named fund opens once it holds what local
//! rules want it to begin with (R11.3); an amendment is a new version and the old ones are kept; a month's fee is taken
//! once, each gift's by the version of its day; a fund that is closed holds nothing, and what comes late raises an alert.

pub mod actions;
mod amendments;
pub mod api;
pub mod error;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

pub use error::FundError;
pub use model::{AlertKind, Founder, FundKind, FundState, MinimumRule, NamedFund, NewFund};
