//! What can be wrong with a change of a project, and how it leaves the house.

use db::DbError;
use kernel::Fen;
use platform::identity::Forbidden;
use web::{Kind, Problem};

use crate::campaigns::error::NOT_HIGHER;

/// Another project has the code.
pub const CODE_TAKEN: Kind = Kind::new("project-code-taken", 409);
/// A sub-project has no sub-projects.
pub const NO_MOTHER: Kind = Kind::new("project-no-mother", 409);
/// The owner lies outside the unit above.
pub const OUTSIDE: Kind = Kind::new("project-outside-unit", 409);
/// The theme belongs to another campaign.
pub const OTHER_THEME: Kind = Kind::new("theme-of-other-campaign", 409);
/// One general project a unit.
pub const GENERAL_EXISTS: Kind = Kind::new("general-project-exists", 409);
/// Not possible in its state.
pub const STATE: Kind = Kind::new("project-state", 409);
/// Its campaign is not open.
pub const CAMPAIGN_NOT_OPEN: Kind = Kind::new("campaign-not-open", 409);
/// Its mother is not open.
pub const MOTHER_NOT_OPEN: Kind = Kind::new("mother-not-open", 409);
/// The unit's policy demands an approved case.
pub const NEEDS_APPROVAL: Kind = Kind::new("project-needs-approval", 409);
/// It has no target, or has not reached it.
pub const NOT_FULL: Kind = Kind::new("target-not-reached", 409);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    CODE_TAKEN,
    NO_MOTHER,
    OUTSIDE,
    OTHER_THEME,
    GENERAL_EXISTS,
    STATE,
    CAMPAIGN_NOT_OPEN,
    MOTHER_NOT_OPEN,
    NEEDS_APPROVAL,
    NOT_FULL,
];

/// Why a project was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
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
    /// The code belongs to another project.
    #[error("the code “{0}” is taken by another project")]
    CodeTaken(String),
    /// A sub-project cannot be a mother.
    #[error("a sub-project cannot have sub-projects")]
    NoMother,
    /// The owner of a sub-project lies outside the mother's unit.
    #[error("the unit does not lie within the unit of the mother project or campaign")]
    OutsideUnit,
    /// The theme belongs to another campaign.
    #[error("the theme belongs to another campaign")]
    OtherTheme,
    /// The unit has its general project already.
    #[error("the unit has its general project already")]
    GeneralExists,
    /// The change does not fit the state the project is in.
    #[error("a project that is {state} cannot {wanted}")]
    State {
        /// The word of its state.
        state: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// Its campaign is not in a state that allows this.
    #[error("the campaign is {0}; open it first")]
    CampaignNotOpen(&'static str),
    /// The mother project is not open.
    #[error("the mother project is not open")]
    MotherNotOpen,
    /// An urgent raise must be higher than what stands.
    #[error("the new target must be above the present one of {0:?}")]
    NotHigher(Fen),
    /// The project has no target to raise or reach.
    #[error("the project has no target")]
    NoTarget,
    /// The target is not reached, or the project goes on beyond it.
    #[error("the target is not reached, or the project does not stop there")]
    NotFull,
    /// The unit it belongs to is closed.
    #[error("the unit is closed")]
    UnitClosed,
    /// The unit's policy demands an approved case first.
    #[error("the unit’s policy demands an approved case first")]
    NeedsApproval,
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ProjectError {
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
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::CodeTaken(code) => Problem::new(CODE_TAKEN).field("code").arg("code", code),
            Self::NoMother => Problem::new(NO_MOTHER).field("mother"),
            Self::OutsideUnit => Problem::new(OUTSIDE).field("unit"),
            Self::OtherTheme => Problem::new(OTHER_THEME).field("theme"),
            Self::GeneralExists => Problem::new(GENERAL_EXISTS),
            Self::State { state, .. } => Problem::new(STATE).arg("state", state),
            Self::CampaignNotOpen(state) => Problem::new(CAMPAIGN_NOT_OPEN).arg("state", state),
            Self::MotherNotOpen => Problem::new(MOTHER_NOT_OPEN).field("mother"),
            Self::NotHigher(present) => Problem::new(NOT_HIGHER)
                .field("target_fen")
                .arg("present", present.to_yuan()),
            Self::UnitClosed => Problem::new(governance::network::error::CLOSED),
            Self::NeedsApproval => Problem::new(NEEDS_APPROVAL),
            Self::NoTarget | Self::NotFull => Problem::new(NOT_FULL),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<ProjectError> for Problem {
    fn from(error: ProjectError) -> Self {
        error.problem()
    }
}
