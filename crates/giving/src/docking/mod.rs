//! Docking (公募对接, M-06): a body without the right to raise in public raises through a society that has it.
//!
//! Invariants (慈善法 26, R1.16): nobody is named on a campaign before the society has assessed the partner, has signed an
//! agreement with it, and has named it in the plan it filed; these three are hard gates of the case `docking`, and only
//! its approval lets the partner be named. What a case stands on is not changed while it is decided, nor afterwards.
//! Money of a docked campaign comes into the society's own accounts and books like any other (R1.17): there is no way
//! in for a partner's account. Called by staff; the approval comes back as the fact `approval.decided`.

pub mod actions;
pub mod api;
pub mod approval;
pub mod error;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;

pub use error::DockingError;
pub use model::{Agreement, Assessment, Docking, DockingId, DockingState, NewPartner, Partner, PartnerId};
