//! What can be wrong with a change of a case or a policy, and how it leaves the house.

use db::DbError;
use platform::files::FileError;
use platform::identity::Forbidden;
use platform::keys::KeyError;
use web::{Kind, Problem};

use super::policy::PolicyFault;
use super::rules::Refusal;

/// The case stands otherwise.
pub const STATE: Kind = Kind::new("approval-state", 409);
/// The stage is not open.
pub const STAGE_NOT_OPEN: Kind = Kind::new("approval-stage-not-open", 409);
/// Somebody else decides here.
pub const NOT_YOURS: Kind = Kind::new("approval-not-yours", 403);
/// Who asked or is concerned decides nothing of it.
pub const CONCERNED: Kind = Kind::new("approval-concerned", 403);
/// Decided at this stage before.
pub const TWICE: Kind = Kind::new("approval-decided-before", 409);
/// The stage sends nothing back.
pub const NO_SEND_BACK: Kind = Kind::new("approval-no-send-back", 409);
/// A paper is missing.
pub const PAPER_MISSING: Kind = Kind::new("approval-paper-missing", 409);
/// May not be edited here or any more.
pub const NOT_EDITABLE: Kind = Kind::new("approval-not-editable", 409);
/// No emergency lane.
pub const NO_FAST_LANE: Kind = Kind::new("approval-no-fast-lane", 409);
/// No papers are owed.
pub const NOTHING_OWED: Kind = Kind::new("approval-nothing-owed", 409);
/// A case about the same thing is being decided.
pub const GOING: Kind = Kind::new("approval-under-way", 409);
/// No policy says who decides.
pub const NO_POLICY: Kind = Kind::new("approval-no-policy", 409);
/// Too few people could decide at a stage.
pub const NOBODY: Kind = Kind::new("approval-nobody-decides", 409);
/// The thing is not one of the unit that the case is put under.
pub const ELSEWHERE: Kind = Kind::new("approval-subject-elsewhere", 422);
/// Neither a PDF nor a PNG nor a JPEG.
pub const FILE_KIND: Kind = Kind::new("approval-file-kind", 422);
/// Somebody else wrote the message.
pub const MESSAGE_OF_ANOTHER: Kind = Kind::new("approval-message-of-another", 403);
/// The policy's document is not whole.
pub const POLICY: Kind = Kind::new("approval-policy-not-whole", 400);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    STATE,
    STAGE_NOT_OPEN,
    NOT_YOURS,
    CONCERNED,
    TWICE,
    NO_SEND_BACK,
    PAPER_MISSING,
    NOT_EDITABLE,
    NO_FAST_LANE,
    NOTHING_OWED,
    GOING,
    NO_POLICY,
    NOBODY,
    ELSEWHERE,
    FILE_KIND,
    MESSAGE_OF_ANOTHER,
    POLICY,
];

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// No such case or unit, or none that the reader may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A text is out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// What the rules say.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The policy is not whole.
    #[error(transparent)]
    Policy(#[from] PolicyFault),
    /// No policy for this kind of subject holds in this unit.
    #[error("no policy says who decides about “{0}”")]
    NoPolicy(String),
    /// A case about the same thing is being decided.
    #[error("a case about the same thing is being decided")]
    Going,
    /// A stage has too few people who could decide.
    #[error("too few people could decide at the stage “{0}”")]
    Nobody(String),
    /// The thing is not one of the unit that the case is put under.
    #[error("there is no such thing in this unit")]
    Elsewhere,
    /// A file of a kind that is not taken.
    #[error("a PDF, a PNG or a JPEG is expected")]
    FileKind,
    /// Somebody else wrote the message.
    #[error("only who wrote a message withdraws it")]
    NotTheirs,
    /// A stored file, or the disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is sealed cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Minutes could not be drawn.
    #[error("minutes: {0}")]
    Paper(String),
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ApprovalError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::File(_) | Self::Key(_) | Self::Paper(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Refused(refusal) => refused(refusal),
            Self::Policy(fault) => Problem::new(POLICY)
                .field(fault.at.clone())
                .arg("place", &fault.at)
                .arg("expected", fault.why),
            Self::NoPolicy(kind) => Problem::new(NO_POLICY).field("subject_kind").arg("kind", kind),
            Self::Going => Problem::new(GOING),
            Self::Nobody(stage) => Problem::new(NOBODY).arg("stage", stage),
            Self::NotTheirs => Problem::new(MESSAGE_OF_ANOTHER),
            Self::FileKind => Problem::new(FILE_KIND).field("file"),
            Self::File(error) => error.problem(),
            Self::Key(error) => {
                tracing::error!(%error, "a paper of a case cannot be opened");
                Problem::internal()
            }
            Self::Paper(why) => {
                tracing::error!(%why, "minutes of a case cannot be given");
                Problem::internal()
            }
            Self::Elsewhere => Problem::new(ELSEWHERE).field("subject"),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::State(state) => Problem::new(STATE).arg("state", state),
        Refusal::StageNotOpen | Refusal::NotDue(_) => Problem::new(STAGE_NOT_OPEN).field("stage"),
        Refusal::NotSeated | Refusal::NotAsker => Problem::new(NOT_YOURS),
        Refusal::Asker | Refusal::Concerned => Problem::new(CONCERNED),
        Refusal::Twice => Problem::new(TWICE),
        Refusal::NoSendBack => Problem::new(NO_SEND_BACK).field("verdict"),
        Refusal::PaperMissing(kind) => Problem::new(PAPER_MISSING).arg("paper", kind),
        Refusal::NotEditable(_) | Refusal::ActedUpon => Problem::new(NOT_EDITABLE),
        Refusal::NoFastLane => Problem::new(NO_FAST_LANE).field("hurry"),
        Refusal::NothingOwed => Problem::new(NOTHING_OWED),
        Refusal::Invalid { field, why } => Problem::invalid(field, why),
    }
}

impl From<ApprovalError> for Problem {
    fn from(error: ApprovalError) -> Self {
        error.problem()
    }
}
