//! Progress and execution told to a platform, in its own shapes.
//!
//! What is to be told is stored first and sent afterwards, by a job. The interface has no key of ours to tell a repeat by, so a
//! request whose answer was lost is never sent again by itself: it stands as unclear until a person has looked at the platform
//! and says the number she found there, or that nothing arrived.

mod actions;
pub mod api;
pub mod jobs;
mod model;
mod queries;
mod store;

pub use actions::{FACT_KINDS, ask, resolve, send};
pub use model::{NewPush, Push, PushState};
pub use queries::{list, load};
