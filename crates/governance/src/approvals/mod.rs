//! Approvals: one engine for every decision of the house. A policy names stages, who decides at each and how; a case
//! is what happened under one version of a policy; where it stands is a pure function of both.
//!
//! Invariants: nobody decides twice at a stage in one round; who asked and who is concerned never decide; a running
//! case keeps its policy's version; a draw can be repeated by anybody; every change is one fact. A thing has at most one
//! case under way. Called by what needs a decision (giving: admission of projects, urgent raises), which reads the
//! outcome from the fact `approval.decided`, and by the staff API. The clock of a stage is a job.

pub mod actions;
pub mod api;
pub mod error;
pub mod jobs;
pub mod minutes;
pub mod model;
pub mod outcome;
pub mod policy;
pub mod queries;
pub mod rules;
pub mod shipped;
pub mod store;
pub mod subjects;
#[cfg(test)]
mod tests;
pub mod webhooks;

pub use error::ApprovalError;
pub use model::{CaseId, CaseState, SubjectId};
pub use policy::Policy;
pub use subjects::Subjects;
