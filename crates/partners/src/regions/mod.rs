//! Partner regions, visits there and from there, and what was found to be needed.
//!
//! Invariants: a region stands once in a unit; who answers for it there is sealed, a mask stands beside; a need names the
//! visit at which it was found and is never changed: a wrong one is withdrawn with a reason, and found anew.

pub mod actions;
pub mod api;
mod model;
pub mod queries;
pub(crate) mod store;

pub use actions::CONTACT_PLACE;
pub use model::{Need, NeedKind, NewNeed, NewRegion, NewVisit, Region, Visit, VisitWay, Wanted};
