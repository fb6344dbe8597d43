//! What can be wrong with platforms, and how it leaves the house.

use db::DbError;
use governance::network::NetworkError;
use kernel::MoneyError;
use ledger::LedgerError;
use platform::identity::Forbidden;
use web::{Kind, Problem};

/// The unit has not joined the platform.
pub const NOT_JOINED: Kind = Kind::new("platform-not-joined", 409);
/// The page is not in the register.
pub const NOT_LISTED: Kind = Kind::new("platform-page-unknown", 404);
/// A raise of this page waits already.
pub const RAISE_WAITS: Kind = Kind::new("platform-raise-waits", 409);
/// It was answered before.
pub const ANSWERED: Kind = Kind::new("platform-answered", 409);
/// The statement is not booked yet.
pub const NOT_BOOKED: Kind = Kind::new("platform-statement-not-booked", 409);
/// The payout was booked before with another day.
pub const PAID: Kind = Kind::new("platform-payout-booked", 409);
/// The statement has nothing that can arrive.
pub const NOTHING_ARRIVES: Kind = Kind::new("platform-nothing-arrives", 409);
/// The platform has no interface here.
pub const NOT_CONNECTED: Kind = Kind::new("platform-not-connected", 409);
/// The platform gave no answer, or none that can be used.
pub const NO_ANSWER: Kind = Kind::new("platform-no-answer", 503);
/// The platform refused.
pub const REFUSED: Kind = Kind::new("platform-refused", 409);
/// The key came with another request before.
pub const KEY_REUSED: Kind = Kind::new("platform-key-reused", 409);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    NOT_JOINED,
    NOT_LISTED,
    RAISE_WAITS,
    ANSWERED,
    NOT_BOOKED,
    PAID,
    NOTHING_ARRIVES,
    NOT_CONNECTED,
    NO_ANSWER,
    REFUSED,
    KEY_REUSED,
];

/// Seconds after which a platform that gave no answer may be asked again.
const ASK_AGAIN_SECONDS: u32 = 60;

/// Why something about platforms was not done.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A field is not of the shape expected.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: String,
    },
    /// No such thing, or none in the reader's scope.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The unit has not joined the platform.
    #[error("the unit has not joined {0}; its steps to join: qiao platforms list")]
    NotJoined(&'static str),
    /// The page is not in the register.
    #[error("page {0} is not in the register; enter it with qiao platforms page")]
    NotListed(String),
    /// A raise of this page waits already.
    #[error("a raise of page {0} waits for its answer already")]
    RaiseWaits(String),
    /// It was answered before.
    #[error("it was answered before: {0}")]
    Answered(&'static str),
    /// The statement is not booked yet.
    #[error("the statement is not booked whole yet; import the same files again")]
    NotBooked,
    /// Its payout was booked before, as arrived on another day.
    #[error("its payout was booked before, as arrived on {0}")]
    Paid(kernel::BusinessDay),
    /// More was refunded or withheld than was raised: nothing can have arrived, or a fee stands on money of others.
    #[error("project {project}: {why}")]
    NothingArrives {
        /// The page.
        project: String,
        /// Why.
        why: &'static str,
    },
    /// The platform has no interface here, or its keys were not set.
    #[error("{0} is not connected; set its keys with qiao platforms keys")]
    NotConnected(&'static str),
    /// The platform gave no answer, or none that can be used.
    #[error("{platform} gave no answer: {why}")]
    NoAnswer {
        /// Which.
        platform: &'static str,
        /// Why, without an address.
        why: String,
    },
    /// The platform refused.
    #[error("{platform} refused with code {code}: {said} (trace {trace})")]
    Refused {
        /// Which.
        platform: &'static str,
        /// Its code.
        code: i64,
        /// Its words.
        said: String,
        /// Its number of the request, for its support.
        trace: String,
    },
    /// The key came with another request before.
    #[error("this key was used before for another request")]
    KeyReused,
    /// An account could not be opened.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The books refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl PlatformError {
    /// A field that is not of the shape expected.
    pub(super) fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { field, why: why.into() }
    }

    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Money(_) => tracing::Level::ERROR,
            Self::NoAnswer { .. } | Self::Refused { .. } => tracing::Level::WARN,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::NotFound(_) => Problem::not_found(),
            Self::NotJoined(platform) => Problem::new(NOT_JOINED).arg("platform", platform),
            Self::NotListed(page) => Problem::new(NOT_LISTED).arg("page", page),
            Self::RaiseWaits(page) => Problem::new(RAISE_WAITS).arg("page", page),
            Self::Answered(state) => Problem::new(ANSWERED).arg("state", state),
            Self::NotBooked => Problem::new(NOT_BOOKED),
            Self::Paid(day) => Problem::new(PAID).arg("day", day),
            Self::NothingArrives { project, why } => {
                Problem::new(NOTHING_ARRIVES).arg("page", project).arg("reason", why)
            }
            Self::NotConnected(platform) => Problem::new(NOT_CONNECTED).arg("platform", platform),
            Self::NoAnswer { platform, why } => {
                tracing::warn!(platform, why, "a donation platform gave no answer");
                Problem::new(NO_ANSWER)
                    .arg("platform", platform)
                    .retry_after_s(ASK_AGAIN_SECONDS)
            }
            Self::Refused {
                platform, code, trace, ..
            } => Problem::new(REFUSED)
                .arg("platform", platform)
                .arg("code", code)
                .arg("trace", trace),
            Self::KeyReused => Problem::new(KEY_REUSED),
            Self::Network(error) => error.problem(),
            Self::Ledger(error) => error.problem(),
            Self::Money(_) => Problem::internal(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<PlatformError> for Problem {
    fn from(error: PlatformError) -> Self {
        error.problem()
    }
}
