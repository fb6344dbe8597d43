//! Money of list two (M-19): the desk proposes out of which fund a request for money is met, the group decides by the
//! same rule as for goods, the payment order follows at once, and finance pays it into the books.
//!
//! Where the unit has a policy for `relief_money` that demands a case, the approvals of the house decide: [`approval`].
//!
//! Invariants: grants of a request never come to more than was asked for; who proposed neither decides nor pays; nobody
//! decides twice; an order is paid by exactly one journal; the fund's limits are the books' to keep.

pub mod actions;
pub mod api;
pub mod approval;
mod model;
pub mod queries;
mod store;

#[cfg(test)]
mod tests;

pub use model::{Grant, GrantState, NewGrant};
