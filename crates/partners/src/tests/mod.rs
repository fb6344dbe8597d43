//! The slices together, on both databases.

mod access;
mod amendments;
mod histories;
mod http;
mod shop;
mod store;
mod way;
