//! Agreements with partner regions: years, counties paired one to one, targets in money, goods and student aid; signed,
//! running, ended; amended by versions.
//!
//! Invariants: what a version says is never changed, an amendment is the next one; who drew a version up does not sign it;
//! **no figure of progress is kept**: it is the cost of the journals that paid for the agreement, less what was reversed,
//! and the value of the goods sent under it, asked of the books and of the goods each time.

pub mod actions;
pub mod api;
mod model;
pub mod progress;
pub mod queries;
pub mod rules;
pub(crate) mod store;

pub use model::{
    Agreement, AgreementState, Line, NewAgreement, Pair, Row, RowSource, Signed, Target, TargetKind, Terms, Version,
};
