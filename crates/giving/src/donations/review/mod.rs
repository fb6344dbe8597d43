//! Review: what was held because its number is known with another amount, until a person decides.
//!
//! A payment of an order of ours is also held when its amount is not the order's.
//!
//! It is accepted as a gift of its own, under the known number with a suffix (`…#2`) or, when no gift has the number,
//! under the number itself, through the one intake; or it is
//! dismissed with a reason. The number is kept before the intake is asked, so that a decision that was cut off goes on
//! with the same number and the same gift. Deciding the same again is answered with what was decided.

pub mod actions;
pub mod store;

pub use actions::{Accepted, accept, dismiss};
pub(super) use store::hold_of_order;
pub use store::{Dismissal, Held, ReviewState, find, list};
