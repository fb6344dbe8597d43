//! Notices (公示): what a unit tells the public, decided before it is said, numbered, and never unsaid in silence.
//!
//! Invariants: nothing is published without an approved case `notice`, which stands on the fingerprint of the text; while
//! it decides, and afterwards, the text does not change; numbers are gapless within unit and year and are given when the
//! case is approved; a correction is a version of its own under the same number, and what it corrects stays readable; a
//! withdrawn notice stays listed with its reason. Publishing and withdrawing are facts with entries in the public log.
//! Called by staff; read by the public pages of `insight`; approvals come back as the fact `approval.decided`.

pub mod actions;
pub mod api;
pub mod approval;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
mod store;

pub use error::NoticeError;
pub use model::{Attached, Block, Notice, NoticeId, NoticeKind, NoticeState, Publication, Texts};
