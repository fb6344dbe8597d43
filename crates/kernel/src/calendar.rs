//! The working-day calendar: weekends, and the yearly exceptions that the State Council publishes (holidays, and weekend
//! days worked in exchange).
//!
//! Invariant: a day is a working day if an exception says so, or if none speaks of it and it is Monday to Friday. The
//! exceptions are data: [`WorkingDays::seed`] is only what a new installation starts with; each autumn the next year's are added.

use std::collections::BTreeMap;

use chinese_holiday::{Ymd, chinese_holiday};
use serde::{Deserialize, Serialize};
use time::Weekday;

use crate::BusinessDay;

/// What an exception makes of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A day off that would be worked.
    Holiday,
    /// A weekend day worked in exchange (调休上班).
    MakeUpWorkday,
}

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkingDays {
    exceptions: BTreeMap<BusinessDay, DayKind>,
}

/// The first and last day that the seed speaks of (its crate panics outside them).
const SEED_FROM: (i32, u8, u8) = (2004, 1, 1);
const SEED_TO: (i32, u8, u8) = (2026, 12, 25);
/// No legal period is longer; a longer one is a mistake, and walking it day by day would hang a request.
const WORKING_DAYS_MAX: u32 = 2_500;

impl WorkingDays {
    /// A calendar with these exceptions; a later entry for the same day replaces an earlier one.
    pub fn new(exceptions: impl IntoIterator<Item = (BusinessDay, DayKind)>) -> Self {
        Self {
            exceptions: exceptions.into_iter().collect(),
        }
    }
    /// The published schedules of 2004 to 2026.
    pub fn seed() -> Self {
        let (Some(first), Some(last)) = (day(SEED_FROM), day(SEED_TO)) else {
            return Self::default();
        };
        let days = (0..=last.days_since(first)).map(|n| first.plus_days(n));
        Self::new(days.filter_map(|day| exception(day).map(|kind| (day, kind))))
    }
    /// All exceptions, by day.
    pub fn exceptions(&self) -> impl Iterator<Item = (BusinessDay, DayKind)> {
        self.exceptions.iter().map(|(day, kind)| (*day, *kind))
    }
    /// The last year that has any exception: a deadline in a later year is only as good as the weekends.
    pub fn known_to_year(&self) -> Option<i32> {
        self.exceptions.keys().next_back().map(|day| day.year())
    }
    /// Whether the day is worked.
    pub fn is_working_day(&self, day: BusinessDay) -> bool {
        match self.exceptions.get(&day) {
            Some(DayKind::Holiday) => false,
            Some(DayKind::MakeUpWorkday) => true,
            None => !is_weekend(day),
        }
    }
    /// The day itself if it is worked, or the next one that is: the end of a period that falls on a day off.
    #[must_use]
    pub fn working_day_from(&self, day: BusinessDay) -> BusinessDay {
        let mut at = day;
        while !self.is_working_day(at) {
            at = at.plus_days(1);
        }
        at
    }
    /// The n-th working day after `day`, which is not counted itself (民法典 art. 201); zero gives `day`.
    ///
    /// Counts at most 2,500 days, ten years.
    #[must_use]
    pub fn add_working_days(&self, day: BusinessDay, count: u32) -> BusinessDay {
        let mut at = day;
        for _ in 0..count.min(WORKING_DAYS_MAX) {
            at = self.working_day_from(at.plus_days(1));
        }
        at
    }
    /// Working days after `from` up to and with `to`; zero when `to` is not later.
    pub fn working_days_between(&self, from: BusinessDay, to: BusinessDay) -> u32 {
        let days = (1..=to.days_since(from).max(0)).map(|n| from.plus_days(n));
        u32::try_from(days.filter(|day| self.is_working_day(*day)).count()).unwrap_or(u32::MAX)
    }
}

fn is_weekend(day: BusinessDay) -> bool {
    matches!(day.date().weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn day((year, month, day): (i32, u8, u8)) -> Option<BusinessDay> {
    BusinessDay::from_number(i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day)).ok()
}

/// What the seed says of a day, where it differs from its weekday.
fn exception(day: BusinessDay) -> Option<DayKind> {
    let date = day.date();
    let year = u16::try_from(date.year()).ok()?;
    let worked = chinese_holiday(Ymd::new(year, u8::from(date.month()), date.day())).is_workday();
    match (worked, is_weekend(day)) {
        (false, false) => Some(DayKind::Holiday),
        (true, true) => Some(DayKind::MakeUpWorkday),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    #[test]
    fn the_seed_has_the_published_schedule_of_2026() {
        let days = WorkingDays::seed();
        let of_2026 = |kind| {
            let mine = days.exceptions().filter(|(day, k)| day.year() == 2026 && *k == kind);
            mine.map(|(day, _)| day.to_string()[5..].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(
            of_2026(DayKind::MakeUpWorkday),
            ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
        );
        // Only those on weekdays are exceptions: 元旦 Thu Fri, 春节 16–20 and 23, 清明 Mon, 劳动节 Fri Mon Tue, 端午 Fri, 中秋 Fri, 国庆 Thu Fri Mon–Wed.
        let holidays = [
            "01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06", "05-01", "05-04", "05-05",
            "06-19", "09-25", "10-01", "10-02", "10-05", "10-06", "10-07",
        ];
        assert_eq!(of_2026(DayKind::Holiday), holidays);
        assert_eq!(days.known_to_year(), Some(2026));
    }

    #[test]
    fn a_period_over_the_spring_festival_skips_it_and_counts_the_make_up_days() {
        let days = WorkingDays::seed();
        // 13 Feb 2026 is a Friday; the 14th is worked, 15 to 23 are off.
        assert_eq!(days.add_working_days(day("2026-02-13"), 1), day("2026-02-14"));
        assert_eq!(days.add_working_days(day("2026-02-13"), 2), day("2026-02-24"));
        assert_eq!(days.working_days_between(day("2026-02-13"), day("2026-02-24")), 2);
        assert_eq!(days.working_day_from(day("2026-02-16")), day("2026-02-24"));
        assert_eq!(days.add_working_days(day("2026-02-16"), 0), day("2026-02-16"));
    }

    #[test]
    fn an_edited_calendar_overrules_the_weekday() {
        let days = WorkingDays::new([
            (day("2027-01-01"), DayKind::Holiday),
            (day("2027-01-03"), DayKind::MakeUpWorkday),
        ]);
        assert!(!days.is_working_day(day("2027-01-01")), "a Friday off");
        assert!(days.is_working_day(day("2027-01-03")), "a Sunday worked");
        assert!(!days.is_working_day(day("2027-01-02")), "a plain Saturday");
        assert_eq!(days.add_working_days(day("2026-12-31"), 1), day("2027-01-03"));
    }

    #[test]
    fn a_span_that_runs_backwards_has_no_working_days() {
        assert_eq!(
            WorkingDays::seed().working_days_between(day("2026-03-02"), day("2026-03-01")),
            0
        );
    }
}
