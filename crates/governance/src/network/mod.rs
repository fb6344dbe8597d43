//! The network: the tree of units (province → city → county → township), their certificates for public fundraising
//! and the accounts into which gifts come.
//!
//! Invariants: a unit's region lies in its parent's and its level below it; there is no cycle; a unit either keeps
//! its own books or stands in those of the nearest unit above that does, and never changes whose books it stands in;
//! an account's code is unique in the installation and its secret is sealed; a unit is closed only when nothing of its
//! own is open still ([`Holdings`]), and moves and closings keep their reason. Called by giving (intake, campaigns),
//! by `qiao init` and `simulate`, and by the staff API. After each change the tree in memory is loaded again.

pub mod actions;
pub mod api;
pub mod error;
pub mod holdings;
pub mod model;
pub mod queries;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use error::NetworkError;
pub use holdings::{Gone, Held, Holding, Holdings};
pub use model::{
    Account, Books, Certificate, CertificateStatus, Closing, NewAccount, NewUnit, ReceivingAccount, SECRET_PLACE, Unit,
    UnitChange, UnitState,
};
