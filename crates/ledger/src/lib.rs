//! The books: double entry under the chart of 2026 (财会〔2024〕25号), funds and projects as dimensions.
//!
//! Invariants: every [`Journal`] sums to zero, over all and in each fund (moving money between funds or lifting a
//! restriction has kinds of its own); no posting is ever changed or deleted, an error is mended by a reversal;
//! `book_balance` is kept in the transaction of the postings and always equals their [`recount`].
//! The posting day (when it was booked) picks the chart; the business day (when it happened) goes along.
//! [`wide`] is the way of the intake writer, [`post`] the way of everybody else.

pub mod actions;
pub mod api;
pub mod chart;
pub mod error;
pub mod funds;
pub mod journal;
pub mod payouts;
pub mod queries;
pub mod table;
pub mod wide;

pub use actions::has_money;
pub use chart::{AccountCode, Chart, Restriction};
pub use error::LedgerError;
pub use journal::shapes::gift_received::GiftBooking;
pub use journal::store::{Header, entries, post, reversed_of};
pub use journal::{Dimensions, Entry, Journal, JournalError, JournalKind};
pub use queries::recount::{Difference, Recount, recount};

use db::Migration;

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "ledger/0001_books",
        sql: include_str!("../migrations/0001_books.sql"),
    },
    Migration {
        name: "ledger/0002_payouts",
        sql: include_str!("../migrations/0002_payouts.sql"),
    },
    Migration {
        name: "ledger/0003_fund_floors",
        sql: include_str!("../migrations/0003_fund_floors.sql"),
    },
    Migration {
        name: "ledger/0004_agency_holds",
        sql: include_str!("../migrations/0004_agency_holds.sql"),
    },
];

/// What a test of this crate needs: the platform's and its own.
pub fn all_migrations() -> Vec<Migration> {
    [platform::MIGRATIONS, MIGRATIONS].concat()
}
