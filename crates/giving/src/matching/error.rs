//! What can be wrong with a pool, and how it leaves the house.

use db::DbError;
use kernel::Fen;
use ledger::LedgerError;
use platform::files::FileError;
use platform::identity::Forbidden;
use web::{Kind, Problem};

use super::model::RuleError;
use crate::donations::DonationError;

/// Another pool has the code.
pub const CODE_TAKEN: Kind = Kind::new("pool-code-taken", 409);
/// The unit has this sponsor already.
pub const SPONSOR_EXISTS: Kind = Kind::new("sponsor-exists", 409);
/// The pool is in another state.
pub const STATE: Kind = Kind::new("pool-state", 409);
/// The money behind the pool is not there, or locked elsewhere.
pub const NOT_COVERED: Kind = Kind::new("pool-not-covered", 409);
/// The gift behind the pool is not held to be passed on.
pub const NOT_PASSED_ON: Kind = Kind::new("pool-gift-not-passed-on", 409);
/// Nothing waits for a review.
pub const NOT_HELD: Kind = Kind::new("match-not-held", 409);

/// The sponsor of a pool owes less than was to be settled.
pub const OWES_LESS: Kind = Kind::new("sponsor-owes-less", 409);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    CODE_TAKEN,
    SPONSOR_EXISTS,
    STATE,
    NOT_COVERED,
    NOT_PASSED_ON,
    NOT_HELD,
    OWES_LESS,
];

/// Why a pool was not changed.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// No such thing, or none in the reader's scope.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A text or number is not of the shape expected.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// The code belongs to another pool.
    #[error("the code “{0}” is taken by another pool")]
    CodeTaken(String),
    /// The unit has this sponsor already.
    #[error("the unit has this sponsor already")]
    SponsorExists,
    /// The change does not fit the state the pool is in.
    #[error("a pool that is {0} cannot be changed like this")]
    State(&'static str),
    /// The gift behind the pool has less than this left.
    #[error("of the gift behind the pool {0} yuan are left to lock")]
    NotCovered(Fen),
    /// The gift behind the pool is income already; only money held to be passed on can match.
    #[error("the gift behind the pool is not held to be passed on")]
    NotPassedOn,
    /// No match of this gift waits.
    #[error("no match of this gift waits in this pool")]
    NotHeld,
    /// The sponsor owes only so much.
    #[error("the sponsor owes {0} yuan for the matches of this pool")]
    OwesLess(Fen),
    /// The books refused.
    #[error(transparent)]
    Books(#[from] LedgerError),
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Booking or its database.
    #[error(transparent)]
    Donation(#[from] DonationError),
    /// The file of an agreement.
    #[error(transparent)]
    File(FileError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<RuleError> for MatchError {
    fn from(error: RuleError) -> Self {
        Self::Invalid {
            field: error.field,
            why: error.why,
        }
    }
}

impl MatchError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::File(_) => tracing::Level::ERROR,
            Self::Books(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::CodeTaken(code) => Problem::new(CODE_TAKEN).field("code").arg("code", code),
            Self::SponsorExists => Problem::new(SPONSOR_EXISTS).field("name"),
            Self::State(state) => Problem::new(STATE).arg("state", state),
            Self::NotCovered(left) => Problem::new(NOT_COVERED)
                .field("locked_fen")
                .arg("left", left.to_yuan()),
            Self::NotPassedOn => Problem::new(NOT_PASSED_ON).field("gift"),
            Self::NotHeld => Problem::new(NOT_HELD),
            Self::OwesLess(owed) => Problem::new(OWES_LESS)
                .field("amount_fen")
                .arg("owed", owed.to_grouped()),
            Self::Books(error) => error.problem(),
            Self::Forbidden(error) => error.problem(),
            Self::Donation(error) => error.problem(),
            Self::File(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<MatchError> for Problem {
    fn from(error: MatchError) -> Self {
        error.problem()
    }
}
