//! Decisions about lots and movements. Pure.

use std::cmp::Ordering;

use kernel::{BusinessDay, Instant, WorkingDays};

use super::model::{Lot, LotState, NewLot, Source, Spot, Step, ValueBasis};
use crate::error::{ReliefError, invalid};

/// Characters of a key, a specification, a batch, a reason.
const TEXT_CHARS_MAX: usize = 120;
/// No lot has more pieces than this.
const QUANTITY_MAX: i64 = 1_000_000_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;

/// Where a step leads from and to.
pub fn path(step: Step) -> (Option<Spot>, Option<Spot>) {
    use LotState as S;
    let both = |from, to, place| (Some(Spot::at(from, place)), Some(Spot::at(to, place)));
    match step {
        Step::Arrive(place) => both(S::Announced, S::Arrived, place),
        Step::Inspect(place) => both(S::Arrived, S::Inspected, place),
        Step::Stock(place) => both(S::Inspected, S::Stocked, place),
        Step::Relocate { from, to } => (Some(Spot::at(S::Stocked, from)), Some(Spot::at(S::Stocked, to))),
        Step::Withdraw(place) => (Some(Spot::at(S::Announced, place)), None),
        Step::GiveBack(place) => both(S::Arrived, S::GivenBack, place),
        Step::Restock(place) => both(S::Returned, S::Stocked, place),
        Step::Scrap(place) => both(S::Stocked, S::Scrapped, place),
        Step::Sell(place) => both(S::Stocked, S::Sold, place),
    }
}

/// Whether a step needs a reason in words.
pub const fn needs_reason(step: Step) -> bool {
    matches!(
        step,
        Step::Withdraw(_) | Step::GiveBack(_) | Step::Scrap(_) | Step::Sell(_)
    )
}

/// Whether a step decides rather than records: volunteers record, never approve.
pub const fn needs_approval(step: Step) -> bool {
    matches!(step, Step::Scrap(_) | Step::Sell(_))
}

/// Checks a quantity.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_quantity(quantity: i64) -> Result<(), ReliefError> {
    if (1..=QUANTITY_MAX).contains(&quantity) {
        Ok(())
    } else {
        Err(invalid("quantity", "one or more is expected"))
    }
}

/// Checks a short text.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_text(field: &'static str, text: &str, least: usize) -> Result<(), ReliefError> {
    let chars = text.trim().chars().count();
    if (least..=TEXT_CHARS_MAX).contains(&chars) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(invalid(field, "a short text without line breaks is expected"))
    }
}

/// Checks a lot to be announced.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_new(new: &NewLot) -> Result<(), ReliefError> {
    check_text("key", &new.key, 1)?;
    check_text("spec", &new.spec, 0)?;
    check_text("batch", &new.batch, 0)?;
    check_text("donor", &new.donor, 0)?;
    check_quantity(new.quantity)?;
    if new.per_box < 1 {
        return Err(invalid("per_box", "one or more is expected"));
    }
    check_text(
        "value_evidence",
        &new.evidence,
        usize::from(new.basis == ValueBasis::Voucher),
    )?;
    match (new.value, new.basis) {
        (None, ValueBasis::None) => Ok(()),
        (Some(value), basis) if basis != ValueBasis::None && value.get() > 0 => Ok(()),
        _ => Err(invalid("value_fen", "a value has a basis, and no value has none")),
    }
}

/// Months of shelf life that the rules of a day ask for (R5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShelfRule {
    /// Months that must be left, more than.
    pub min_months: i64,
    /// What keeps at most this long is short-lived.
    pub short_life_months: i64,
    /// Months that must be left of it, more than.
    pub short_min_months: i64,
}

/// The day so many months later; the last day of a shorter month.
fn months_later(day: BusinessDay, months: i64) -> BusinessDay {
    let date = day.date();
    let total = i64::from(date.year()) * 12 + i64::from(u8::from(date.month())) - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    (1..=i64::from(date.day()))
        .rev()
        .find_map(|of_month| BusinessDay::from_number(year * 10_000 + month * 100 + of_month).ok())
        .unwrap_or(day)
}

/// Whether goods with this last day may be accepted today.
///
/// # Errors
/// [`ReliefError::ShelfLife`].
pub fn check_shelf_life(
    expires: Option<BusinessDay>,
    keeps_months: Option<i64>,
    (rule, today): (ShelfRule, BusinessDay),
) -> Result<(), ReliefError> {
    let Some(expires) = expires else { return Ok(()) };
    let is_short = keeps_months.is_some_and(|months| months <= rule.short_life_months);
    let months = if is_short {
        rule.short_min_months
    } else {
        rule.min_months
    };
    if expires > months_later(today, months) {
        Ok(())
    } else {
        Err(ReliefError::ShelfLife { expires, months })
    }
}

/// Whether pieces of a lot may leave today: not past its day, and the society's to give.
///
/// # Errors
/// [`ReliefError::Expired`], [`ReliefError::HeldFor`].
pub fn check_may_leave(lot: &Lot, today: BusinessDay) -> Result<(), ReliefError> {
    if lot.source == Source::HeldForAddressee {
        return Err(ReliefError::HeldFor);
    }
    match lot.expires_on {
        Some(day) if day < today => Err(ReliefError::Expired(day)),
        _ => Ok(()),
    }
}

crate::word::words! {
    /// How long a lot has waited since it arrived.
    Wait {
        /// Not long.
        Fine = "fine",
        /// Longer than it should.
        Warn = "warn",
        /// Much longer.
        Alarm = "alarm",
    }
}

/// Hours from arrival to allocation before somebody is warned, and before the alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitHours {
    /// Before somebody is warned.
    pub warn: i64,
    /// Before the alarm.
    pub alarm: i64,
}

/// The clock from arrival to allocation.
pub const fn wait(arrived_at: Instant, now: Instant, most: WaitHours) -> Wait {
    let hours = (now.micros() - arrived_at.micros()) / HOUR_MICROS;
    if hours >= most.alarm {
        Wait::Alarm
    } else if hours >= most.warn {
        Wait::Warn
    } else {
        Wait::Fine
    }
}

/// The last day on which goods that arrived are looked at: so many working days after that of their arrival. R5.6 gives two
/// working days to reach the supplier after the notice of arrival; we take the inspection as its end, which is our reading.
pub fn inspect_by(arrived_on: BusinessDay, workdays: i64, calendar: &WorkingDays) -> BusinessDay {
    calendar.add_working_days(arrived_on, u32::try_from(workdays).unwrap_or_default())
}

/// The clock of inspection: a warning on its last day, the alarm once that has passed.
pub fn inspection_wait(due_on: BusinessDay, today: BusinessDay) -> Wait {
    match today.cmp(&due_on) {
        Ordering::Less => Wait::Fine,
        Ordering::Equal => Wait::Warn,
        Ordering::Greater => Wait::Alarm,
    }
}

/// A lot in the order of picking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pickable {
    /// The lot.
    pub lot: crate::LotId,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// How many are there.
    pub quantity: i64,
}

/// Picks so many, first what expires first; what never expires last.
///
/// # Errors
/// [`ReliefError::Short`].
pub fn pick(mut there: Vec<Pickable>, wanted: i64) -> Result<Vec<(crate::LotId, i64)>, ReliefError> {
    there.sort_by_key(|one| (one.expires_on.is_none(), one.expires_on, one.lot));
    let (mut left, mut picked) = (wanted, Vec::new());
    for one in &there {
        let taken = one.quantity.min(left);
        if taken > 0 {
            picked.push((one.lot, taken));
            left -= taken;
        }
    }
    if left > 0 {
        let there = there.iter().map(|one| one.quantity).sum();
        return Err(ReliefError::Short { wanted, there });
    }
    Ok(picked)
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;

    use super::*;
    use crate::LotId;

    const RULE: ShelfRule = ShelfRule {
        min_months: 6,
        short_life_months: 6,
        short_min_months: 3,
    };

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    #[test]
    fn goods_are_accepted_with_more_than_six_months_left_and_short_lived_ones_with_more_than_three() {
        let today = day("2026-08-31");
        let check = |expires, keeps| check_shelf_life(Some(day(expires)), keeps, (RULE, today)).is_ok();
        assert!(!check("2027-02-28", None), "six months are not more than six");
        assert!(check("2027-03-01", None));
        assert!(!check("2026-12-31", None));
        assert!(check("2026-12-31", Some(6)));
        assert!(!check("2026-11-30", Some(6)));
        assert!(check_shelf_life(None, None, (RULE, today)).is_ok());
    }

    #[test]
    fn what_expires_first_is_picked_first() {
        let lot = |n: u8, expires: Option<&str>, quantity| Pickable {
            lot: LotId::from_bytes([n; 16]),
            expires_on: expires.map(day),
            quantity,
        };
        let there = vec![
            lot(1, None, 10),
            lot(2, Some("2027-05-01"), 5),
            lot(3, Some("2027-01-01"), 5),
        ];
        let id = |n: u8| LotId::from_bytes([n; 16]);
        assert_eq!(
            pick(there.clone(), 12).expect("enough"),
            [(id(3), 5), (id(2), 5), (id(1), 2)]
        );
        assert!(matches!(
            pick(there, 21),
            Err(ReliefError::Short { wanted: 21, there: 20 })
        ));
    }

    #[test]
    fn two_working_days_of_an_inspection_count_a_saturday_that_is_worked_and_no_sunday() {
        let friday = day("2026-05-08");
        let due = inspect_by(friday, 2, &WorkingDays::seed());
        assert_eq!(due, day("2026-05-11"), "the ninth was worked in exchange");
        let on = |text: &str| inspection_wait(due, day(text));
        assert_eq!(
            ["2026-05-10", "2026-05-11", "2026-05-12"].map(on),
            [Wait::Fine, Wait::Warn, Wait::Alarm]
        );
    }

    #[test]
    fn the_clock_warns_after_two_hours_and_alarms_after_a_day() {
        let start = Instant::from_micros(0);
        let most = WaitHours { warn: 2, alarm: 24 };
        let after = |minutes: i64| wait(start, Instant::from_micros(minutes * 60_000_000), most);
        assert_eq!(
            [119, 120, 1_439, 1_440].map(after),
            [Wait::Fine, Wait::Warn, Wait::Warn, Wait::Alarm]
        );
    }
}
