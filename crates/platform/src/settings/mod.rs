//! Settings of the installation: a few words under names, written by `qiao init` and kept with the data.
//!
//! What can change while the program runs stands in [`parameters`](crate::parameters); a secret never stands here.

mod actions;
mod queries;
mod store;

pub use actions::store_settings;
pub use queries::{beginning_with, setting};
pub use store::{put, remove};
