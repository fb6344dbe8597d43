//! What may be lent, and for how long: pure decisions.

use kernel::BusinessDay;

use super::error::PowersError;
use super::model::{Delegation, NewDelegation};
use crate::identity::{ActorKind, Role, rules as powers};

/// The longest leave a role is lent for; a longer one is a change of post.
pub const DAYS_MAX: i64 = 184;

/// Whether this may be lent: to another person, not an administrator's role, for days that are not over.
///
/// # Errors
/// [`PowersError::NotLendable`], [`PowersError::Days`], [`PowersError::NotAPerson`].
pub fn lendable(new: &NewDelegation, to: ActorKind, today: BusinessDay) -> Result<(), PowersError> {
    if powers::is_administrator(new.role) || new.role == Role::Machine || !powers::is_granted(new.role) {
        return Err(PowersError::NotLendable { role: new.role });
    }
    if to != ActorKind::Person {
        return Err(PowersError::NotAPerson);
    }
    let days = new.to_day.days_since(new.from_day);
    let fits = (0..DAYS_MAX).contains(&days) && new.from_day >= today;
    if fits {
        Ok(())
    } else {
        Err(PowersError::Days { days_max: DAYS_MAX })
    }
}

/// How a delegation stands on a day: coming, running or over.
pub fn standing(known: &Delegation, today: BusinessDay) -> &'static str {
    if known.ended || known.lent.to_day < today {
        "over"
    } else if known.lent.from_day > today {
        "coming"
    } else {
        "running"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::LeaveReason;
    use kernel::id::Id as _;
    use kernel::{ActorId, UnitId};

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn lent(role: Role, from: &str, to: &str) -> Result<(), PowersError> {
        let new = NewDelegation {
            to: ActorId::from_bytes([2; 16]),
            role,
            unit: UnitId::from_bytes([1; 16]),
            from_day: day(from),
            to_day: day(to),
            reason: LeaveReason::Leave,
        };
        lendable(&new, ActorKind::Person, day("2026-05-08"))
    }

    #[test]
    fn a_leave_begins_today_at_the_earliest_and_ends_within_half_a_year() {
        assert!(lent(Role::Leader, "2026-05-08", "2026-05-08").is_ok());
        assert!(lent(Role::Leader, "2026-06-01", "2026-12-01").is_ok());
        for (from, to) in [
            ("2026-05-07", "2026-05-20"),
            ("2026-05-20", "2026-05-19"),
            ("2026-06-01", "2026-12-02"),
        ] {
            assert!(
                matches!(lent(Role::Leader, from, to), Err(PowersError::Days { .. })),
                "{from} {to}"
            );
        }
    }

    #[test]
    fn administrators_roles_are_not_lent() {
        for role in Role::ALL {
            let kept = powers::is_administrator(*role) || *role == Role::Machine || !powers::is_granted(*role);
            assert_eq!(lent(*role, "2026-05-08", "2026-05-08").is_err(), kept, "{role}");
        }
    }
}
