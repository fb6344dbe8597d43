//! The public log: every gift, refund, correction and erasure as an entry that nobody can take back unseen.
//!
//! Facts become entries ([`leaf`]), which hold no personal data but commitments; entries become a tree that is signed
//! once for every size ([`actions`]) and published as files that any web server hands out ([`files`]). Invariants: never
//! two roots for one size; no checkpoint before its tiles are durable; no proof of an unpublished tree; a fact is logged
//! once, whatever was restored. Called by `qiao serve`, `qiao log` and `qiao verify`.

pub mod actions;
pub mod api;
mod canonical;
pub mod certificate;
pub mod commitment;
mod error;
pub mod files;
pub mod folder;
pub mod follow;
pub mod http;
pub mod jobs;
mod key;
pub mod leaf;
mod lint;
pub mod mark;
mod model;
pub mod objects;
pub mod points;
mod prepare;
pub mod proofs;
mod queries;
mod recent_sm3;
mod rules;
mod sm2_key;
pub mod stated;
mod store;
pub mod totals;
pub mod verify;

#[cfg(test)]
mod tests;

pub use actions::witnessing::{Answer, Reply, Wire, Witnesses};
pub use actions::{CROWD_MIN, LAG_LABEL, LATE_SECONDS, Log, Recovered, folder_in};
pub use error::LogError;
pub use files::{Files, Published};
pub use folder::Folder;
pub use key::{Gone, LogKeys, ended, new_key_file, rotated, sealed_anew, sealed_with_newest};
pub use model::{Pace, Round, Spent, Status};
pub use proofs::Whereabouts;
pub use sm2_key::{Sm2Keys, sm2_sealed_anew, sm2_switched_off, sm2_switched_on};

use db::{Db, Migration};

/// The migrations of the log's own database.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "log/0001_log",
        sql: include_str!("../../migrations/log/0001_log.sql"),
    },
    Migration {
        name: "log/0002_trail",
        sql: include_str!("../../migrations/log/0002_trail.sql"),
    },
    Migration {
        name: "log/0003_sm3_root",
        sql: include_str!("../../migrations/log/0003_sm3_root.sql"),
    },
    Migration {
        name: "log/0004_payer",
        sql: include_str!("../../migrations/log/0004_payer.sql"),
    },
];

/// Whether a log was ever signed here: then its key must not be made anew.
///
/// # Errors
/// [`LogError`] when it cannot be known.
pub async fn has_signed(db: &Db, files: &Published) -> Result<bool, LogError> {
    let mut at = db.snapshot().await?;
    let is_signed = store::head(&mut at).await?.is_some();
    Ok(is_signed || files.fetch(folder::CHECKPOINT).await?.is_some())
}
