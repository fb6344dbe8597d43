//! What reaches the house from outside: gift files and bills, payment providers and providers of identities.

pub mod bills;
pub mod case_webhooks;
pub mod goods;
pub mod importing;
pub mod messages;
pub mod payments;
pub mod platforms;
pub mod profiles;
pub mod sso;

use db::Migration;
use platform::rewrap::SealedColumn;

/// What this crate seals with the installation's keys: the keys of payment providers and of donation platforms.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "payment_gateway",
        key: "account_id",
        column: "secrets_sealed",
        place: payments::settings::SECRETS_PLACE,
    },
    SealedColumn {
        table: "platform_key",
        key: "id",
        column: "secret_sealed",
        place: platforms::register::SECRET_PLACE,
    },
];

/// This crate's migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "integrations/0001_payments",
        sql: include_str!("../migrations/0001_payments.sql"),
    },
    Migration {
        name: "integrations/0002_platforms",
        sql: include_str!("../migrations/0002_platforms.sql"),
    },
];

/// What a test of this crate needs: those upstream, then its own.
pub fn all_migrations() -> Vec<Migration> {
    [&relief::all_migrations()[..], MIGRATIONS].concat()
}
