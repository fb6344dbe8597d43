//! Runs of an import: begun, filled by the intake, ended with their report; taken back by `refunds`.
//!
//! A run that was cut off (power, kill) stays `running`: what it brought is whole gifts, and the same file given
//! again adds only what is missing.

mod actions;
mod store;

use kernel::{ActorId, ProjectId, ReceivingAccountId, UnitId};

pub use actions::{begin, end};
pub use store::{ImportRun, known_numbers, list, load};

/// What a run is of.
pub struct NewImport<'a> {
    /// The unit whose account received the money.
    pub unit: UnitId,
    /// The project of all its gifts.
    pub project: ProjectId,
    /// The account.
    pub account: ReceivingAccountId,
    /// The profile's name.
    pub profile: &'a str,
    /// SHA-256 of the file.
    pub file_sha256: [u8; 32],
    /// Who imports.
    pub actor: ActorId,
}
