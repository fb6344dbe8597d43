//! The platform: what every slice stands on. Facts and their order, keys, who acts, jobs, files, health.

pub mod backup;
pub mod calendar;
pub mod facts;
pub mod files;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod jobs;
pub mod keys;
pub mod notify;
pub mod parameters;
pub mod powers;
pub mod problems;
pub mod rewrap;
pub mod rush;
mod services;
pub mod settings;
pub mod signin;
pub mod testing;
pub mod tree;

pub use keys::Keys;
pub use rush::Rush;
pub use services::{Parts, Services};
pub use tree::UnitTree;

use db::Migration;

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "platform/0001_facts",
        sql: include_str!("../migrations/0001_facts.sql"),
    },
    Migration {
        name: "platform/0002_identity",
        sql: include_str!("../migrations/0002_identity.sql"),
    },
    Migration {
        name: "platform/0003_work",
        sql: include_str!("../migrations/0003_work.sql"),
    },
    Migration {
        name: "platform/0004_signin",
        sql: include_str!("../migrations/0004_signin.sql"),
    },
    Migration {
        name: "platform/0005_break_glass",
        sql: include_str!("../migrations/0005_break_glass.sql"),
    },
    Migration {
        name: "platform/0006_passkeys",
        sql: include_str!("../migrations/0006_passkeys.sql"),
    },
    Migration {
        name: "platform/0006_sso",
        sql: include_str!("../migrations/0006_sso.sql"),
    },
    Migration {
        name: "platform/0007_account_changes",
        sql: include_str!("../migrations/0007_account_changes.sql"),
    },
    Migration {
        name: "platform/0008_facts_but_gifts",
        sql: include_str!("../migrations/0008_facts_but_gifts.sql"),
    },
    Migration {
        name: "platform/0009_terms",
        sql: include_str!("../migrations/0009_terms.sql"),
    },
    Migration {
        name: "platform/0010_fact_of_subject",
        sql: include_str!("../migrations/0010_fact_of_subject.sql"),
    },
];

/// The staff routes of this crate; `health::routes` takes the whole program's health and is added beside them.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<Services> {
    identity::api::routes()
        .merge(facts::api::routes())
        .merge(signin::api::routes())
        .merge(signin::passkeys::api::routes())
        .merge(signin::sso::api::routes())
        .merge(signin::changes::api::routes())
        .merge(powers::api::routes())
        .merge(jobs::api::routes())
        .merge(parameters::api::routes())
        .merge(calendar::api::routes())
}

/// The kinds of problem of this crate, for the golden list.
pub fn problem_kinds() -> Vec<web::Kind> {
    [
        identity::error::KINDS,
        signin::error::KINDS,
        signin::passkeys::error::KINDS,
        signin::sso::error::KINDS,
        powers::error::KINDS,
        idempotency::KINDS,
    ]
    .concat()
}

/// The kinds of fact of this crate, for the golden list.
pub const FACT_KINDS: &[&str] = &[
    "account.change_seen",
    "calendar.set",
    "factor.enrolled",
    "factor.offered",
    "invitation.accepted",
    "invitation.given",
    "parameter.set",
    "parameter.withdrawn",
    "passkey.offered",
    "passkey.registered",
    "passkey.removed",
    "passkey.renamed",
    "passkey.suspected",
    "password.changed",
    "role.ended",
    "role.granted",
    "role.lent",
    "role.returned",
    "session.revoked",
    "session.started",
    "signin.locked",
    "sso.linked",
    "sso.provider_set",
    "sso.unlinked",
    "token.issued",
    "token.revoked",
    "user.added",
    "user.personal_changed",
    "user.personal_revealed",
];

/// What a test of this crate needs.
pub fn all_migrations() -> Vec<Migration> {
    MIGRATIONS.to_vec()
}
