//! Giving: campaigns, projects and the gifts that come in for them.

pub mod campaigns;
pub mod donations;
pub mod matching;
pub mod projects;
mod state;
pub mod testing;

pub use state::State;

use db::Migration;

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "giving/0001_campaigns",
        sql: include_str!("../migrations/0001_campaigns.sql"),
    },
    Migration {
        name: "giving/0002_gifts",
        sql: include_str!("../migrations/0002_gifts.sql"),
    },
    Migration {
        name: "giving/0003_gift_decisions",
        sql: include_str!("../migrations/0003_gift_decisions.sql"),
    },
    Migration {
        name: "giving/0006_matching",
        sql: include_str!("../migrations/0006_matching.sql"),
    },
];

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    let upstream = governance::all_migrations();
    [&upstream[..], ledger::MIGRATIONS, MIGRATIONS].concat()
}
