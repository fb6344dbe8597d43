//! Payments of orders through a provider: begun, confirmed by notice, query or bill, closed, given back.
//!
//! Whatever tells of a payment ends in [`confirm`], which submits to the one intake; that is why nothing is lost or
//! counted twice when notices are lost, repeated or come in another order. Invariants: a provider is asked only after
//! what we want of it is stored; a payment with another amount than its order's is held, never dropped; a refund
//! request always carries the same number.

pub mod actions;
mod model;
mod store;

pub(crate) use actions::order_of;
pub use actions::{Confirmed, close, confirm, pay, reconcile, refresh, refund_told, sweep};
pub use model::{Attempt, AttemptState, Reconciliation, Swept, refund_no, refund_of};
pub use store::{attempts_of, reconciliations, state};
