//! Local purchases (M-22: 就地采购) with quotes compared: asked for, quoted by suppliers that are independent of each other,
//! chosen by another person than who collected, ordered, received by two, invoiced, paid out of a fund.
//!
//! Invariants: as many quotes as the parameters of the day ask for, or fewer with a reason that another person approved;
//! no two of one supplier or one owner; who is bound to a supplier that quoted does nothing in it; another than the lowest is
//! chosen only with a reason; the sum paid is the price by the pieces that two people counted alike, never typed in; what is
//! put into the store is that number at that cost, one lot at a time, and the purchase and its lot are written together.

pub mod actions;
pub mod api;
mod model;
pub mod paper;
pub mod queries;
pub mod rules;
pub(crate) mod store;

pub use model::{Fewer, NewPurchase, Purchase, PurchaseState, Quote, Receipt, Stocked, Stocking, Supplier};
