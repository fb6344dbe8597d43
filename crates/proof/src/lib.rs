//! Proof: what a donor holds in hand. Certificates and the public log now; receipts and notices stand here later.

pub mod certificates;
pub mod log;
pub mod seals;
pub mod share;
pub mod tlog;
pub mod witness;

use db::Migration;
use platform::facts::Reaction;

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "proof/0001_certificates",
        sql: include_str!("../migrations/0001_certificates.sql"),
    },
    Migration {
        name: "proof/0002_certificate_standing",
        sql: include_str!("../migrations/0002_certificate_standing.sql"),
    },
    Migration {
        name: "proof/0003_log",
        sql: include_str!("../migrations/0003_log.sql"),
    },
];

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    [&giving::all_migrations()[..], MIGRATIONS].concat()
}

/// This crate's reactions to facts.
pub fn reactions() -> Vec<Box<dyn Reaction>> {
    vec![Box::new(certificates::Certifying)]
}
