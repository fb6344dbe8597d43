//! What can go wrong with a gift on its way in or afterwards. In every case nothing was changed, unless a variant
//! says otherwise.

use db::DbError;
use governance::approvals::ApprovalError;
use kernel::Fen;
use ledger::LedgerError;
use ledger::error::{ALREADY_DECIDED, FOUR_EYES};
use platform::identity::error::Forbidden;
use platform::keys::KeyError;
use web::Problem;
use web::problem::{self, Kind};

use super::intake::{IntakeError, RETRY_AFTER_SECONDS};
use super::model::Refusal;
use super::orders::GatewayError;
use crate::projects::NotAccepting;

/// The project takes no gifts now.
pub const PROJECT_CLOSED: Kind = Kind::new("project-closed", 409);
/// The account takes no gifts any more, or there is none for this way of paying.
pub const ACCOUNT_CLOSED: Kind = Kind::new("account-closed", 409);
/// Gifts of this account do not come over the counter.
pub const NOT_A_COUNTER_ACCOUNT: Kind = Kind::new("not-a-counter-account", 422);
/// More than is left of the gift.
pub const REFUND_TOO_MUCH: Kind = Kind::new("refund-too-much", 409);
/// A case decides about it: the unit has published who does.
pub const REFUND_NEEDS_APPROVAL: Kind = Kind::new("refund-needs-approval", 409);
/// The money of the gift is locked in a matching pool.
pub const GIFT_BACKS_POOL: Kind = Kind::new("gift-backs-pool", 409);
/// The same key came with another request before.
pub const KEY_REUSED: Kind = Kind::new("key-reused", 409);
/// More gifts than are put in order of their amount.
pub const TOO_MANY_TO_SORT: Kind = Kind::new("gifts-too-many-to-sort", 422);
/// The import is still running.
pub const IMPORT_RUNNING: Kind = Kind::new("import-running", 409);
/// The number under which a held line would come in is taken.
pub const NUMBER_TAKEN: Kind = Kind::new("number-taken", 409);
/// The unit takes no payments this way.
pub const PAYMENT_NOT_OFFERED: Kind = Kind::new("payment-not-offered", 409);
/// The order can no longer be paid.
pub const ORDER_OVER: Kind = Kind::new("order-over", 409);
/// The payment provider could not be asked now.
pub const PAYMENT_UNAVAILABLE: Kind = Kind::new("payment-unavailable", 503);
/// The payment provider refused.
pub const PAYMENT_REFUSED: Kind = Kind::new("payment-refused", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[
    PROJECT_CLOSED,
    ACCOUNT_CLOSED,
    NOT_A_COUNTER_ACCOUNT,
    REFUND_TOO_MUCH,
    REFUND_NEEDS_APPROVAL,
    GIFT_BACKS_POOL,
    KEY_REUSED,
    TOO_MANY_TO_SORT,
    IMPORT_RUNNING,
    NUMBER_TAKEN,
    PAYMENT_NOT_OFFERED,
    ORDER_OVER,
    PAYMENT_UNAVAILABLE,
    PAYMENT_REFUSED,
    super::notice::BAD_SIGNATURE,
    super::notice::UNKNOWN_ACCOUNT,
    super::notice::UNKNOWN_PROJECT,
];

/// Errors of this slice.
#[derive(Debug, thiserror::Error)]
pub enum DonationError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such thing, or none that the actor may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A field of the gift.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A field of a request around it.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// The intake gave no outcome; the same request again is safe.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The project takes no gifts now.
    #[error(transparent)]
    ProjectClosed(#[from] NotAccepting),
    /// The account is closed, or there is none that takes payments for this project.
    #[error("there is no open account for this")]
    AccountClosed,
    /// Neither a cash box nor a bank account.
    #[error("only gifts in cash or by bank transfer are entered by hand; the others come by notice or by file")]
    NotACounterAccount,
    /// The opposite was decided before.
    #[error("this was decided before: {0}")]
    AlreadyDecided(&'static str),
    /// The requester cannot approve.
    #[error("who asked for a refund may not decide about it; another person with the permission must")]
    FourEyes,
    /// The unit has published who decides about refunds.
    #[error("a case decides about this refund")]
    NeedsApproval,
    /// What the engine of approvals says of its case.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// More than is left.
    #[error("only {remaining} fen of the gift are left")]
    RefundTooMuch {
        /// What may still be given back, requests that wait taken off.
        remaining: Fen,
    },
    /// Its money is locked in matching pools.
    #[error("the gift’s money is locked in matching pools; {free} fen of it are free")]
    BacksPool {
        /// What may still be given back.
        free: Fen,
    },
    /// Its import was taken back.
    #[error("the gift was taken back with its import")]
    TakenBack,
    /// The same key with another request.
    #[error("this key was used for another request")]
    KeyReused,
    /// The filter leaves too many gifts to put them in order of their amount.
    #[error("too many gifts to put in order of their amount")]
    TooManyToSort,
    /// It still runs.
    #[error("the import is still running")]
    ImportRunning,
    /// The number of a held line is taken by a gift of another amount.
    #[error("the number for the accepted gift is taken")]
    NumberTaken,
    /// No gateway serves the unit for this way of paying.
    #[error("the unit takes no payments this way")]
    PaymentNotOffered,
    /// The order is paid, closed or expired.
    #[error("the order is {0}")]
    OrderOver(&'static str),
    /// The payment provider.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The payer's data cannot be opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The team that an order named.
    #[error(transparent)]
    Team(#[from] crate::teams::TeamError),
    /// The books.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DonationError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Key(_) | Self::Ledger(_) => tracing::Level::ERROR,
            Self::Approval(error) => error.severity(),
            Self::Gateway(GatewayError::TryAgain(_) | GatewayError::Refused { .. }) => tracing::Level::WARN,
            Self::Gateway(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// Whether the same work may succeed when tried again at once: another transaction was in the way.
    pub(crate) const fn is_contended(&self) -> bool {
        matches!(
            self,
            Self::Db(DbError::Contended(_))
                | Self::Ledger(LedgerError::Db(DbError::Contended(_)))
                | Self::Approval(ApprovalError::Db(DbError::Contended(_)))
        )
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NotFound(_) => Problem::not_found(),
            Self::Refused(refusal) => Problem::invalid(field_of(&refusal), refusal),
            Self::Invalid { field, why } => Problem::invalid(field, why),
            Self::Intake(_) => Problem::unavailable(RETRY_AFTER_SECONDS),
            Self::ProjectClosed(why) => Problem::new(PROJECT_CLOSED).field("project").arg("reason", why),
            Self::AccountClosed => Problem::new(ACCOUNT_CLOSED).field("account"),
            Self::NotACounterAccount => Problem::new(NOT_A_COUNTER_ACCOUNT).field("account"),
            Self::AlreadyDecided(state) => Problem::new(ALREADY_DECIDED).arg("state", state),
            Self::FourEyes => Problem::new(FOUR_EYES),
            Self::NeedsApproval => Problem::new(REFUND_NEEDS_APPROVAL),
            Self::Approval(error) => error.problem(),
            Self::Team(error) => error.problem(),
            Self::RefundTooMuch { remaining } => Problem::new(REFUND_TOO_MUCH)
                .field("amount_fen")
                .arg("remaining_fen", remaining.get()),
            Self::BacksPool { free } => Problem::new(GIFT_BACKS_POOL)
                .field("amount_fen")
                .arg("free_fen", free.get()),
            Self::TakenBack => Problem::new(ALREADY_DECIDED).arg("state", "taken_back"),
            Self::KeyReused => Problem::new(KEY_REUSED).field("key"),
            Self::TooManyToSort => Problem::new(TOO_MANY_TO_SORT).field("sort"),
            Self::ImportRunning => Problem::new(IMPORT_RUNNING),
            Self::NumberTaken => Problem::new(NUMBER_TAKEN),
            Self::PaymentNotOffered => Problem::new(PAYMENT_NOT_OFFERED).field("way"),
            Self::OrderOver(state) => Problem::new(ORDER_OVER).arg("state", state),
            Self::Gateway(error) => of_gateway(&error),
            Self::Key(error) => {
                tracing::error!(%error, "the sealed payer of a gift cannot be opened");
                Problem::new(problem::INTERNAL)
            }
            Self::Ledger(LedgerError::Db(error)) | Self::Db(error) => platform::problems::of_db(&error),
            Self::Ledger(error) => {
                tracing::error!(%error, "the books refused a journal of a gift");
                Problem::internal()
            }
        }
    }
}

impl From<DonationError> for Problem {
    fn from(error: DonationError) -> Self {
        error.problem()
    }
}

/// The donor reads that nothing was charged; what is wrong with our settings is for the log and `qiao doctor`.
fn of_gateway(error: &GatewayError) -> Problem {
    match error {
        GatewayError::Refused { code, .. } => {
            tracing::warn!(%error, "a payment provider refused");
            Problem::new(PAYMENT_REFUSED).arg("code", code)
        }
        GatewayError::TryAgain(_) => {
            tracing::warn!(%error, "a payment provider could not be asked");
            Problem::new(PAYMENT_UNAVAILABLE).retry_after_s(RETRY_AFTER_SECONDS)
        }
        GatewayError::Misconfigured(_) | GatewayError::Untrusted(_) | GatewayError::Clock { .. } => {
            tracing::error!(%error, "payments through this provider do not work until this is mended");
            Problem::new(PAYMENT_UNAVAILABLE).retry_after_s(RETRY_AFTER_SECONDS)
        }
    }
}

const fn field_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Amount => "amount_fen",
        Refusal::TradeNo => "trade_no",
        Refusal::Payer(field) => field,
        Refusal::PaidAt => "paid_at",
    }
}
