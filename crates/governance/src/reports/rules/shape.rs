//! Whether a form is whole.

use std::collections::BTreeSet;

use super::{NUMBER_MAX, Refusal, check_reason, demand, invalid};
use crate::approvals::policy::is_key;
use crate::reports::model::{
    Ask, EMERGENCY_MINUTES_MAX, EMERGENCY_MINUTES_MIN, FIELDS_MAX, Form, HOURS_MAX, Hour, OPTIONS_MAX, Rhythm,
    TEXT_CHARS_MAX, TITLE_CHARS_MAX, Words,
};

/// The longest grace and the longest time of a reminder: half a day.
const MINUTES_MAX: i64 = 720;

fn check_title(field: &str, words: &Words) -> Result<(), Refusal> {
    let line = |text: &str| text.chars().count() <= TITLE_CHARS_MAX && !text.chars().any(char::is_control);
    let fits = !words.zh.trim().is_empty() && line(&words.zh) && line(&words.en);
    demand(fits, || {
        invalid(field, format!("one line of 1 to {TITLE_CHARS_MAX} characters"))
    })
}

/// Whether a form is whole.
///
/// # Errors
/// [`Refusal::Invalid`] with the place.
pub fn check_form(form: &Form) -> Result<(), Refusal> {
    check_title("title", &form.title)?;
    demand((1..=FIELDS_MAX).contains(&form.fields.len()), || {
        invalid("fields", format!("1 to {FIELDS_MAX} fields"))
    })?;
    let mut keys = BTreeSet::new();
    for (at, field) in form.fields.iter().enumerate() {
        demand(is_key(&field.key) && keys.insert(&field.key), || {
            invalid(format!("fields.{at}.key"), "a word of a-z, 0-9 and _, once in a form")
        })?;
        check_title(&format!("fields.{at}.title"), &field.title)?;
        check_ask(at, &field.ask)?;
    }
    check_rhythm(&form.rhythm)?;
    demand(form.last_day.is_none_or(|last| last >= form.first_day), || {
        invalid("last_day", "not before the first day")
    })?;
    for (field, minutes) in [
        ("grace_minutes", form.grace_minutes),
        ("remind_minutes", form.remind_minutes),
    ] {
        demand((0..=MINUTES_MAX).contains(&minutes), || {
            invalid(field, format!("0 to {MINUTES_MAX} minutes"))
        })?;
    }
    Ok(())
}

/// Whether a form may follow another version of itself: a word that stays means the same, so that the numbers of two
/// hours can stand in one column.
///
/// # Errors
/// [`Refusal::Invalid`] with the place.
pub fn check_next(before: &Form, next: &Form) -> Result<(), Refusal> {
    for (at, field) in next.fields.iter().enumerate() {
        let known = before.fields.iter().find(|known| known.key == field.key);
        let same = known.is_none_or(|known| match (&known.ask, &field.ask) {
            (Ask::Number { unit: old, .. }, Ask::Number { unit: new, .. }) => old.zh == new.zh,
            (old, new) => std::mem::discriminant(old) == std::mem::discriminant(new),
        });
        demand(same, || {
            invalid(
                format!("fields.{at}.key"),
                "another word: this one asked for something else before",
            )
        })?;
    }
    Ok(())
}

fn check_ask(at: usize, ask: &Ask) -> Result<(), Refusal> {
    let place = |part: &str| format!("fields.{at}.ask.{part}");
    match ask {
        Ask::Number { unit, min, max } => {
            let (least, most) = (min.unwrap_or(0), max.unwrap_or(NUMBER_MAX));
            let fits = least <= most && least >= -NUMBER_MAX && most <= NUMBER_MAX;
            demand(fits, || invalid(place("max"), "not below the least, within 10^12"))?;
            let short = unit.zh.chars().count() <= 10 && unit.en.chars().count() <= 20;
            demand(short, || invalid(place("unit"), "a short word"))
        }
        Ask::Money { max_fen } => demand(
            max_fen.is_none_or(|most| (1..=NUMBER_MAX * 100).contains(&most)),
            || invalid(place("max_fen"), "1 to 10^14 fen"),
        ),
        Ask::Text { chars_max } => demand((1..=TEXT_CHARS_MAX).contains(chars_max), || {
            invalid(place("chars_max"), format!("1 to {TEXT_CHARS_MAX}"))
        }),
        Ask::Choice { options } => {
            demand((2..=OPTIONS_MAX).contains(&options.len()), || {
                invalid(place("options"), format!("2 to {OPTIONS_MAX} choices"))
            })?;
            let mut keys = BTreeSet::new();
            for option in options {
                demand(is_key(&option.key) && keys.insert(&option.key), || {
                    invalid(place("options"), "words of a-z, 0-9 and _, each once")
                })?;
                check_title(&place("options"), &option.title)?;
            }
            Ok(())
        }
        Ask::YesNo => Ok(()),
    }
}

fn check_rhythm(rhythm: &Rhythm) -> Result<(), Refusal> {
    match rhythm {
        Rhythm::Daily { hours } => {
            let once: BTreeSet<&Hour> = hours.iter().collect();
            let fits = (1..=HOURS_MAX).contains(&hours.len()) && once.len() == hours.len();
            demand(fits, || invalid("rhythm.hours", "1 to 24 hours, each once"))
        }
        Rhythm::Weekly { weekdays, .. } => {
            let once: BTreeSet<&u8> = weekdays.iter().collect();
            let fits = !weekdays.is_empty()
                && once.len() == weekdays.len()
                && weekdays.iter().all(|day| (1..=7).contains(day));
            demand(fits, || {
                invalid("rhythm.weekdays", "1 (Monday) to 7 (Sunday), each once")
            })
        }
    }
}

/// Whether an emergency's interval and reason are in shape.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_emergency(minutes: i64, reason: &str) -> Result<(), Refusal> {
    // Hours of an emergency begin at midnight: an interval that does not divide the day would leave a short one.
    let fits = (EMERGENCY_MINUTES_MIN..=EMERGENCY_MINUTES_MAX).contains(&minutes) && 1_440 % minutes == 0;
    demand(fits, || {
        invalid(
            "minutes",
            "15 to 720 minutes that divide a day: 15, 20, 30, 60, 120, 180, 240, 360, 480, 720",
        )
    })?;
    check_reason(reason)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{form, words};
    use super::*;

    #[test]
    fn a_word_of_a_form_keeps_what_it_asks_for() {
        let mut next = form();
        next.fields.remove(4);
        next.fields[0].title = words("转移安置");
        assert_eq!(check_next(&form(), &next), Ok(()));
        next.fields[0].ask = Ask::Number {
            unit: words("户"),
            min: None,
            max: None,
        };
        assert!(check_next(&form(), &next).is_err(), "households are no people");
        next.fields[0].ask = Ask::Money { max_fen: None };
        assert!(check_next(&form(), &next).is_err());
    }

    #[test]
    fn a_form_that_is_not_whole_is_refused_at_its_place() {
        type Spoil = fn(&mut Form);
        let spoils: [(&str, Spoil); 8] = [
            ("title", |f| f.title.zh = " ".into()),
            ("fields", |f| f.fields.clear()),
            ("fields.1.key", |f| f.fields[1].key = "moved".into()),
            ("fields.0.title", |f| f.fields[0].title.zh = "两\n行".into()),
            ("fields.2.ask.chars_max", |f| {
                f.fields[2].ask = Ask::Text { chars_max: 0 }
            }),
            ("rhythm.hours", |f| f.rhythm = Rhythm::Daily { hours: vec![] }),
            ("last_day", |f| f.last_day = Some(f.first_day.plus_days(-1))),
            ("grace_minutes", |f| f.grace_minutes = 721),
        ];
        assert_eq!(check_form(&form()), Ok(()));
        for (place, spoil) in spoils {
            let mut spoilt = form();
            spoil(&mut spoilt);
            let refused = check_form(&spoilt);
            assert!(
                matches!(&refused, Err(Refusal::Invalid { field, .. }) if field == place),
                "{place}: {refused:?}"
            );
        }
        let text = serde_json::to_string(&form()).expect("JSON");
        assert_eq!(serde_json::from_str::<Form>(&text).expect("a form"), form());
    }
}
