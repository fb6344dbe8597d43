//! The slices together, on both databases.

mod histories;
mod http;
mod shop;
mod way;
