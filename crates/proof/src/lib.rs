//! Proof: what a donor holds in hand, and what the public is told. Certificates, the public log, notices; receipts stand
//! here later.

pub mod certificates;
pub mod log;
pub mod notices;
pub mod seals;
pub mod share;
pub mod tlog;
pub mod witness;

use db::Migration;
use governance::approvals::subjects::Owner;
use platform::facts::AnyReaction;

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
    Migration {
        name: "proof/0004_notices",
        sql: include_str!("../migrations/0004_notices.sql"),
    },
];

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    [&giving::all_migrations()[..], MIGRATIONS].concat()
}

/// This crate's reactions to facts.
pub fn reactions() -> Vec<Box<dyn AnyReaction>> {
    vec![
        Box::new(certificates::Certifying),
        Box::new(notices::approval::NoticesDecided),
    ]
}

/// The owners of things of this crate about which cases are put.
pub fn subjects() -> Vec<Box<dyn Owner>> {
    vec![Box::new(notices::approval::Notices)]
}
