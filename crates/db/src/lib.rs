//! One database interface over SQLite (one data folder) and PostgreSQL (a URL).
//!
//! [`Db`] hands out a [`Tx`] to those who may write and a [`Snapshot`] to those who only read; both speak the same
//! portable SQL with `?1` placeholders. [`bulk`] is the wide path of the intake writer, over the bare drivers.
//! SQLite has one writer at a time: every `Tx` and every bulk transaction holds the write permit while it lives.

mod error;
mod migrate;
mod open;
mod order;
mod row;
mod tx;

pub mod bulk;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::DbError;
pub use migrate::{Migration, applied, dump_schema, migrate, render};
pub use open::{Backend, Db, DbUrl, make_database};
pub use order::{order_by, past};
pub use row::{Param, Row};
pub use tx::{Reads, Snapshot, Tx, list_mark, list_marks, wide_values};

/// A value bound to a statement.
pub use sea_orm::Value;

/// Collects parameters of mixed types: `params![unit_id, amount, "text", maybe]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::Param::param($value)),*] };
}
