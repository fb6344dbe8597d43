//! Giving: campaigns, projects and the gifts that come in for them.

pub mod boards;
pub mod campaigns;
pub mod data_copies;
pub mod debts;
pub mod docking;
pub mod donations;
pub mod donor_way;
pub mod erasures;
pub mod events;
pub mod fullness;
pub mod funds;
pub mod matching;
pub mod my_gifts;
pub mod openings;
pub mod projects;
pub mod recurring;
pub mod screening;
mod state;
mod subjects;
pub mod teams;
pub mod testing;

pub use state::State;
pub use subjects::subjects;

use db::Migration;
use platform::facts::AnyReaction;
use platform::rewrap::SealedColumn;

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
        name: "giving/0004_receipt_wish",
        sql: include_str!("../migrations/0004_receipt_wish.sql"),
    },
    Migration {
        name: "giving/0005_payment_orders",
        sql: include_str!("../migrations/0005_payment_orders.sql"),
    },
    Migration {
        name: "giving/0006_matching",
        sql: include_str!("../migrations/0006_matching.sql"),
    },
    Migration {
        name: "giving/0007_donor_way",
        sql: include_str!("../migrations/0007_donor_way.sql"),
    },
    Migration {
        name: "giving/0008_recurring",
        sql: include_str!("../migrations/0008_recurring.sql"),
    },
    Migration {
        name: "giving/0009_teams_boards",
        sql: include_str!("../migrations/0009_teams_boards.sql"),
    },
    Migration {
        name: "giving/0010_screening",
        sql: include_str!("../migrations/0010_screening.sql"),
    },
    Migration {
        name: "giving/0011_named_funds",
        sql: include_str!("../migrations/0011_named_funds.sql"),
    },
    Migration {
        name: "giving/0012_events",
        sql: include_str!("../migrations/0012_events.sql"),
    },
    Migration {
        name: "giving/0013_debts",
        sql: include_str!("../migrations/0013_debts.sql"),
    },
    Migration {
        name: "giving/0014_provider_numbers",
        sql: include_str!("../migrations/0014_provider_numbers.sql"),
    },
    Migration {
        name: "giving/0015_fund_amendments",
        sql: include_str!("../migrations/0015_fund_amendments.sql"),
    },
    Migration {
        name: "giving/0016_docking",
        sql: include_str!("../migrations/0016_docking.sql"),
    },
    Migration {
        name: "giving/0017_source_end",
        sql: include_str!("../migrations/0017_source_end.sql"),
    },
    Migration {
        name: "giving/0018_monthly_orders",
        sql: include_str!("../migrations/0018_monthly_orders.sql"),
    },
    Migration {
        name: "giving/0019_filing_returned",
        sql: include_str!("../migrations/0019_filing_returned.sql"),
    },
];

/// This crate's reactions to facts.
pub fn reactions() -> Vec<Box<dyn AnyReaction>> {
    // Screening before counting: what a command drains is then counted with its holds.
    vec![
        Box::new(fullness::TargetsReached),
        Box::new(screening::Screening),
        Box::new(boards::Counting),
        Box::new(projects::approval::ApprovalsDecided),
        Box::new(debts::SettlementsReversed),
        Box::new(donations::refunds::approval::RefundsDecided),
        Box::new(docking::approval::DockingsDecided),
    ]
}

/// What this crate seals with the installation's keys: the secrets under which everything personal of a gift stands, and texts of
/// their own.
pub const SEALED: &[SealedColumn] = &[
    wrapped_secret("gift"),
    wrapped_secret("gift_order"),
    wrapped_secret("gift_review"),
    SealedColumn {
        table: "donor_message",
        key: "id",
        column: "words_sealed",
        place: donor_way::actions::MESSAGE_PLACE,
    },
    SealedColumn {
        table: "mandate",
        key: "id",
        column: "donor_sealed",
        place: recurring::actions::DONOR_PLACE,
    },
    SealedColumn {
        table: "news_agreement",
        key: "id",
        column: "contact_sealed",
        place: recurring::actions::CONTACT_PLACE,
    },
    SealedColumn {
        table: "team",
        key: "id",
        column: "starter_sealed",
        place: teams::actions::STARTER_PLACE,
    },
    SealedColumn {
        table: "event_solicitor",
        key: "id",
        column: "person_sealed",
        place: events::actions::PERSON_PLACE,
    },
];

const fn wrapped_secret(table: &'static str) -> SealedColumn {
    SealedColumn {
        table,
        key: "id",
        column: "secret_wrapped",
        place: platform::keys::GIFT_SECRET_PLACE,
    }
}

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    let upstream = governance::all_migrations();
    [&upstream[..], ledger::MIGRATIONS, MIGRATIONS].concat()
}
