//! The payout of a booked statement: what arrived in the bank, and what was kept on the way.

pub mod actions;
