//! What a donor promises in writing about a lot (R5.2): the donation letter (捐赠函) and the agreement (捐赠协议), drawn
//! from the lot, with who answers for it.
//!
//! Invariants: one of each kind for a lot, with a running number; who answers for it is sealed; the paper is drawn once
//! and stays (`vouchers`).

pub mod actions;
pub mod api;
pub mod model;
pub(crate) mod store;

pub use actions::CONTACT_PLACE;
pub use model::{LetterKind, NewLetter};

#[cfg(test)]
mod tests;
