//! Money paid under an agreement: proposed by one person, booked out of its fund by another.
//!
//! Invariants: who proposed does not pay; an order is paid by exactly one journal; the fund's limits are the books' to keep;
//! what a payment came to is asked of its journal, so that a reversal in the books shows at once.

pub mod actions;
pub mod api;
mod model;
pub mod queries;
pub(crate) mod store;

pub use model::{NewPayment, Payment, PaymentState};
