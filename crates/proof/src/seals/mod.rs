//! Seals: the picture a unit prints on its papers.
//!
//! Invariants: what is stored is a PNG drawn anew by [`papers::seal`], never the bytes that came in; a certificate's
//! frame keeps the hash of the seal in force when it was numbered, so that a new seal changes no paper. The seal is the
//! society's own; the protected red cross emblem is not ours to ship, and whoever uploads vouches for the right to use
//! what the picture shows. Called by its own `api`.

mod actions;
pub mod api;
mod error;
mod queries;

pub use actions::{remove, set};
pub use error::{SEAL_UNUSABLE, SealError};
pub use queries::{bytes_of, current};
