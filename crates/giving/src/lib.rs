//! Giving: campaigns, projects and the gifts that come in for them.

pub mod boards;
pub mod campaigns;
pub mod donations;
pub mod projects;
pub mod screening;
mod state;
pub mod teams;
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
        name: "giving/0009_teams_boards",
        sql: include_str!("../migrations/0009_teams_boards.sql"),
    },
    Migration {
        name: "giving/0010_screening",
        sql: include_str!("../migrations/0010_screening.sql"),
    },
];

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    let upstream = governance::all_migrations();
    [&upstream[..], ledger::MIGRATIONS, MIGRATIONS].concat()
}
