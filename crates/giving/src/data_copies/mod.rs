//! Copies of personal data (个人信息查阅复制, 个人信息保护法 45): all that the house holds about one donor, for herself.
//!
//! Invariants: only who showed a one-time code gets her own copy, or an officer who may open personal data, with a reason;
//! every copy leaves a fact before it leaves the house, and the fact says how much, never whose or what; an officer gets
//! what stands in her units alone; a copy is bounded and says whether there is more; nothing of it is stored. What was
//! erased is not there to be copied.

pub mod actions;
pub mod api;
pub mod error;
pub mod model;
pub mod rules;
mod store;

pub use error::CopyError;
pub use model::{CopyId, CopyReason, Document, Form, Record, Said, Section};
