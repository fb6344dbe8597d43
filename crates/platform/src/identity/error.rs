//! What can go wrong with users, roles and tokens.

use db::DbError;
use web::Problem;
use web::problem::{self, Kind};

use super::model::{Permission, Role};
use crate::keys::KeyError;

/// Known, but without the permission.
pub const MISSING_PERMISSION: Kind = Kind::new("missing-permission", 403);
/// The token was right once: it ended or was revoked.
pub const TOKEN_ENDED: Kind = Kind::new("token-ended", 401);
/// Another user has this name.
pub const NAME_TAKEN: Kind = Kind::new("user-name-taken", 409);
/// The user has this role in this unit already.
pub const ROLE_HELD: Kind = Kind::new("role-held", 409);
/// The user has a role that this one may not stand beside.
pub const ROLES_EXCLUDE: Kind = Kind::new("roles-exclude-each-other", 409);
/// The account of the sealed envelope hands out no power over money, and nobody its own role.
pub const ROLE_NOT_HANDED_OUT: Kind = Kind::new("role-not-handed-out", 409);
/// The user has as many tokens or roles as one may have.
pub const TOO_MANY_HELD: Kind = Kind::new("too-many-held", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[
    MISSING_PERMISSION,
    TOKEN_ENDED,
    NAME_TAKEN,
    ROLE_HELD,
    ROLES_EXCLUDE,
    ROLE_NOT_HANDED_OUT,
    TOO_MANY_HELD,
];

/// The actor has no role that allows this here. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission {permission} in this unit; ask an administrator for a role that has it")]
pub struct Forbidden {
    /// What was missing.
    pub permission: Permission,
}

impl Forbidden {
    /// 403 with the permission's name.
    pub fn problem(self) -> Problem {
        Problem::new(MISSING_PERMISSION).arg("permission", self.permission)
    }
}

impl From<Forbidden> for Problem {
    fn from(error: Forbidden) -> Self {
        error.problem()
    }
}

/// Errors of this slice. In every case nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No user of this name or id that the actor may see.
    #[error("there is no such user")]
    NoUser,
    /// No such token that the actor may see.
    #[error("there is no such token")]
    NoToken,
    /// The user has no such role in this unit.
    #[error("the user does not have this role in this unit")]
    NoRole,
    /// The unit is not in the tree.
    #[error("there is no such unit")]
    NoUnit,
    /// Not a name.
    #[error("a user’s name has 1 to {chars_max} characters on one line")]
    Name {
        /// The limit.
        chars_max: usize,
    },
    /// Another user has it.
    #[error("another user has this name")]
    NameTaken,
    /// Twice the same role.
    #[error("the user has this role in this unit already")]
    RoleHeld,
    /// Two roles that no person may hold together.
    #[error("nobody may be {new} and {held}: the administrators watch each other and touch no money")]
    Excluded {
        /// The role that is held.
        held: Role,
        /// The role that was to be granted.
        new: Role,
    },
    /// A role that this one may not hand out, or that nobody does.
    #[error("the role {0} is not handed out by this account")]
    NotHandedOut(Role),
    /// Not a life for a token.
    #[error("a token lives 1 to {days_max} days")]
    Days {
        /// The limit.
        days_max: i64,
    },
    /// Too many tokens or roles for one user.
    #[error("one user has at most {max} {what} at a time; end those that are no longer needed")]
    TooMany {
        /// tokens or roles.
        what: &'static str,
        /// The limit.
        max: i64,
    },
    /// Too long ago for opening one's own account anew.
    #[error("sign in again before changing how you are reached or sign in")]
    SignInAgain,
    /// A token shows no sign-in, and this asks for a fresh one.
    #[error("only somebody who signed in with a browser may do this")]
    NoBrowser,
    /// A field of a user or of her post is out of shape.
    #[error("{field}: {why}")]
    Field {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A sealed field.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl IdentityError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Db(_) | Self::Key(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::Forbidden(error) => error.problem(),
            Self::NoUser | Self::NoToken | Self::NoRole => Problem::not_found(),
            Self::NoUnit => Problem::invalid("unit", self),
            Self::Name { .. } => Problem::invalid("name", self),
            Self::Days { .. } => Problem::invalid("days", self),
            Self::NotHandedOut(role) => Problem::new(ROLE_NOT_HANDED_OUT).field("role").arg("role", role),
            Self::NameTaken => Problem::new(NAME_TAKEN).field("name"),
            Self::RoleHeld => Problem::new(ROLE_HELD).field("role"),
            Self::Excluded { held, new } => Problem::new(ROLES_EXCLUDE)
                .field("role")
                .arg("held", held)
                .arg("new", new),
            Self::TooMany { max, .. } => Problem::new(TOO_MANY_HELD).arg("max", max),
            Self::SignInAgain => Problem::new(crate::signin::error::SIGN_IN_AGAIN),
            Self::NoBrowser => Problem::new(crate::signin::error::SESSION_NEEDED),
            Self::Field { field, why } => Problem::invalid(field, why),
            Self::Db(error) => crate::problems::of_db(&error),
            Self::Key(error) => {
                tracing::error!(%error, "a sealed field of a user cannot be opened");
                Problem::new(problem::INTERNAL)
            }
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        error.problem()
    }
}
