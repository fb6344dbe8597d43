//! What can go wrong with lent roles.

use db::DbError;
use web::Problem;
use web::problem::Kind;

use crate::identity::{IdentityError, Role};

/// The lender does not hold the role in this unit herself.
pub const ROLE_NOT_HELD: Kind = Kind::new("role-not-held", 409);
/// Administrators' roles and machines' are not lent.
pub const ROLE_NOT_LENDABLE: Kind = Kind::new("role-not-lendable", 409);

/// The kinds of this slice, for the golden list.
pub const KINDS: &[Kind] = &[ROLE_NOT_HELD, ROLE_NOT_LENDABLE];

/// Errors of this slice. In every case nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PowersError {
    /// The lender does not hold it herself.
    #[error("the lender does not hold this role in this unit")]
    NotHeld,
    /// Not to be lent.
    #[error("the role {role} is not lent")]
    NotLendable {
        /// The role.
        role: Role,
    },
    /// The days are over, run backwards or are too many.
    #[error("a role is lent from today on, for 1 to {days_max} days")]
    Days {
        /// The limit.
        days_max: i64,
    },
    /// To a machine, or to oneself.
    #[error("a role is lent to another person")]
    NotAPerson,
    /// No such delegation that the actor may end.
    #[error("there is no such lent role")]
    NoDelegation,
    /// Users and roles.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl PowersError {
    /// Whether an operator must look.
    pub const fn severity(&self) -> tracing::Level {
        match self {
            Self::Identity(error) => error.severity(),
            Self::Db(_) => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }

    /// As it leaves the house.
    pub fn problem(self) -> Problem {
        match self {
            Self::NotHeld => Problem::new(ROLE_NOT_HELD).field("role"),
            Self::NotLendable { role } => Problem::new(ROLE_NOT_LENDABLE).field("role").arg("role", role),
            Self::Days { .. } => Problem::invalid("to_day", self),
            Self::NotAPerson => Problem::invalid("to", self),
            Self::NoDelegation => Problem::not_found(),
            Self::Identity(error) => error.problem(),
            Self::Db(error) => crate::problems::of_db(&error),
        }
    }
}

impl From<PowersError> for Problem {
    fn from(error: PowersError) -> Self {
        error.problem()
    }
}
