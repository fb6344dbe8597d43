//! What can be wrong with a change of a campaign, and how it leaves the house.

use db::DbError;
use kernel::{BusinessDay, Fen};
use platform::identity::Forbidden;
use platform::parameters::OverrideError;
use web::{Kind, Problem};

/// The plan lacks fields.
pub const INCOMPLETE: Kind = Kind::new("plan-incomplete", 409);
/// The page says something else than the plan.
pub const PAGE_DIFFERS: Kind = Kind::new("page-differs-from-plan", 409);
/// No certificate is in force on some day.
pub const NO_CERTIFICATE: Kind = Kind::new("no-fundraising-certificate", 409);
/// Filed too near its first day.
pub const FILED_LATE: Kind = Kind::new("filed-too-late", 409);
/// The filing number serves another campaign.
pub const NUMBER_TAKEN: Kind = Kind::new("filing-number-taken", 409);
/// Not filed, and no emergency was named.
pub const NOT_FILED: Kind = Kind::new("campaign-not-filed", 409);
/// The authority returned its filing.
pub const RETURNED: Kind = Kind::new("filing-returned", 409);
/// Opened outside its days.
pub const NOT_ITS_DAY: Kind = Kind::new("campaign-not-its-day", 409);
/// Raises online, and no designated platform has it yet.
pub const NO_PLATFORM: Kind = Kind::new("campaign-needs-platform", 409);
/// Not possible in its state.
pub const STATE: Kind = Kind::new("campaign-state", 409);
/// A raise must be higher.
pub const NOT_HIGHER: Kind = Kind::new("target-not-higher", 409);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    INCOMPLETE,
    PAGE_DIFFERS,
    NO_CERTIFICATE,
    FILED_LATE,
    NUMBER_TAKEN,
    NOT_FILED,
    RETURNED,
    NOT_ITS_DAY,
    NO_PLATFORM,
    STATE,
    NOT_HIGHER,
];

/// Why a campaign was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
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
    /// Required fields of the plan are empty (慈善法 24).
    #[error("the plan lacks: {}", .0.join(", "))]
    Incomplete(Vec<&'static str>),
    /// The page's title is not the plan's (公开募捐管理办法 17).
    #[error("the page’s title must be the plan’s")]
    PageDiffers,
    /// No certificate for public fundraising is in force on this day (慈善法 22).
    #[error("no certificate for public fundraising is in force on {0}")]
    NoCertificate(BusinessDay),
    /// Filed too near its first day (公开募捐管理办法 11).
    #[error("a campaign is filed {lead_days} days before its first day: on {latest} at the latest")]
    FiledLate {
        /// The latest day.
        latest: BusinessDay,
        /// The days between.
        lead_days: i64,
    },
    /// The filing number serves another campaign (公开募捐管理办法 12).
    #[error("the filing number belongs to another campaign")]
    NumberTaken,
    /// Not filed, and no emergency was named.
    #[error("the campaign is not filed")]
    NotFiled,
    /// The authority returned its filing; it is completed and filed again first (公开募捐管理办法 11).
    #[error("the authority returned the filing")]
    Returned,
    /// The unit that raises is closed.
    #[error("the unit is closed")]
    UnitClosed,
    /// Today is none of its days.
    #[error("the campaign runs from {first} to {last}")]
    NotItsDay {
        /// Its first day.
        first: BusinessDay,
        /// Its last day.
        last: BusinessDay,
    },
    /// It raises online, and its page on a designated platform is not recorded (慈善法 27; R1.20).
    #[error("a campaign that raises online is listed on a designated platform first")]
    NoPlatform,
    /// The change does not fit the state it is in.
    #[error("a campaign that is {state} cannot {wanted}")]
    State {
        /// The word of its state.
        state: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// An urgent raise must be higher than what stands.
    #[error("the new target must be above the present one")]
    NotHigher(Fen),
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The dated parameters cannot be used.
    #[error(transparent)]
    Parameters(#[from] OverrideError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl CampaignError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Parameters(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Incomplete(fields) => {
                let field = fields.first().copied().unwrap_or("plan");
                Problem::new(INCOMPLETE).field(field).arg("fields", fields.join(", "))
            }
            Self::PageDiffers => Problem::new(PAGE_DIFFERS).field("title"),
            Self::NoCertificate(day) => Problem::new(NO_CERTIFICATE).arg("day", day),
            Self::FiledLate { latest, lead_days } => Problem::new(FILED_LATE)
                .field("filed_on")
                .arg("latest", latest)
                .arg("days", lead_days),
            Self::NumberTaken => Problem::new(NUMBER_TAKEN).field("number"),
            Self::NotFiled => Problem::new(NOT_FILED),
            Self::Returned => Problem::new(RETURNED),
            Self::UnitClosed => Problem::new(governance::network::error::CLOSED),
            Self::NotItsDay { first, last } => Problem::new(NOT_ITS_DAY).arg("first", first).arg("last", last),
            Self::NoPlatform => Problem::new(NO_PLATFORM).field("platform_links"),
            Self::State { state, .. } => Problem::new(STATE).arg("state", state),
            Self::NotHigher(present) => Problem::new(NOT_HIGHER)
                .field("target_fen")
                .arg("present", present.to_yuan()),
            Self::Forbidden(error) => error.problem(),
            Self::Parameters(error) => error.into(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<CampaignError> for Problem {
    fn from(error: CampaignError) -> Self {
        error.problem()
    }
}
