//! What can be wrong with a form or a report, and how it leaves the house.

use db::DbError;
use platform::identity::Forbidden;
use web::{Kind, Problem};

use super::rules::Refusal;

/// The hour before has not come.
pub const NOT_OPEN: Kind = Kind::new("report-not-open", 409);
/// The form is closed.
pub const CLOSED: Kind = Kind::new("report-form-closed", 409);
/// Somebody handed in meanwhile.
pub const CHANGED: Kind = Kind::new("report-changed", 409);
/// A correction that corrects nothing.
pub const UNCHANGED: Kind = Kind::new("report-unchanged", 409);
/// Corrected too often.
pub const TOO_OFTEN: Kind = Kind::new("report-corrected-too-often", 409);
/// No emergency runs, or one does already.
pub const EMERGENCY: Kind = Kind::new("report-emergency-state", 409);

/// The kinds of this slice.
pub const KINDS: &[Kind] = &[NOT_OPEN, CLOSED, CHANGED, UNCHANGED, TOO_OFTEN, EMERGENCY];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No such form, hour or unit, or none that the reader may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// What the rules say.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody handed in meanwhile.
    #[error("somebody handed in meanwhile")]
    Changed,
    /// An emergency runs already, or none does.
    #[error("the emergency stands otherwise")]
    EmergencyState,
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ReportError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Refused(refusal) => refused(refusal),
            Self::Changed => Problem::new(CHANGED),
            Self::EmergencyState => Problem::new(EMERGENCY),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Invalid { field, why } => Problem::invalid(&field, why),
        Refusal::NotOpen(at) => {
            let at = at.to_beijing();
            let text = format!(
                "{:02}-{:02} {:02}:{:02}",
                u8::from(at.month()),
                at.day(),
                at.hour(),
                at.minute()
            );
            Problem::new(NOT_OPEN).arg("from", text)
        }
        Refusal::Closed => Problem::new(CLOSED),
        Refusal::Unchanged => Problem::new(UNCHANGED),
        Refusal::TooOften => Problem::new(TOO_OFTEN),
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        error.problem()
    }
}
