//! Orders: the wish to give, before it is paid.
//!
//! An order has a trade number of ours ([`TRADE_NO_PREFIX`]); the payment notice that brings it back is completed
//! with what the order knows of payer and project ([`complete`]). An order promises nothing: a late payment of an
//! expired order is still a gift, and another amount than the order's is recorded as paid, with the difference kept
//! beside the gift.

pub mod actions;
pub mod model;
pub mod store;

pub use actions::{complete, place, place_tagged, settle};
pub use model::{NewOrder, ORDER_LIFE_MICROS, Order, OrderState, TRADE_NO_PREFIX, merge, state_of};
pub use store::{find, payment_of};
