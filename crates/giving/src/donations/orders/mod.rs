//! Orders: the wish to give, before it is paid.
//!
//! An order has a trade number of ours ([`TRADE_NO_PREFIX`]); the payment notice that brings it back is completed
//! with what the order knows of payer and project ([`complete`]). An order promises nothing: a late payment of an
//! expired order is still a gift. A payment through a provider ([`payments`]) whose amount is not the order's is held for
//! review; a partner's notice with another amount is recorded as paid, with the difference kept beside the gift.
//!
//! created → pending → paid | closed | expired: see [`state_of`].

pub mod actions;
pub mod bills;
pub mod gateway;
mod gateways;
pub mod link;
pub mod model;
pub mod payments;
pub mod store;

pub use actions::{complete, place, place_in, place_tagged, place_until, settle};
pub use gateway::{
    Asked, Bill, BillLine, Charge, ChargeState, Connected, Gateway, GatewayError, PayStep, Payment, Provider,
    RefundCharge, RefundStep, Way,
};
pub use gateways::Gateways;
pub use model::{NewOrder, ORDER_LIFE_MICROS, Order, OrderState, TRADE_NO_PREFIX, merge, state_of};
pub use payments::{Attempt, AttemptState, Confirmed, confirm, pay, refresh};
pub use store::{find, payment_of, set_monthly};
