//! Payouts of money held for others (受托代理): asked for by one person, approved by another, booked on approval.
//!
//! Invariants: who asked decides nothing; an approved payout has exactly one journal; what the fund does not hold for
//! others is refused, when asking and again when approving. Asking or deciding the same again is answered with what
//! stands.

pub mod actions;
pub mod api;
mod model;
mod queries;
mod store;

pub use actions::{Ask, FACT_KINDS, approve, ask, reject};
pub use model::{Payout, PayoutState};
pub use queries::{list, of_journal};
