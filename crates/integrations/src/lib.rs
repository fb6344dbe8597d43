//! What reaches the house from outside: gift files and bills and payment providers.

pub mod bills;
pub mod importing;
pub mod payments;
