//! From a sheet to lines: finding tables, reading cells. Pure.

mod cells;
mod header;
mod walk;

#[cfg(test)]
mod tests;

pub use cells::{folded, quantity, tidied};
pub use walk::read;
