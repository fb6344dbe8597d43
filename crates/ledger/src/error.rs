//! What can go wrong in the books, and how it leaves the house.

use db::DbError;
use kernel::{Fen, MoneyError};
use platform::identity::Forbidden;
use web::Problem;
use web::problem::{self, Kind};

use crate::chart::AccountCode;
use crate::journal::JournalError;

/// The key of an earlier request came again with another content.
pub const KEY_REUSED: Kind = Kind::new("books-key-reused", 409);
/// The journal was reversed before.
pub const ALREADY_REVERSED: Kind = Kind::new("journal-already-reversed", 409);
/// The journal belongs to a gift or refund and is undone there.
pub const BELONGS_TO_GIFT: Kind = Kind::new("journal-belongs-to-gift", 409);

/// The fund does not hold what is to be spent.
pub const FUND_LACKS: Kind = Kind::new("fund-lacks-money", 409);
/// The fund would fall below what its agreement wants kept.
pub const BELOW_FLOOR: Kind = Kind::new("fund-below-minimum", 409);
/// Money held for others that stands behind a matching pool.
pub const LOCKED: Kind = Kind::new("fund-locked", 409);
/// Someone decided otherwise before.
pub const ALREADY_DECIDED: Kind = Kind::new("already-decided", 409);
/// Who asked may not approve.
pub const FOUR_EYES: Kind = Kind::new("four-eyes", 403);

/// The kinds of this crate, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    KEY_REUSED,
    ALREADY_REVERSED,
    BELONGS_TO_GIFT,
    FUND_LACKS,
    BELOW_FLOOR,
    LOCKED,
    ALREADY_DECIDED,
    FOUR_EYES,
];

/// Why the books refused something. Nothing was changed in any case.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It is no journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A wide batch names an account that was not ensured before: a mistake of the caller.
    #[error("account {0} of a batch was not ensured before its postings")]
    AccountNotEnsured(AccountCode),
    /// A sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A field of a request is not as it must be.
    #[error("{field}: {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is expected.
        reason: &'static str,
    },
    /// The key was used before for something else.
    #[error("this key was used before for another request")]
    KeyReused,
    /// The fund holds less than is to be taken out of it.
    #[error("the fund holds {available}, not {wanted}")]
    FundLacks {
        /// What it holds.
        available: Fen,
        /// What was to be taken.
        wanted: Fen,
    },
    /// The fund would keep less than its agreement wants.
    #[error("the fund must keep {floor}; {available} may be taken")]
    BelowFloor {
        /// What it must keep.
        floor: Fen,
        /// What may be taken.
        available: Fen,
    },
    /// What is held for others stands behind a promise.
    #[error("{locked} of what is held stand behind a matching pool; {available} may be paid out")]
    Locked {
        /// What stands behind promises.
        locked: Fen,
        /// What may be paid out.
        available: Fen,
    },
    /// The opposite was decided before.
    #[error("this was decided before: {0}")]
    AlreadyDecided(&'static str),
    /// The requester cannot approve.
    #[error("who asked may not decide about it; another person with the permission must")]
    FourEyes,
    /// No such journal or request in this unit's books.
    #[error("there is no such journal in these books")]
    NoJournal,
    /// It was reversed before.
    #[error("the journal was reversed before")]
    AlreadyReversed,
    /// A gift, a refund, or itself a reversal: undone elsewhere, or not at all.
    #[error("this journal is not undone here: a gift is refunded, a reversal stays")]
    NotReversible,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl LedgerError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::AccountNotEnsured(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::Field { field, reason } => Problem::invalid(field, reason),
            Self::Journal(error) => Problem::new(problem::INVALID).arg("reason", error),
            Self::Money(error) => Problem::new(problem::INVALID).arg("reason", error),
            Self::KeyReused => Problem::new(KEY_REUSED).field("key"),
            Self::FundLacks { available, wanted } => Problem::new(FUND_LACKS)
                .field("amount_fen")
                .arg("available", available.to_grouped())
                .arg("wanted", wanted.to_grouped()),
            Self::BelowFloor { floor, available } => Problem::new(BELOW_FLOOR)
                .field("amount_fen")
                .arg("floor", floor.to_grouped())
                .arg("available", available.to_grouped()),
            Self::Locked { locked, available } => Problem::new(LOCKED)
                .field("amount_fen")
                .arg("locked", locked.to_grouped())
                .arg("available", available.to_grouped()),
            Self::AlreadyDecided(state) => Problem::new(ALREADY_DECIDED).arg("state", state),
            Self::FourEyes => Problem::new(FOUR_EYES),
            Self::NoJournal => Problem::not_found(),
            Self::AlreadyReversed => Problem::new(ALREADY_REVERSED),
            Self::NotReversible => Problem::new(BELONGS_TO_GIFT),
            Self::AccountNotEnsured(code) => {
                tracing::error!(%code, "a batch posted to an account it had not ensured");
                Problem::internal()
            }
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        error.problem()
    }
}

impl From<LedgerError> for DbError {
    /// For writers that speak [`DbError`] only: a refusal inside a batch kills the batch like a failed statement.
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Db(error) => error,
            other => Self::Other(other.to_string()),
        }
    }
}
