//! Governance: who is who in the society. Today the network of units; councils, approvals, obligations and targets
//! come into this crate beside it.

pub mod network;

use db::Migration;

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "governance/0001_network",
    sql: include_str!("../migrations/0001_network.sql"),
}];

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    [&platform::all_migrations()[..], MIGRATIONS].concat()
}
