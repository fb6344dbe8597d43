//! What can go wrong with providers of identities and with coming in through them.

use db::DbError;
use web::Problem;
use web::problem::Kind;

use super::port::ProviderError;
use crate::identity::IdentityError;
use crate::keys::KeyError;
use crate::parameters::OverrideError;
use crate::signin::SigninError;

/// The way back is not the one that was begun in this browser, or too long ago, or was walked before.
pub const STATE_WRONG: Kind = Kind::new("sso-state-wrong", 400);
/// The provider does not vouch for it.
pub const REFUSED: Kind = Kind::new("sso-refused", 401);
/// Verified, but linked with nobody here.
pub const NOT_LINKED: Kind = Kind::new("sso-not-linked", 403);
/// Unknown or switched off.
pub const OFF: Kind = Kind::new("sso-off", 404);
/// No answer from the provider.
pub const UNREACHABLE: Kind = Kind::new("sso-unreachable", 503);
/// The settings do not fit the provider.
pub const UNUSABLE: Kind = Kind::new("sso-unusable", 422);
/// The subject is linked with another user, or the user with another subject.
pub const TAKEN: Kind = Kind::new("sso-linked-already", 409);
/// To link an account one signs in anew.
pub const SIGN_IN_AGAIN: Kind = Kind::new("sso-sign-in-again", 403);
/// Nobody knocked with this number, or long ago.
pub const NO_KNOCK: Kind = Kind::new("sso-no-such-number", 404);
/// Users are linked with what this provider was.
pub const HAS_LINKS: Kind = Kind::new("sso-provider-in-use", 409);
/// More providers than fit a sign-in page.
pub const TOO_MANY: Kind = Kind::new("sso-too-many-providers", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[
    STATE_WRONG,
    REFUSED,
    NOT_LINKED,
    OFF,
    UNREACHABLE,
    UNUSABLE,
    TAKEN,
    SIGN_IN_AGAIN,
    NO_KNOCK,
    HAS_LINKS,
    TOO_MANY,
];

/// Errors of this slice. In every case nobody came in and nothing was changed, except that a try was counted.
#[derive(Debug, thiserror::Error)]
pub enum SsoError {
    /// Not the way that was begun here, or too long ago, or walked before.
    #[error("this way back was not begun here, or too long ago, or was used before")]
    StateWrong,
    /// The provider does not vouch for it.
    #[error("the provider does not vouch for this")]
    Refused,
    /// Verified, but nobody here.
    #[error("the account is linked with nobody here; its number is {reference}")]
    NotLinked {
        /// What the person reads out to whoever looks after users.
        reference: String,
    },
    /// Unknown or switched off.
    #[error("there is no such way to sign in")]
    Off,
    /// No answer.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// The settings do not fit.
    #[error("the settings do not fit the provider: {why}")]
    Unusable {
        /// What the provider or the network said, without a secret.
        why: String,
    },
    /// Linked already.
    #[error("the account or the user is linked already")]
    Taken,
    /// Too long ago for linking an account.
    #[error("sign in again before linking an account")]
    SignInAgain,
    /// Nobody knocked with this number.
    #[error("nobody knocked with this number")]
    NoKnock,
    /// The user has no such link.
    #[error("there is no such link")]
    NoLink,
    /// Links hang on what the provider was.
    #[error("users are linked with this provider; set up another one beside it")]
    HasLinks,
    /// Too many providers.
    #[error("there are at most {max} providers")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// A setting that cannot be.
    #[error("{field}: {why}")]
    Setting {
        /// The field at fault.
        field: &'static str,
        /// Why, for developers.
        why: String,
    },
    /// A stored value cannot be used.
    #[error("stored settings of a provider are damaged")]
    Damaged,
    /// As with a password.
    #[error(transparent)]
    Signin(#[from] SigninError),
}

impl SsoError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Damaged => tracing::Level::ERROR,
            Self::Unreachable | Self::Unusable { .. } => tracing::Level::WARN,
            Self::Signin(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// The kind it leaves the house as, where it has one of this slice.
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::StateWrong => Some(STATE_WRONG),
            Self::Refused => Some(REFUSED),
            Self::NotLinked { .. } => Some(NOT_LINKED),
            Self::Off => Some(OFF),
            Self::Unreachable => Some(UNREACHABLE),
            Self::Unusable { .. } => Some(UNUSABLE),
            Self::Taken => Some(TAKEN),
            Self::SignInAgain => Some(SIGN_IN_AGAIN),
            Self::NoKnock => Some(NO_KNOCK),
            Self::HasLinks => Some(HAS_LINKS),
            Self::TooMany { .. } => Some(TOO_MANY),
            Self::NoLink | Self::Setting { .. } | Self::Damaged | Self::Signin(_) => None,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        let known = self.kind().map(Problem::new);
        match self {
            Self::NoLink => Problem::not_found(),
            Self::Setting { field, why } => Problem::invalid(field, why),
            Self::Damaged => {
                tracing::error!("stored settings of a provider of identities are damaged");
                Problem::internal()
            }
            Self::Signin(error) => error.problem(),
            error => {
                let problem = known.unwrap_or_else(Problem::internal);
                match error {
                    Self::NotLinked { reference } => problem.arg("reference", reference),
                    Self::Unusable { why } => problem.arg("why", why),
                    Self::NoKnock => problem.field("reference"),
                    Self::TooMany { max } => problem.arg("max", max),
                    _ => problem,
                }
            }
        }
    }
}

impl From<ProviderError> for SsoError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Unreachable(_) => Self::Unreachable,
            ProviderError::Refused(_) => Self::Refused,
            ProviderError::Unusable(why) => Self::Unusable { why },
        }
    }
}

macro_rules! through_signin {
    ($($other:ty),+) => {$(
        impl From<$other> for SsoError {
            fn from(error: $other) -> Self {
                Self::Signin(error.into())
            }
        }
    )+};
}
through_signin!(DbError, KeyError, IdentityError, OverrideError);

impl From<SsoError> for Problem {
    fn from(error: SsoError) -> Self {
        error.problem()
    }
}
