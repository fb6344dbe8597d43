//! What can go wrong with partner regions, and how it leaves the house. In every case nothing was changed.

use db::DbError;
use governance::approvals::ApprovalError;
use kernel::UnitId;
use platform::identity::{Actor, Forbidden, Permission};
use web::{Kind, Problem};

use crate::ports::StoreError;

/// Another one has this name, code or key.
pub const TAKEN: Kind = Kind::new("partner-taken", 409);
/// Not in a state that allows it.
pub const STATE: Kind = Kind::new("partner-state", 409);
/// Somebody else must do it.
pub const SAME_PERSON: Kind = Kind::new("partner-same-person", 409);
/// Too few quotes.
pub const QUOTES: Kind = Kind::new("partner-quotes-missing", 409);
/// The supplier is bound to a person of ours or to another supplier that quoted.
pub const CONFLICT: Kind = Kind::new("partner-supplier-conflict", 409);
/// The counts of those who received differ.
pub const COUNTS: Kind = Kind::new("partner-counts-differ", 409);
/// The goods did not go to the partner region.
pub const ELSEWHERE: Kind = Kind::new("partner-goods-elsewhere", 409);
/// Children of the list are neither fitted nor explained.
pub const UNEXPLAINED: Kind = Kind::new("partner-children-open", 409);
/// Fewer points than asked for.
pub const POINTS: Kind = Kind::new("points-not-enough", 409);
/// Less on the shelf than asked for.
pub const SHELF: Kind = Kind::new("points-shelf-empty", 409);

/// The unit's policy has amendments decided by a case.
pub const BY_CASE: Kind = Kind::new("partner-decided-by-case", 409);
/// No policy of the unit demands a case: a leader decides.
pub const BY_LEADER: Kind = Kind::new("partner-decided-by-leader", 409);

/// The kinds of this crate, for the golden list.
pub const KINDS: &[Kind] = &[
    TAKEN,
    STATE,
    SAME_PERSON,
    QUOTES,
    CONFLICT,
    COUNTS,
    ELSEWHERE,
    UNEXPLAINED,
    POINTS,
    SHELF,
    BY_CASE,
    BY_LEADER,
];

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
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
    /// Another one has this name, code or key.
    #[error("another {0} has this name, code or key")]
    Taken(&'static str),
    /// Not in a state that allows it.
    #[error("it is {state}; it must be {wanted}")]
    State {
        /// The word of its state.
        state: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// Somebody else must do it.
    #[error("another person must do this: who {0} cannot")]
    SamePerson(&'static str),
    /// Too few quotes.
    #[error("{found} quotes of {wanted}")]
    Quotes {
        /// How many stand.
        found: i64,
        /// How many are asked for.
        wanted: i64,
    },
    /// The supplier is bound to somebody.
    #[error("the supplier {0}")]
    Conflict(&'static str),
    /// The counts of those who received differ.
    #[error("one counted {first}, the other {second}")]
    Counts {
        /// The first count.
        first: i64,
        /// The second.
        second: i64,
    },
    /// The goods went elsewhere.
    #[error("the order went to {found}, the partner region is {wanted}")]
    Elsewhere {
        /// Where it went.
        found: String,
        /// Where it should have gone.
        wanted: String,
    },
    /// Children of a list are neither fitted nor explained.
    #[error("{0} children are neither fitted nor explained")]
    Unexplained(i64),
    /// Fewer points than asked for.
    #[error("{there} points, {wanted} wanted")]
    Points {
        /// What is there.
        there: i64,
        /// What was asked for.
        wanted: i64,
    },
    /// Less on the shelf than asked for.
    #[error("{there} of “{item}” on the shelf, {wanted} wanted")]
    Shelf {
        /// Which shelf.
        item: String,
        /// What is there.
        there: i64,
        /// What was asked for.
        wanted: i64,
    },
    /// The unit's policy has amendments decided by a case.
    #[error("the unit's policy has this decided by a case: put it before one")]
    ByCase,
    /// No policy of the unit demands a case.
    #[error("no policy of the unit demands a case for this: a leader decides")]
    ByLeader,
    /// What the approvals say.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// A file that is no sheet.
    #[error("the file cannot be read: {0}")]
    Sheet(String),
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The parameters.
    #[error(transparent)]
    Parameters(#[from] platform::parameters::OverrideError),
    /// A parameter cannot be used.
    #[error(transparent)]
    Parameter(#[from] kernel::ParameterError),
    /// A sealed value does not open.
    #[error(transparent)]
    Key(#[from] platform::keys::KeyError),
    /// The books refused it.
    #[error(transparent)]
    Books(#[from] ledger::LedgerError),
    /// A file was not stored or cannot be read.
    #[error(transparent)]
    File(#[from] platform::files::FileError),
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sum of money does not fit.
    #[error(transparent)]
    Money(#[from] kernel::MoneyError),
    /// A paper cannot be drawn.
    #[error("the paper cannot be given: {0}")]
    Paper(String),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Refuses a thing of a unit in which the reader holds nothing as if it were not there: a 403 would tell that it is.
pub(crate) fn in_scope(
    by: &Actor,
    permission: Permission,
    (unit, what): (UnitId, &'static str),
) -> Result<(), PartnerError> {
    by.require(permission, unit).map_err(|_| PartnerError::NotFound(what))
}

impl PartnerError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Parameters(_) | Self::Parameter(_) | Self::Key(_) | Self::Paper(_) => {
                tracing::Level::ERROR
            }
            Self::Books(error) => error.severity(),
            Self::Approval(error) => error.severity(),
            Self::Store(StoreError::Db(_)) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Sheet(why) => Problem::invalid("file", why),
            Self::Taken(what) => Problem::new(TAKEN).arg("what", what),
            Self::State { state, wanted } => Problem::new(STATE).arg("state", state).arg("wanted", wanted),
            Self::SamePerson(did) => Problem::new(SAME_PERSON).arg("did", did),
            Self::Quotes { found, wanted } => Problem::new(QUOTES).arg("found", found).arg("wanted", wanted),
            Self::Conflict(why) => Problem::new(CONFLICT).arg("why", why),
            Self::Counts { first, second } => Problem::new(COUNTS).arg("first", first).arg("second", second),
            Self::Elsewhere { found, wanted } => Problem::new(ELSEWHERE).arg("found", found).arg("wanted", wanted),
            Self::Unexplained(children) => Problem::new(UNEXPLAINED).arg("children", children),
            Self::Points { there, wanted } => Problem::new(POINTS).arg("there", there).arg("wanted", wanted),
            Self::Shelf { item, there, wanted } => Problem::new(SHELF)
                .arg("item", item)
                .arg("there", there)
                .arg("wanted", wanted),
            Self::ByCase => Problem::new(BY_CASE),
            Self::ByLeader => Problem::new(BY_LEADER),
            Self::Approval(error) => error.problem(),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
            Self::Books(error) => error.problem(),
            Self::File(error) => error.problem(),
            Self::Store(StoreError::Refused(problem)) => *problem,
            Self::Store(StoreError::Db(error)) => platform::problems::of_db(&error),
            Self::Money(error) => Problem::new(web::problem::INVALID).arg("reason", error),
            Self::Parameters(_) | Self::Parameter(_) | Self::Key(_) | Self::Paper(_) => {
                tracing::error!(error = %self, "partners: a parameter, a sealed value or a paper cannot be used");
                Problem::internal()
            }
        }
    }
}

impl From<PartnerError> for Problem {
    fn from(error: PartnerError) -> Self {
        error.problem()
    }
}

/// A shape that was not met.
pub(crate) const fn invalid(field: &'static str, why: &'static str) -> PartnerError {
    PartnerError::Invalid { field, why }
}

/// A text of one line.
pub(crate) const LINE_CHARS_MAX: usize = 120;
/// A text of several lines: minutes of a visit.
pub(crate) const PROSE_CHARS_MAX: usize = 20_000;

/// Checks a text of one line.
pub(crate) fn check_line(field: &'static str, text: &str, least: usize) -> Result<(), PartnerError> {
    let chars = text.trim().chars().count();
    if (least..=LINE_CHARS_MAX).contains(&chars) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(invalid(field, "a short text without line breaks is expected"))
    }
}

/// Checks a text that may have lines.
pub(crate) fn check_prose(field: &'static str, text: &str, least: usize) -> Result<(), PartnerError> {
    let chars = text.trim().chars().count();
    let clean = !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    if (least..=PROSE_CHARS_MAX).contains(&chars) && clean {
        Ok(())
    } else {
        Err(invalid(field, "a text of at most 20,000 characters is expected"))
    }
}
