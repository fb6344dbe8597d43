//! What reaches the house from outside: gift files and bills (payment providers and platforms follow).

pub mod bills;
pub mod importing;
pub mod profiles;
