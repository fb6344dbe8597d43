//! What can go wrong with an off-line event. Nothing was changed.

use db::DbError;
use kernel::{BusinessDay, Fen};
use platform::identity::error::Forbidden;
use platform::keys::KeyError;
use web::Problem;
use web::problem::Kind;

use crate::donations::DonationError;

/// Not possible where its takings are.
pub const EVENT_STATE: Kind = Kind::new("event-state", 409);
/// The bank's line has another amount than was counted.
pub const BANK_LINE_DIFFERS: Kind = Kind::new("bank-line-differs", 409);
/// A minor without a guardian's consent.
pub const GUARDIAN_MISSING: Kind = Kind::new("guardian-missing", 422);
/// A minor is to handle cash.
pub const MINOR_WITH_CASH: Kind = Kind::new("minor-with-cash", 422);
/// The parts are more than was counted.
pub const PARTS_TOO_MUCH: Kind = Kind::new("parts-too-much", 409);
/// The same key came with another event before.
pub const EVENT_KEY_REUSED: Kind = Kind::new("event-key-reused", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[
    EVENT_STATE,
    BANK_LINE_DIFFERS,
    GUARDIAN_MISSING,
    MINOR_WITH_CASH,
    PARTS_TOO_MUCH,
    EVENT_KEY_REUSED,
];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such thing, or none that the actor may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A field of a request.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// A line of a file.
    #[error("line {0}: {1}")]
    Line(usize, &'static str),
    /// The event has not been held.
    #[error("the event is held on {0}")]
    NotYet(BusinessDay),
    /// Another person must do it.
    #[error("another person must do this")]
    FourEyes,
    /// Not possible where its takings are.
    #[error("the event is {0}")]
    State(&'static str),
    /// The bank's line has another amount, or is another event's.
    #[error("the bank’s line is not this deposit")]
    BankLine,
    /// A minor without a guardian's consent.
    #[error("a minor needs a guardian’s consent")]
    Guardian,
    /// A minor is to handle cash.
    #[error("a minor never handles cash")]
    MinorCash,
    /// The parts are more than was counted.
    #[error("the parts are more than the {0} that were counted")]
    PartsTooMuch(Fen),
    /// The same key with another event.
    #[error("this key was used for another event")]
    KeyReused,
    /// A sealed text cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The gift.
    #[error(transparent)]
    Gift(#[from] DonationError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl EventError {
    /// Whether an operator must look.
    pub fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Key(_) => tracing::Level::ERROR,
            Self::Gift(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Line(line, why) => Problem::invalid(&format!("line {line}"), why),
            Self::NotYet(day) => Problem::invalid("held_on", format!("the event is held on {day}")),
            Self::FourEyes => Problem::new(ledger::error::FOUR_EYES),
            Self::State(state) => Problem::new(EVENT_STATE).arg("state", state),
            Self::BankLine => Problem::new(BANK_LINE_DIFFERS).field("bank_no"),
            Self::Guardian => Problem::new(GUARDIAN_MISSING).field("guardian"),
            Self::MinorCash => Problem::new(MINOR_WITH_CASH).field("handles_cash"),
            Self::PartsTooMuch(counted) => Problem::new(PARTS_TOO_MUCH).arg("counted_fen", counted.get()),
            Self::KeyReused => Problem::new(EVENT_KEY_REUSED).field("key"),
            Self::Key(error) => {
                tracing::error!(%error, "a helper of an event cannot be read");
                Problem::internal()
            }
            Self::Gift(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<EventError> for Problem {
    fn from(error: EventError) -> Self {
        error.problem()
    }
}
