//! Governance: who is who in the society, and who decides. Today the network of units, approvals, supervision, reports
//! up and down with the roster of duty, and numbered documents; councils, obligations and targets come into this crate
//! beside them.

pub mod approvals;
pub mod documents;
pub mod duty;
pub mod network;
pub mod reports;
pub mod sheet;
pub mod supervision;

use db::Migration;
use platform::rewrap::SealedColumn;

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "governance/0001_network",
        sql: include_str!("../migrations/0001_network.sql"),
    },
    Migration {
        name: "governance/0002_unit_reach",
        sql: include_str!("../migrations/0002_unit_reach.sql"),
    },
    Migration {
        name: "governance/0003_approvals",
        sql: include_str!("../migrations/0003_approvals.sql"),
    },
    Migration {
        name: "governance/0004_approval_papers",
        sql: include_str!("../migrations/0004_approval_papers.sql"),
    },
    Migration {
        name: "governance/0005_approval_files_kept",
        sql: include_str!("../migrations/0005_approval_files_kept.sql"),
    },
    Migration {
        name: "governance/0005_supervision",
        sql: include_str!("../migrations/0005_supervision.sql"),
    },
    Migration {
        name: "governance/0005_duty",
        sql: include_str!("../migrations/0005_duty.sql"),
    },
    Migration {
        name: "governance/0006_approval_thread",
        sql: include_str!("../migrations/0006_approval_thread.sql"),
    },
    Migration {
        name: "governance/0007_case_webhook",
        sql: include_str!("../migrations/0007_case_webhook.sql"),
    },
    Migration {
        name: "governance/0008_unit_changes",
        sql: include_str!("../migrations/0008_unit_changes.sql"),
    },
];

/// What this crate seals with the installation's keys.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "receiving_account",
        key: "id",
        column: "sealed_secret",
        place: network::SECRET_PLACE,
    },
    SealedColumn {
        table: "approval_file",
        key: "id",
        column: "secret_wrapped",
        place: platform::keys::GIFT_SECRET_PLACE,
    },
    SealedColumn {
        table: "approval_minutes",
        key: "id",
        column: "bytes_sealed",
        place: approvals::actions::MINUTES_PLACE,
    },
    SealedColumn {
        table: "case_webhook",
        key: "unit_id",
        column: "secret_sealed",
        place: approvals::webhooks::SECRET_PLACE,
    },
    SealedColumn {
        table: "watched",
        key: "id",
        column: "note_sealed",
        place: supervision::actions::WATCHED_PLACE,
    },
    SealedColumn {
        table: "watch_alert",
        key: "id",
        column: "note_sealed",
        place: supervision::actions::ALERT_PLACE,
    },
    SealedColumn {
        table: "duty_shift",
        key: "id",
        column: "person_sealed",
        place: duty::PERSON_PLACE,
    },
    SealedColumn {
        table: "document_file",
        key: "id",
        column: "secret_wrapped",
        place: platform::keys::GIFT_SECRET_PLACE,
    },
];

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    [&platform::all_migrations()[..], MIGRATIONS].concat()
}
