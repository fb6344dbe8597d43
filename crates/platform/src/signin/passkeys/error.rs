//! What can go wrong with passkeys.

use web::Problem;
use web::problem::Kind;

/// The password was right; a passkey, a code or a recovery code is needed too.
pub const NEEDED: Kind = Kind::new("passkey-needed", 401);
/// The signature counter went back: there may be a copy of the passkey.
pub const SUSPECT: Kind = Kind::new("passkey-suspect", 401);
/// What the browser sent does not answer the challenge.
pub const REFUSED: Kind = Kind::new("passkey-refused", 403);
/// The authenticator did not verify its user.
pub const UNVERIFIED: Kind = Kind::new("passkey-unverified", 403);
/// No challenge was asked, or it was answered or too long ago.
pub const NOT_ASKED: Kind = Kind::new("passkey-not-asked", 409);
/// The passkey is registered already.
pub const TWICE: Kind = Kind::new("passkey-twice", 409);
/// There are as many as there may be.
pub const FULL: Kind = Kind::new("passkeys-full", 409);
/// It is the last second factor of somebody whose role asks for one.
pub const LAST: Kind = Kind::new("passkey-last", 409);
/// The address of the installation is none for which browsers make passkeys.
pub const UNAVAILABLE: Kind = Kind::new("passkeys-unavailable", 409);
/// The name is empty or too long.
pub const NAME: Kind = Kind::new("passkey-name", 400);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[
    NEEDED,
    SUSPECT,
    REFUSED,
    UNVERIFIED,
    NOT_ASKED,
    TWICE,
    FULL,
    LAST,
    UNAVAILABLE,
    NAME,
];

/// Errors of this slice. In every case nothing was changed, except that a challenge was used up and a try was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// The password was right.
    #[error("a passkey or a code is needed")]
    Needed,
    /// The signature counter went back.
    #[error("the signature counter of a passkey went back")]
    Suspect,
    /// What the browser sent does not answer the challenge.
    #[error("the passkey was not accepted")]
    Refused,
    /// The authenticator did not verify its user.
    #[error("the authenticator did not verify its user")]
    Unverified,
    /// No challenge was asked, or it was answered or too long ago.
    #[error("no passkey was asked for, or too long ago")]
    NotAsked,
    /// It is registered already.
    #[error("the passkey is registered already")]
    Twice,
    /// There are as many as there may be.
    #[error("there are {max} passkeys already")]
    Full {
        /// How many there may be.
        max: usize,
    },
    /// It is the last second factor of somebody whose role asks for one.
    #[error("the last second factor stays")]
    Last,
    /// The address of the installation is none for which browsers make passkeys.
    #[error("browsers make no passkeys for the address of this installation")]
    Unavailable,
    /// The name is empty or too long.
    #[error("a name has 1 to {max} characters")]
    Name {
        /// Most characters.
        max: usize,
    },
    /// No such passkey that the actor may see.
    #[error("there is no such passkey")]
    Unknown,
}

impl PasskeyError {
    /// Whether an operator must look.
    pub const fn severity(self) -> tracing::Level {
        match self {
            Self::Suspect => tracing::Level::WARN,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Needed => Problem::new(NEEDED).field("passkey"),
            Self::Suspect => Problem::new(SUSPECT),
            Self::Refused => Problem::new(REFUSED),
            Self::Unverified => Problem::new(UNVERIFIED),
            Self::NotAsked => Problem::new(NOT_ASKED),
            Self::Twice => Problem::new(TWICE),
            Self::Full { max } => Problem::new(FULL).arg("max", max),
            Self::Last => Problem::new(LAST),
            Self::Unavailable => Problem::new(UNAVAILABLE),
            Self::Name { max } => Problem::new(NAME).field("name").arg("max", max),
            Self::Unknown => Problem::not_found(),
        }
    }
}
