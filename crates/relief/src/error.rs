//! What can go wrong with goods, and how it leaves the house. In every case nothing was changed.

use db::DbError;
use kernel::UnitId;
use platform::identity::{Actor, Forbidden, Permission};
use web::{Kind, Problem};

use crate::trucks::rules::{millionths, thousandths};

/// Another one has this name, code or key.
pub const TAKEN: Kind = Kind::new("goods-taken", 409);
/// A free text is not in the catalogue.
pub const UNMAPPED: Kind = Kind::new("goods-unmapped", 409);
/// A text of one grade would become an item of another.
pub const GRADE: Kind = Kind::new("goods-grade-differs", 409);
/// Quantities in units that cannot be compared.
pub const UNITS: Kind = Kind::new("goods-units-differ", 409);
/// More than there is.
pub const SHORT: Kind = Kind::new("goods-not-enough", 409);
/// Past its day.
pub const EXPIRED: Kind = Kind::new("goods-expired", 409);
/// Too little shelf life left to be accepted.
pub const SHELF_LIFE: Kind = Kind::new("goods-shelf-life", 409);
/// No certificate of quality.
pub const CERTIFICATE: Kind = Kind::new("goods-no-certificate", 409);
/// Not in a state that allows it.
pub const STATE: Kind = Kind::new("goods-state", 409);
/// Destinations do not add up to the lot.
pub const SUM: Kind = Kind::new("goods-sum-differs", 409);
/// The list's day has ended.
pub const FROZEN: Kind = Kind::new("goods-list-frozen", 409);
/// The one who proposed or decided already cannot decide.
pub const SAME_PERSON: Kind = Kind::new("goods-same-person", 409);
/// A parcel addressed to someone is not a donation.
pub const HELD_FOR: Kind = Kind::new("goods-held-for-addressee", 409);
/// The donor meant the lot for another receiver.
pub const DESIGNATED: Kind = Kind::new("goods-designated", 409);
/// The request asks for something else, or for somebody else.
pub const REQUEST_DIFFERS: Kind = Kind::new("goods-request-differs", 409);

/// The unit's policy demands a case of its approvals.
pub const BY_CASE: Kind = Kind::new("goods-decided-by-case", 409);
/// No policy of the unit demands a case: the group decides.
pub const BY_GROUP: Kind = Kind::new("goods-decided-by-group", 409);
/// More than a vehicle may carry.
pub const OVERWEIGHT: Kind = Kind::new("goods-overweight", 409);
/// More room than a vehicle has.
pub const OVERSIZE: Kind = Kind::new("goods-oversize", 409);
/// Nobody has said what a package weighs.
pub const UNWEIGHED: Kind = Kind::new("goods-unweighed", 409);
/// The phone was enrolled by somebody else.
pub const PHONE_OF_ANOTHER: Kind = Kind::new("goods-phone-of-another", 409);
/// The phone was revoked.
pub const PHONE_REVOKED: Kind = Kind::new("goods-phone-revoked", 409);
/// What was signed does not fit the phone's key.
pub const SIGNATURE: Kind = Kind::new("goods-record-signature", 409);
/// Another record of the phone has this number.
pub const NUMBER_TAKEN: Kind = Kind::new("goods-record-number-taken", 409);
/// A loss waits for an officer.
pub const LOSS: Kind = Kind::new("goods-loss-waits", 409);
/// The box holds another number.
pub const BOX_DIFFERS: Kind = Kind::new("goods-box-differs", 409);
/// No such photograph was announced, or it is no plain JPEG.
pub const PHOTO: Kind = Kind::new("goods-photo-unfit", 409);
/// The account may only ask, and nobody has said for which receiver.
pub const UNBOUND: Kind = Kind::new("goods-requester-unbound", 403);
/// No recipient of the list who still waits has this code.
pub const WRONG_CODE: Kind = Kind::new("goods-code-wrong", 409);

/// The kinds of this crate, for the golden list.
pub const KINDS: &[Kind] = &[
    TAKEN,
    UNMAPPED,
    GRADE,
    UNITS,
    SHORT,
    EXPIRED,
    SHELF_LIFE,
    CERTIFICATE,
    STATE,
    SUM,
    FROZEN,
    SAME_PERSON,
    HELD_FOR,
    DESIGNATED,
    REQUEST_DIFFERS,
    BY_CASE,
    BY_GROUP,
    OVERWEIGHT,
    OVERSIZE,
    UNWEIGHED,
    PHONE_OF_ANOTHER,
    PHONE_REVOKED,
    SIGNATURE,
    NUMBER_TAKEN,
    LOSS,
    BOX_DIFFERS,
    PHOTO,
    UNBOUND,
    WRONG_CODE,
];

/// Why something about goods was not done.
#[derive(Debug, thiserror::Error)]
pub enum ReliefError {
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
    /// A free text is not in the catalogue.
    #[error("“{0}” is not in the catalogue: map it to an item first")]
    Unmapped(String),
    /// A text of one grade would become an item of another.
    #[error("the text says {said}, the item is {item}: they are not the same grade")]
    Grade {
        /// The grade the text names.
        said: String,
        /// The item's grade.
        item: String,
    },
    /// Quantities in units that cannot be compared.
    #[error("“{0}” is no unit of this item: say how many of the base unit it holds")]
    Units(String),
    /// More than there is.
    #[error("{wanted} were asked for, {there} are available")]
    Short {
        /// What was asked for.
        wanted: i64,
        /// What is there.
        there: i64,
    },
    /// Past its day.
    #[error("the lot expired on {0}")]
    Expired(kernel::BusinessDay),
    /// Too little shelf life left.
    #[error("the lot expires on {expires}, more than {months} months must be left")]
    ShelfLife {
        /// Its last day.
        expires: kernel::BusinessDay,
        /// What must be left.
        months: i64,
    },
    /// No certificate of quality came with the lot.
    #[error("no certificate of quality came with the lot")]
    Certificate,
    /// Not in a state that allows it.
    #[error("it is {state}; it must be {wanted}")]
    State {
        /// The word of its state.
        state: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// Destinations do not add up to the lot.
    #[error("destinations add up to {found}, the lot holds {lot}")]
    Sum {
        /// What was found.
        found: i64,
        /// What it must be.
        lot: i64,
    },
    /// The list's day has ended.
    #[error("the list of {0} is frozen: its day has ended")]
    Frozen(kernel::BusinessDay),
    /// The one who proposed or decided already cannot decide.
    #[error("who proposed it or decided already cannot decide: another person must")]
    SamePerson,
    /// A parcel addressed to someone is not a donation.
    #[error("the parcel is held for its addressee: it is handed over, never allocated")]
    HeldFor,
    /// The donor meant the lot for another receiver.
    #[error("the donor meant the lot for another receiver: it goes there or stays in store")]
    Designated,
    /// The request asks for something else, or for somebody else: the word says what differs.
    #[error("the request differs from the line in its {0}")]
    RequestDiffers(&'static str),
    /// The unit's policy demands a case of its approvals.
    #[error("the unit's policy has this decided by a case: put it before one")]
    ByCase,
    /// No policy of the unit demands a case.
    #[error("no policy of the unit demands a case for this: the group decides")]
    ByGroup,
    /// More than a vehicle may carry.
    #[error("together {grams} g, the vehicle carries {most}")]
    Overweight {
        /// What it would weigh.
        grams: i64,
        /// What the vehicle carries.
        most: i64,
    },
    /// More room than a vehicle has.
    #[error("together {cubic_cm} cm³, the vehicle holds {most}")]
    Oversize {
        /// What it would take.
        cubic_cm: i64,
        /// What the vehicle holds.
        most: i64,
    },
    /// Nobody has said what a package weighs.
    #[error("nobody has said what a package of “{0}” weighs")]
    Unweighed(String),
    /// The phone was enrolled by somebody else.
    #[error("the phone was enrolled by somebody else: who enrolled it hands in")]
    PhoneOfAnother,
    /// The phone was revoked.
    #[error("the phone was revoked")]
    PhoneRevoked,
    /// What was signed does not fit the phone's key.
    #[error("the signature does not fit the phone's key")]
    Signature,
    /// Another record of the phone has this number.
    #[error("another record of the phone has the number {0}")]
    NumberTaken(i64),
    /// A loss waits for an officer.
    #[error("a loss is decided by an officer")]
    LossWaits,
    /// The box holds another number.
    #[error("the box holds {there}, {said} were recorded")]
    BoxDiffers {
        /// What was recorded.
        said: i64,
        /// What it holds.
        there: i64,
    },
    /// The bytes are not the photograph that was announced, or no plain JPEG.
    #[error("the photograph is unfit: {0}")]
    PhotoUnfit(&'static str),
    /// The account may only ask, and nobody has said for which receiver.
    #[error("the account asks for no receiver yet: who keeps the goods' catalogue says for which")]
    Unbound,
    /// No recipient of the list who still waits has this code.
    #[error("no recipient of the list who still waits has this code")]
    WrongCode,
    /// Files.
    #[error(transparent)]
    Files(#[from] platform::files::FileError),
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
    /// A sum of money does not fit.
    #[error(transparent)]
    Money(#[from] kernel::MoneyError),
    /// A paper cannot be drawn, or what was kept of it is not what was drawn.
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
) -> Result<(), ReliefError> {
    by.require(permission, unit).map_err(|_| ReliefError::NotFound(what))
}

impl ReliefError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Parameters(_) | Self::Parameter(_) | Self::Key(_) | Self::Paper(_) => {
                tracing::Level::ERROR
            }
            Self::Books(error) => error.severity(),
            Self::Files(error) => match error {
                platform::files::FileError::TooLarge(_) => tracing::Level::INFO,
                _ => tracing::Level::ERROR,
            },
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotFound(_) => Problem::not_found(),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Taken(what) => Problem::new(TAKEN).arg("what", what),
            Self::Unmapped(words) => Problem::new(UNMAPPED).arg("words", words),
            Self::Grade { said, item } => Problem::new(GRADE).arg("said", said).arg("item", item),
            Self::Units(unit) => Problem::new(UNITS).field("unit_word").arg("unit", unit),
            Self::Short { wanted, there } => Problem::new(SHORT).arg("wanted", wanted).arg("there", there),
            Self::Expired(day) => Problem::new(EXPIRED).arg("day", day),
            Self::ShelfLife { expires, months } => Problem::new(SHELF_LIFE).arg("day", expires).arg("months", months),
            Self::Certificate => Problem::new(CERTIFICATE),
            Self::State { state, wanted } => Problem::new(STATE).arg("state", state).arg("wanted", wanted),
            Self::Sum { found, lot } => Problem::new(SUM).arg("found", found).arg("lot", lot),
            Self::Frozen(day) => Problem::new(FROZEN).arg("day", day),
            Self::SamePerson => Problem::new(SAME_PERSON),
            Self::HeldFor => Problem::new(HELD_FOR),
            Self::Designated => Problem::new(DESIGNATED),
            Self::RequestDiffers(what) => Problem::new(REQUEST_DIFFERS).field("request").arg("what", what),
            Self::ByCase => Problem::new(BY_CASE),
            Self::ByGroup => Problem::new(BY_GROUP),
            Self::Overweight { grams, most } => Problem::new(OVERWEIGHT)
                .arg("kg", thousandths(grams))
                .arg("most", thousandths(most)),
            Self::Oversize { cubic_cm, most } => Problem::new(OVERSIZE)
                .arg("room", millionths(cubic_cm))
                .arg("most", millionths(most)),
            Self::Unweighed(item) => Problem::new(UNWEIGHED).arg("item", item),
            Self::PhoneOfAnother => Problem::new(PHONE_OF_ANOTHER),
            Self::PhoneRevoked => Problem::new(PHONE_REVOKED),
            Self::Signature => Problem::new(SIGNATURE),
            Self::NumberTaken(number) => Problem::new(NUMBER_TAKEN).arg("number", number),
            Self::LossWaits => Problem::new(LOSS),
            Self::BoxDiffers { said, there } => Problem::new(BOX_DIFFERS).arg("said", said).arg("there", there),
            Self::PhotoUnfit(why) => Problem::new(PHOTO).arg("why", why),
            Self::WrongCode => Problem::new(WRONG_CODE).field("code"),
            Self::Unbound => Problem::new(UNBOUND),
            Self::Files(error) => error.problem(),
            Self::Forbidden(error) => error.problem(),
            Self::Db(error) => platform::problems::of_db(&error),
            Self::Books(error) => error.problem(),
            Self::Money(error) => Problem::new(web::problem::INVALID).arg("reason", error),
            Self::Parameters(_) | Self::Parameter(_) | Self::Key(_) | Self::Paper(_) => {
                tracing::error!(error = %self, "goods: a parameter, a sealed value or a paper cannot be used");
                Problem::internal()
            }
        }
    }
}

impl From<ReliefError> for Problem {
    fn from(error: ReliefError) -> Self {
        error.problem()
    }
}

/// A shape that was not met.
pub(crate) const fn invalid(field: &'static str, why: &'static str) -> ReliefError {
    ReliefError::Invalid { field, why }
}
