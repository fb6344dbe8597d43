//! What can go wrong when signing in, and with sessions, passwords, factors and invitations.

use db::DbError;
use web::Problem;
use web::problem::{self, Kind};

use super::passkeys::PasskeyError;
use crate::identity::IdentityError;
use crate::keys::KeyError;
use crate::parameters::OverrideError;

/// Seconds after which a full line of password checks is worth another try.
const BUSY_RETRY_S: u32 = 2;

/// Name, password or code is wrong; which one is not said.
pub const SIGN_IN_FAILED: Kind = Kind::new("sign-in-failed", 401);
/// The password was right; a code is needed too.
pub const SECOND_FACTOR_NEEDED: Kind = Kind::new("second-factor-needed", 401);
/// Too many failed tries.
pub const SIGN_IN_LOCKED: Kind = Kind::new("sign-in-locked", 429);
/// The session ended by time or was revoked.
pub const SESSION_ENDED: Kind = Kind::new("session-ended", 401);
/// The header against forged requests is missing or wrong.
pub const CSRF_WRONG: Kind = Kind::new("csrf-token-wrong", 403);
/// Until a second factor is enrolled only one's own account is open.
pub const SECOND_FACTOR_REQUIRED: Kind = Kind::new("second-factor-required", 403);
/// Until the password is changed only one's own account is open.
pub const PASSWORD_CHANGE_REQUIRED: Kind = Kind::new("password-change-required", 403);
/// The new password does not keep the rules.
pub const PASSWORD_RULES: Kind = Kind::new("password-rules", 400);
/// The old password is not right.
pub const PASSWORD_WRONG: Kind = Kind::new("password-wrong", 403);
/// The code does not belong to the secret that was shown.
pub const CODE_WRONG: Kind = Kind::new("second-factor-code-wrong", 403);
/// No secret was shown, or too long ago.
pub const NOT_OFFERED: Kind = Kind::new("second-factor-not-offered", 409);
/// To change how one signs in, one signs in anew.
pub const SIGN_IN_AGAIN: Kind = Kind::new("sign-in-again", 403);
/// Unknown, used, replaced or too old.
pub const INVITATION_ENDED: Kind = Kind::new("invitation-ended", 410);
/// Only with a browser's session, not with a token.
pub const SESSION_NEEDED: Kind = Kind::new("session-needed", 403);
/// Programs have tokens, not passwords.
pub const NOT_A_PERSON: Kind = Kind::new("not-a-person", 409);
/// Whoever breaks the glass says why.
pub const REASON_NEEDED: Kind = Kind::new("break-glass-reason", 400);
/// The code of the envelope is not the one in force.
pub const BREAK_GLASS_REFUSED: Kind = Kind::new("break-glass-refused", 401);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[
    SIGN_IN_FAILED,
    SECOND_FACTOR_NEEDED,
    SIGN_IN_LOCKED,
    SESSION_ENDED,
    CSRF_WRONG,
    SECOND_FACTOR_REQUIRED,
    PASSWORD_CHANGE_REQUIRED,
    PASSWORD_RULES,
    PASSWORD_WRONG,
    CODE_WRONG,
    NOT_OFFERED,
    SIGN_IN_AGAIN,
    INVITATION_ENDED,
    SESSION_NEEDED,
    NOT_A_PERSON,
    REASON_NEEDED,
    BREAK_GLASS_REFUSED,
];

/// Errors of this slice. In every case nothing was changed, except that a try was counted.
#[derive(Debug, thiserror::Error)]
pub enum SigninError {
    /// Name, password or code is wrong.
    #[error("the name, the password or the code is wrong")]
    Failed,
    /// The password was right.
    #[error("a code of the second factor is needed")]
    FactorNeeded,
    /// Too many failed tries.
    #[error("too many failed tries; try again in {retry_s} seconds")]
    Locked {
        /// Seconds until the lock ends.
        retry_s: u32,
    },
    /// Too many passwords are being checked.
    #[error("too many passwords are being checked just now")]
    Busy,
    /// The session ended by time or was revoked.
    #[error("the session has ended")]
    SessionEnded,
    /// No such session that the actor may see.
    #[error("there is no such session")]
    NoSession,
    /// No such change of one's own account.
    #[error("there is no such change of one's account")]
    NoChange,
    /// The new password does not keep the rules.
    #[error("a password has at least {chars_min} characters of {classes_min} kinds")]
    PasswordRules {
        /// Shortest length.
        chars_min: i64,
        /// Kinds of characters.
        classes_min: i64,
        /// Passwords that may not come back.
        no_reuse: i64,
    },
    /// The old password is not right.
    #[error("the old password is not right")]
    PasswordWrong,
    /// The code does not belong to the secret that was shown.
    #[error("the code is not right")]
    CodeWrong,
    /// No secret was shown, or too long ago.
    #[error("no second factor was begun, or too long ago")]
    NotOffered,
    /// Too long ago for replacing a factor, inviting oneself, linking oneself.
    #[error("sign in again before changing how you sign in")]
    SignInAgain,
    /// A token shows no sign-in, and this asks for a fresh one.
    #[error("only somebody who signed in with a browser may do this")]
    NoBrowser,
    /// Unknown, used, replaced or too old.
    #[error("the invitation has ended")]
    InvitationEnded,
    /// Programs have tokens.
    #[error("only a person can be invited")]
    NotAPerson,
    /// Why the glass is broken is not said, or at too great length.
    #[error("say why, in {min} to {max} characters")]
    Reason {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// The code of the envelope is not the one in force.
    #[error("this code opens nothing")]
    GlassHolds,
    /// A stored hash cannot be used.
    #[error("a stored password or secret is damaged")]
    Damaged,
    /// A passkey.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// Users and roles.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The dated parameters.
    #[error(transparent)]
    Parameters(#[from] OverrideError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A sealed value.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl SigninError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Key(_) | Self::Damaged | Self::Parameters(_) => tracing::Level::ERROR,
            Self::Busy => tracing::Level::WARN,
            Self::Passkey(error) => error.severity(),
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Failed => Problem::new(SIGN_IN_FAILED),
            Self::FactorNeeded => Problem::new(SECOND_FACTOR_NEEDED).field("code"),
            Self::Locked { retry_s } => {
                let minutes = retry_s.div_ceil(60);
                Problem::new(SIGN_IN_LOCKED)
                    .arg("minutes", minutes)
                    .retry_after_s(retry_s)
            }
            Self::Busy => Problem::unavailable(BUSY_RETRY_S),
            Self::SessionEnded => Problem::new(SESSION_ENDED),
            Self::NoSession | Self::NoChange => Problem::not_found(),
            Self::PasswordRules {
                chars_min,
                classes_min,
                no_reuse,
            } => Problem::new(PASSWORD_RULES)
                .field("password")
                .arg("chars", chars_min)
                .arg("classes", classes_min)
                .arg("last", no_reuse),
            Self::PasswordWrong => Problem::new(PASSWORD_WRONG).field("old"),
            Self::CodeWrong => Problem::new(CODE_WRONG).field("code"),
            Self::NotOffered => Problem::new(NOT_OFFERED),
            Self::SignInAgain => Problem::new(SIGN_IN_AGAIN),
            Self::NoBrowser => Problem::new(SESSION_NEEDED),
            Self::InvitationEnded => Problem::new(INVITATION_ENDED),
            Self::NotAPerson => Problem::new(NOT_A_PERSON),
            Self::Reason { min, max } => Problem::new(REASON_NEEDED)
                .field("reason")
                .arg("min", min)
                .arg("max", max),
            Self::GlassHolds => Problem::new(BREAK_GLASS_REFUSED).field("code"),
            Self::Damaged => {
                tracing::error!("a stored password or secret is damaged");
                Problem::internal()
            }
            Self::Passkey(error) => error.problem(),
            Self::Identity(error) => error.problem(),
            Self::Parameters(error) => error.into(),
            Self::Db(error) => crate::problems::of_db(&error),
            Self::Key(error) => {
                tracing::error!(%error, "a sealed password or secret cannot be opened");
                Problem::new(problem::INTERNAL)
            }
        }
    }
}

impl From<SigninError> for Problem {
    fn from(error: SigninError) -> Self {
        error.problem()
    }
}
