//! What can go wrong with a docking. Nothing was changed.

use db::DbError;
use governance::approvals::ApprovalError;
use platform::identity::Forbidden;
use web::{Kind, Problem};

use super::model::StateWord;

/// A gate is shut: assessment, agreement, or the name in the filed plan.
pub const NOT_WHOLE: Kind = Kind::new("docking-not-whole", 409);
/// Not possible where it stands.
pub const STATE: Kind = Kind::new("docking-state", 409);
/// A case about it is being decided.
pub const ASKED: Kind = Kind::new("docking-asked", 409);
/// The campaign raises no more.
pub const CAMPAIGN_OVER: Kind = Kind::new("docking-campaign-over", 409);
/// Another body of the unit has the code.
pub const CODE_TAKEN: Kind = Kind::new("partner-code-taken", 409);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[NOT_WHOLE, STATE, ASKED, CAMPAIGN_OVER, CODE_TAKEN];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DockingError {
    /// No such thing, or none of a unit in which the actor may act.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A field is out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// Gates that are shut.
    #[error("missing: {}", .0.join(", "))]
    NotWhole(Vec<&'static str>),
    /// Not possible where it stands.
    #[error("the docking is {0}")]
    State(StateWord),
    /// A case about it is being decided.
    #[error("a case about it is being decided")]
    Asked,
    /// The campaign raises no more.
    #[error("the campaign raises no more")]
    CampaignOver,
    /// Another body of the unit has the code.
    #[error("another body has this code")]
    CodeTaken,
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// What the engine of approvals says.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DockingError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) => tracing::Level::ERROR,
            Self::Approval(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::NotWhole(missing) => Problem::new(NOT_WHOLE).arg("missing", missing.join(", ")),
            Self::State(state) => Problem::new(STATE).arg("state", state),
            Self::Asked => Problem::new(ASKED),
            Self::CampaignOver => Problem::new(CAMPAIGN_OVER),
            Self::CodeTaken => Problem::new(CODE_TAKEN).field("credit_code"),
            Self::Forbidden(error) => error.problem(),
            Self::Approval(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<DockingError> for Problem {
    fn from(error: DockingError) -> Self {
        error.problem()
    }
}
