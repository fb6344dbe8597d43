//! What can be wrong with a change of the network, and how it leaves the house.

use db::DbError;
use kernel::RegionCode;
use platform::identity::Forbidden;
use web::{Kind, Problem};

use super::holdings::Holding;

/// The installation has its society; another unit needs one above it.
pub const ROOT_EXISTS: Kind = Kind::new("society-exists", 409);
/// The region does not lie below the parent's.
pub const REGION: Kind = Kind::new("region-outside-parent", 409);
/// A unit with its own books stays where it is.
pub const HAS_BOOKS: Kind = Kind::new("unit-keeps-books", 409);
/// The move would change in whose books the gifts stand.
pub const OTHER_BOOKS: Kind = Kind::new("unit-other-books", 409);
/// A unit cannot stand below itself.
pub const CYCLE: Kind = Kind::new("unit-below-itself", 409);
/// Units below are open still.
pub const OPEN_BELOW: Kind = Kind::new("units-open-below", 409);
/// The unit itself has things open still.
pub const STILL_OPEN: Kind = Kind::new("unit-has-open-things", 409);
/// The unit or account is closed.
pub const CLOSED: Kind = Kind::new("closed", 409);
/// Another account has the code.
pub const CODE_TAKEN: Kind = Kind::new("account-code-taken", 409);

/// The kinds of this slice, for the golden list and docs/errors.md.
pub const KINDS: &[Kind] = &[
    ROOT_EXISTS,
    REGION,
    HAS_BOOKS,
    OTHER_BOOKS,
    CYCLE,
    OPEN_BELOW,
    STILL_OPEN,
    CLOSED,
    CODE_TAKEN,
];

/// Why the network was not changed.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// No unit or account with this id or code, or none in the reader's scope.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A text is empty, too long or of the wrong shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// The installation has its first unit already; another needs a unit above it.
    #[error("the installation has its society already; a further unit needs a parent")]
    RootExists,
    /// The first unit must keep books: there is nothing above it.
    #[error("the first unit keeps its own books: nobody above it could")]
    RootNeedsBooks,
    /// The region lies outside the parent's, or is not of a lower level.
    #[error("the region {region} does not lie below the parent’s region {parent}")]
    NotBelowParent {
        /// The region of the unit.
        region: RegionCode,
        /// The region of the parent.
        parent: RegionCode,
    },
    /// A unit with books of its own stays where it is: its accounts close against those above.
    #[error("the unit keeps its own books and cannot be moved")]
    HasBooks,
    /// The move would put the unit's gifts into other books.
    #[error("the move would change in whose books the unit’s gifts stand")]
    OtherBooks,
    /// The new parent is the unit itself or lies below it.
    #[error("a unit cannot be moved below itself")]
    Cycle,
    /// A unit above an open one cannot be closed.
    #[error("units below it are still open: close or move them first")]
    OpenBelow,
    /// The unit has campaigns, projects, pools or goods that are not done with.
    #[error("the unit has open things still: {0:?}")]
    StillOpen(Holding),
    /// The unit or account is closed.
    #[error("the {0} is closed")]
    Closed(&'static str),
    /// The code belongs to another account.
    #[error("the code “{0}” is taken by another account")]
    CodeTaken(String),
    /// The certificate ends before it begins.
    #[error("the certificate ends before it begins")]
    CertificateDays,
    /// The actor may not do this here.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl NetworkError {
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
            Self::RootNeedsBooks => Problem::invalid("books", self),
            Self::CertificateDays => Problem::invalid("valid_to", self),
            Self::RootExists => Problem::new(ROOT_EXISTS).field("parent"),
            Self::NotBelowParent { region, parent } => Problem::new(REGION)
                .field("region_code")
                .arg("region", region)
                .arg("parent", parent),
            Self::HasBooks => Problem::new(HAS_BOOKS),
            Self::OtherBooks => Problem::new(OTHER_BOOKS).field("parent"),
            Self::Cycle => Problem::new(CYCLE).field("parent"),
            Self::OpenBelow => Problem::new(OPEN_BELOW),
            Self::StillOpen(holding) => Problem::new(STILL_OPEN)
                .arg("campaigns", holding.campaigns)
                .arg("projects", holding.projects)
                .arg("pools", holding.pools)
                .arg("lots", holding.lots),
            Self::Closed(_) => Problem::new(CLOSED),
            Self::CodeTaken(code) => Problem::new(CODE_TAKEN).field("code").arg("code", code),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
        }
    }
}

impl From<NetworkError> for Problem {
    fn from(error: NetworkError) -> Self {
        error.problem()
    }
}
