//! When a form is due, and who owes it.

use std::collections::BTreeSet;

use kernel::{BusinessDay, Instant, UnitId};

use super::{Refusal, demand, invalid};
use crate::network::Unit;
use crate::reports::model::{Emergency, Form, Hour, MINUTE_MICROS, Planned, Reach, Rhythm, UNITS_MAX};

/// The deepest line of units walked upward.
const DEPTH_MAX: usize = 16;
/// An hour may be handed in from the hour before, at most so long before it: half a day.
const OPENS_MICROS_MAX: i64 = 12 * 60 * MINUTE_MICROS;

/// The open units that must hand a form of this unit in, in the order given; all of them lie below it.
///
/// # Errors
/// [`Refusal::Invalid`] when there is none, too many, or one that is closed or lies elsewhere.
pub fn reached(units: &[Unit], asking: UnitId, reach: &Reach) -> Result<Vec<UnitId>, Refusal> {
    let parent_of = |id: UnitId| units.iter().find(|unit| unit.id == id).and_then(|unit| unit.parent);
    // As deep as a tree of units may be.
    let is_below = |unit: &Unit| {
        let line = std::iter::successors(unit.parent, |above| parent_of(*above));
        line.take(DEPTH_MAX).any(|above| above == asking)
    };
    let open = || units.iter().filter(|unit| unit.is_open());
    let found: Vec<UnitId> = match reach {
        Reach::Children => open()
            .filter(|unit| unit.parent == Some(asking))
            .map(|unit| unit.id)
            .collect(),
        Reach::AllBelow => open().filter(|unit| is_below(unit)).map(|unit| unit.id).collect(),
        Reach::Chosen { units: chosen } => {
            let wanted: BTreeSet<UnitId> = chosen.iter().map(|unit| unit.0).collect();
            let found: Vec<UnitId> = open()
                .filter(|unit| wanted.contains(&unit.id) && is_below(unit))
                .map(|unit| unit.id)
                .collect();
            demand(found.len() == wanted.len(), || {
                invalid("units", "open units below this one")
            })?;
            found
        }
    };
    demand((1..=UNITS_MAX).contains(&found.len()), || {
        invalid("units", format!("1 to {UNITS_MAX} open units below this one"))
    })?;
    Ok(found)
}

/// The hours of one day, with whether an emergency brought each.
fn hours_of(form: &Form, emergency: Option<&Emergency>, day: BusinessDay) -> Vec<(Instant, bool)> {
    let within = day >= form.first_day && form.last_day.is_none_or(|last| day <= last);
    if !within {
        return Vec::new();
    }
    let own: Vec<Instant> = match &form.rhythm {
        Rhythm::Daily { hours } => hours.iter().map(|hour| hour.on(day)).collect(),
        Rhythm::Weekly { weekdays, hour } => {
            let today = day.date().weekday().number_from_monday();
            weekdays
                .iter()
                .filter(|day| **day == today)
                .map(|_| hour.on(day))
                .collect()
        }
    };
    let mut all: Vec<(Instant, bool)> = own.iter().map(|at| (*at, false)).collect();
    if let Some(emergency) = emergency {
        let minutes = (0..1_440).step_by(usize::try_from(emergency.minutes.max(1)).unwrap_or(1));
        let extra = minutes.filter_map(Hour::from_minutes).map(|hour| hour.on(day));
        all.extend(
            extra
                .filter(|at| *at > emergency.since && !own.contains(at))
                .map(|at| (at, true)),
        );
    }
    all.sort_unstable();
    all
}

/// The hours after `from` through the end of `last`, in order: what the planning job writes.
pub fn plan(form: &Form, emergency: Option<&Emergency>, from: Instant, last: BusinessDay) -> Vec<Planned> {
    let first = from.business_day();
    let days = (0..=last.days_since(first).max(0)).map(|n| first.plus_days(n));
    // The hour before the first one opens it; a week is looked back on for weekly forms.
    let before = (1..=7).filter_map(|n| hours_of(form, emergency, first.plus_days(-n)).last().map(|hour| hour.0));
    let mut previous = before.max();
    let mut planned = Vec::new();
    for (due_at, is_emergency) in days.flat_map(|day| hours_of(form, emergency, day)) {
        let earliest = due_at.plus_micros(-OPENS_MICROS_MAX);
        let opens_at = previous.map_or(earliest, |before| before.max(earliest));
        previous = Some(due_at);
        if due_at <= from {
            continue;
        }
        planned.push(Planned {
            opens_at,
            due_at,
            late_at: due_at.plus_micros(form.grace_minutes * MINUTE_MICROS),
            remind_at: due_at.plus_micros(-form.remind_minutes * MINUTE_MICROS).max(opens_at),
            is_emergency,
        });
    }
    planned
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;

    use super::super::check_emergency;
    use super::super::tests::{day, form, hour};
    use super::*;

    fn beijing(planned: &[Planned]) -> Vec<String> {
        let shown = planned.iter().map(|one| {
            let at = one.due_at.to_beijing();
            format!("{:02} {:02}:{:02}", at.day(), at.hour(), at.minute())
        });
        shown.collect()
    }

    #[test]
    fn an_hour_is_read_strictly_and_written_as_it_was_read() {
        for text in ["00:00", "08:05", "23:59"] {
            assert_eq!(hour(text).to_string(), text);
        }
        for bad in ["24:00", "8:00", "08:60", "0800", "-1:00", "08:00:00", ""] {
            assert!(bad.parse::<Hour>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_has_its_hours_from_now_on_and_each_opens_with_the_one_before() {
        let from = hour("08:00").on(day("2026-05-08"));
        let planned = plan(&form(), None, from, day("2026-05-09"));
        assert_eq!(beijing(&planned), ["08 18:00", "09 08:00", "09 18:00"]);
        assert_eq!(planned[0].opens_at, from, "the hour before opens it");
        assert_eq!(planned[1].opens_at, planned[1].due_at.plus_micros(-OPENS_MICROS_MAX));
        assert_eq!(planned[0].late_at, planned[0].due_at.plus_micros(15 * MINUTE_MICROS));
        assert_eq!(planned[0].remind_at, planned[0].due_at.plus_micros(-30 * MINUTE_MICROS));
        let mut short = form();
        short.last_day = Some(day("2026-05-08"));
        assert_eq!(beijing(&plan(&short, None, from, day("2026-05-20"))), ["08 18:00"]);
        let before = hour("00:00").on(day("2026-05-01"));
        assert_eq!(
            plan(&form(), None, before, day("2026-05-07")),
            [],
            "not before its first day"
        );
    }

    #[test]
    fn an_emergency_adds_hours_from_its_beginning_and_doubles_none() {
        let since = hour("13:10").on(day("2026-05-08"));
        let emergency = Emergency {
            minutes: 120,
            since,
            reason: "地震".into(),
        };
        let planned = plan(&form(), Some(&emergency), since, day("2026-05-08"));
        assert_eq!(
            beijing(&planned),
            ["08 14:00", "08 16:00", "08 18:00", "08 20:00", "08 22:00"]
        );
        let kinds: Vec<bool> = planned.iter().map(|one| one.is_emergency).collect();
        assert_eq!(kinds, [true, true, false, true, true]);
        for bad in [14, 25, 721, 0, -60] {
            assert!(check_emergency(bad, "地震").is_err(), "{bad}");
        }
        assert!(check_emergency(60, " ").is_err());
        assert_eq!(check_emergency(60, "地震"), Ok(()));
    }

    #[test]
    fn a_weekly_form_is_due_on_its_days_and_opens_half_a_day_before() {
        let mut weekly = form();
        weekly.rhythm = Rhythm::Weekly {
            weekdays: vec![1, 5],
            hour: hour("17:00"),
        };
        // 2026-05-08 is a Friday.
        let planned = plan(&weekly, None, day("2026-05-08").start(), day("2026-05-15"));
        assert_eq!(beijing(&planned), ["08 17:00", "11 17:00", "15 17:00"]);
        assert_eq!(planned[1].opens_at, planned[1].due_at.plus_micros(-OPENS_MICROS_MAX));
    }

    #[test]
    fn only_open_units_below_owe_a_form() {
        use crate::approvals::model::Hex;
        use crate::network::{Books, UnitState};
        let id = |n: u8| UnitId::from_bytes([n; 16]);
        let unit = |n: u8, parent: Option<u8>, state: UnitState| Unit {
            id: id(n),
            parent: parent.map(id),
            name: String::new(),
            short_name: String::new(),
            region: kernel::RegionCode::parse("371300").expect("a region"),
            books: Books::Above,
            brand_color: String::new(),
            contact: String::new(),
            phone: String::new(),
            address: String::new(),
            seal: None,
            created_at: Instant::from_micros(0),
            state,
        };
        let closed = UnitState::Closed {
            at: Instant::from_micros(1),
        };
        let all = [
            unit(1, None, UnitState::Open),
            unit(2, Some(1), UnitState::Open),
            unit(3, Some(2), UnitState::Open),
            unit(4, Some(1), closed),
        ];
        let chosen = |ids: &[u8]| Reach::Chosen {
            units: ids.iter().map(|n| Hex(id(*n))).collect(),
        };
        assert_eq!(reached(&all, id(1), &Reach::Children), Ok(vec![id(2)]));
        assert_eq!(reached(&all, id(1), &Reach::AllBelow), Ok(vec![id(2), id(3)]));
        assert_eq!(reached(&all, id(1), &chosen(&[3])), Ok(vec![id(3)]));
        for bad in [chosen(&[]), chosen(&[1]), chosen(&[3, 4]), chosen(&[9])] {
            assert!(reached(&all, id(1), &bad).is_err(), "{bad:?}");
        }
        assert!(reached(&all, id(3), &Reach::AllBelow).is_err(), "nothing lies below");
    }
}
