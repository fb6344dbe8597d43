//! After a key was added, what older keys sealed is sealed anew with it, in the background.
//!
//! Every context lists its sealed columns ([`SealedColumn`]); the job [`Rewrap`] walks each table by its key in bounded
//! rounds, so that gifts get through between two of them, and keeps its place: cut off, it goes on. A value is replaced
//! only if it is still the one that was read, so that an erasure in between wins. Answers kept for repeated requests are
//! not sealed anew: they are forgotten within a week. When nothing is left the old keys may go (`qiao key remove-old`).

mod actions;
mod jobs;
mod queries;
mod store;

pub use actions::put_in_line;
pub use jobs::{NIGHTLY, Rewrap};
pub use queries::{KeyUse, key_use};

/// A column whose values [`Keys::seal`](crate::Keys::seal) sealed.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column of ids that names its rows, each once.
    pub key: &'static str,
    /// The column.
    pub column: &'static str,
    /// What its values are sealed for.
    pub place: &'static str,
}

/// The sealed columns of this crate.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "actor",
        key: "id",
        column: "personal_sealed",
        place: crate::identity::actions::PERSONAL,
    },
    SealedColumn {
        table: "password",
        key: "id",
        column: "hash_sealed",
        place: crate::signin::PASSWORD_PLACE,
    },
    SealedColumn {
        table: "break_glass",
        key: "id",
        column: "reason_sealed",
        place: crate::signin::REASON_PLACE,
    },
    SealedColumn {
        table: "passkey",
        key: "id",
        column: "name_sealed",
        place: crate::signin::passkeys::NAME_PLACE,
    },
    SealedColumn {
        table: "second_factor",
        key: "actor_id",
        column: "secret_sealed",
        place: crate::signin::FACTOR_PLACE,
    },
    SealedColumn {
        table: "second_factor_offer",
        key: "actor_id",
        column: "secret_sealed",
        place: crate::signin::FACTOR_PLACE,
    },
    SealedColumn {
        table: "sso_provider",
        key: "id",
        column: "secret_sealed",
        place: crate::signin::sso::SECRET_PLACE,
    },
    SealedColumn {
        table: "sso_link",
        key: "id",
        column: "subject_sealed",
        place: crate::signin::sso::SUBJECT_PLACE,
    },
    SealedColumn {
        table: "sso_knock",
        key: "id",
        column: "subject_sealed",
        place: crate::signin::sso::SUBJECT_PLACE,
    },
];
