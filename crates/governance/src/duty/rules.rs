//! Gaps, overlaps, what a shift may be: pure decisions.

use kernel::Instant;

use super::model::{NAME_CHARS_MAX, Overlap, Person, Shift, Span, WEEK_DAYS};

const MINUTE_MICROS: i64 = 60_000_000;
const DAY_MICROS: i64 = 1_440 * MINUTE_MICROS;
/// The shortest shift.
const SHIFT_MICROS_MIN: i64 = 30 * MINUTE_MICROS;
/// How far ahead a roster is written.
const AHEAD_DAYS: i64 = 92;

/// Why something is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A value is out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// The shift is over, or was taken back.
    #[error("the shift is over or was taken back")]
    Over,
    /// The two shifts cannot change places.
    #[error("the two shifts cannot change places")]
    NoSwap,
    /// There is nothing to copy, or all of it stands there already.
    #[error("there is nothing to copy")]
    NothingToCopy,
}

const fn invalid(field: &'static str, why: &'static str) -> Refusal {
    Refusal::Invalid { field, why }
}

/// Whether a person's name and telephone are in shape.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_person(person: &Person) -> Result<(), Refusal> {
    let name = person.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(invalid("name", "one line of 1 to 40 characters"));
    }
    let digits = person.phone.bytes().filter(u8::is_ascii_digit).count();
    let known = person.phone.bytes().all(|b| b.is_ascii_digit() || b"+- ".contains(&b));
    if known && (5..=15).contains(&digits) && person.phone.len() <= 20 {
        Ok(())
    } else {
        Err(invalid("phone", "5 to 15 digits"))
    }
}

/// Whether a shift may be entered: half an hour to a day, not over, not too far ahead.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_span(span: Span, now: Instant) -> Result<(), Refusal> {
    let length = span.to.micros() - span.from.micros();
    if !(SHIFT_MICROS_MIN..=DAY_MICROS).contains(&length) {
        return Err(invalid("to", "half an hour to 24 hours after the beginning"));
    }
    if span.to <= now {
        return Err(invalid("from", "a shift that is not over"));
    }
    if span.from > now.plus_micros(AHEAD_DAYS * DAY_MICROS) {
        return Err(invalid("from", "at most 92 days ahead"));
    }
    Ok(())
}

/// The name with all but its first character hidden; how many there are is not told beyond two.
pub fn mask_name(name: &str) -> String {
    let mut all = name.trim().chars();
    let first = all.next().map(String::from).unwrap_or_default();
    format!("{first}{}", "*".repeat(all.count().clamp(1, 2)))
}

/// The telephone with its middle hidden; a short one shows its last two digits only.
pub fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let (before, after) = if digits.len() >= 11 { (3, 4) } else { (0, 2) };
    let hidden = digits.len().saturating_sub(before + after);
    let head: String = digits.iter().take(before).collect();
    let tail: String = digits.iter().skip(before + hidden).collect();
    format!("{head}{}{tail}", "*".repeat(hidden))
}

/// When nobody is on between two moments; shifts in the order of their beginnings.
pub fn gaps(shifts: &[Shift], within: Span) -> Vec<Span> {
    let mut covered = within.from;
    let mut found = Vec::new();
    for shift in shifts.iter().filter(|shift| shift.cancelled_at.is_none()) {
        if shift.from >= within.to {
            break;
        }
        if shift.from > covered {
            found.push(Span {
                from: covered,
                to: shift.from,
            });
        }
        covered = covered.max(shift.to);
    }
    if covered < within.to {
        found.push(Span {
            from: covered,
            to: within.to,
        });
    }
    found
}

/// Shifts that are on at once; shifts in the order of their beginnings.
pub fn overlaps(shifts: &[Shift]) -> Vec<Overlap> {
    let open: Vec<&Shift> = shifts.iter().filter(|shift| shift.cancelled_at.is_none()).collect();
    let mut found = Vec::new();
    for (at, first) in open.iter().enumerate() {
        for second in open[at + 1..].iter().take_while(|second| second.from < first.to) {
            found.push(Overlap {
                first: first.id,
                second: second.id,
                span: Span {
                    from: second.from,
                    to: first.to.min(second.to),
                },
            });
        }
    }
    found
}

/// Whether a shift is on at a moment.
pub fn is_on(shift: &Shift, now: Instant) -> bool {
    shift.cancelled_at.is_none() && shift.from <= now && now < shift.to
}

/// Whether a shift may be changed: it is neither over nor taken back.
///
/// # Errors
/// [`Refusal::Over`].
pub fn may_change(shift: &Shift, now: Instant) -> Result<(), Refusal> {
    if shift.cancelled_at.is_none() && now < shift.to {
        Ok(())
    } else {
        Err(Refusal::Over)
    }
}

/// Whether the people of two shifts may change places.
///
/// # Errors
/// [`Refusal`].
pub fn may_swap(one: &Shift, other: &Shift, now: Instant) -> Result<(), Refusal> {
    may_change(one, now)?;
    may_change(other, now)?;
    if one.unit == other.unit && one.id != other.id {
        Ok(())
    } else {
        Err(Refusal::NoSwap)
    }
}

/// The shifts of the week before, each with its time a week later: those that are not over by then and meet none that
/// stands there.
pub fn copied<'a>(before: &'a [Shift], standing: &[Shift], now: Instant) -> Vec<(&'a Shift, Span)> {
    let later = |at: Instant| at.plus_micros(WEEK_DAYS * DAY_MICROS);
    let open = |shift: &&Shift| shift.cancelled_at.is_none();
    before
        .iter()
        .filter(open)
        .map(|shift| {
            let span = Span {
                from: later(shift.from),
                to: later(shift.to),
            };
            (shift, span)
        })
        .filter(|(_, span)| span.to > now)
        .filter(|(_, span)| {
            let meets = |other: &&Shift| other.from < span.to && span.from < other.to;
            !standing.iter().filter(open).any(|other| meets(&other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use kernel::UnitId;
    use kernel::id::Id as _;

    use super::super::model::ShiftId;
    use super::*;

    const HOUR: i64 = 60 * MINUTE_MICROS;

    fn at(hours: i64) -> Instant {
        Instant::from_micros(hours * HOUR)
    }

    fn shift(n: u8, from: i64, to: i64) -> Shift {
        Shift {
            id: ShiftId::from_bytes([n; 16]),
            unit: UnitId::from_bytes([1; 16]),
            from: at(from),
            to: at(to),
            actor: None,
            masked_name: "张*".into(),
            masked_phone: "138****0000".into(),
            cancelled_at: None,
        }
    }

    fn span(from: i64, to: i64) -> Span {
        Span {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn gaps_are_found_at_both_ends_and_between_and_under_a_long_shift_there_are_none() {
        let shifts = [shift(1, 2, 8), shift(2, 3, 4), shift(3, 10, 20)];
        assert_eq!(gaps(&shifts, span(0, 24)), [span(0, 2), span(8, 10), span(20, 24)]);
        assert_eq!(gaps(&shifts, span(3, 8)), []);
        assert_eq!(gaps(&[], span(0, 1)), [span(0, 1)]);
        let mut away = shift(1, 0, 24);
        away.cancelled_at = Some(at(0));
        assert_eq!(
            gaps(&[away], span(0, 24)),
            [span(0, 24)],
            "what was taken back covers nothing"
        );
    }

    #[test]
    fn overlaps_name_both_shifts_and_the_time_and_a_handover_is_none() {
        let shifts = [shift(1, 0, 10), shift(2, 8, 12), shift(3, 9, 10), shift(4, 12, 13)];
        let found = overlaps(&shifts);
        let told: Vec<(u8, u8, Span)> = found
            .iter()
            .map(|one| (one.first.bytes()[0], one.second.bytes()[0], one.span))
            .collect();
        assert_eq!(told, [(1, 2, span(8, 10)), (1, 3, span(9, 10)), (2, 3, span(9, 10))]);
        assert!(is_on(&shifts[1], at(8)) && !is_on(&shifts[1], at(12)));
    }

    #[test]
    fn a_week_is_copied_where_nothing_stands_and_nothing_is_over() {
        let week = 24 * WEEK_DAYS;
        let mut away = shift(4, 48, 56);
        away.cancelled_at = Some(at(1));
        let before = [shift(1, 0, 8), shift(2, 8, 16), shift(3, 24, 32), away];
        let standing = [shift(9, week + 24, week + 30)];
        let found = copied(&before, &standing, at(week + 8));
        let told: Vec<(u8, Span)> = found.iter().map(|(one, span)| (one.id.bytes()[0], *span)).collect();
        assert_eq!(told, [(2, span(week + 8, week + 16))]);
    }

    #[test]
    fn shifts_have_a_length_and_a_time_and_people_a_telephone() {
        let now = at(100);
        assert_eq!(check_span(span(90, 101), now), Ok(()), "one that runs");
        for bad in [
            span(90, 100),
            span(101, 101),
            span(101, 126),
            span(110, 109),
            span(2_500, 2_510),
        ] {
            assert!(check_span(bad, now).is_err(), "{bad:?}");
        }
        let person = |name: &str, phone: &str| Person {
            name: name.into(),
            phone: phone.into(),
        };
        assert_eq!(check_person(&person("张小明", "138 0000 0000")), Ok(()));
        for (name, phone) in [
            (" ", "13800000000"),
            ("张", "1234"),
            ("张", "call me"),
            ("两\n行", "13800000000"),
        ] {
            assert!(check_person(&person(name, phone)).is_err(), "{name:?} {phone:?}");
        }
    }

    #[test]
    fn names_and_telephones_are_masked() {
        assert_eq!(mask_name("张小明"), "张**");
        assert_eq!(mask_name("欧阳小明亮"), "欧**");
        assert_eq!(mask_name("张"), "张*");
        assert_eq!(mask_phone("13800000005"), "138****0005");
        assert_eq!(mask_phone("0539-0000000"), "053****0000");
        assert_eq!(mask_phone("12345"), "***45");
    }

    #[test]
    fn only_two_shifts_of_one_unit_that_are_not_over_change_places() {
        let (one, other) = (shift(1, 0, 8), shift(2, 8, 16));
        assert_eq!(may_swap(&one, &other, at(1)), Ok(()));
        assert_eq!(may_swap(&one, &other, at(8)), Err(Refusal::Over));
        assert_eq!(may_swap(&one, &one, at(1)), Err(Refusal::NoSwap));
        let mut elsewhere = other;
        elsewhere.unit = UnitId::from_bytes([2; 16]);
        assert_eq!(may_swap(&one, &elsewhere, at(1)), Err(Refusal::NoSwap));
    }
}
