//! What is allowed, when a form is due, where a unit stands: pure decisions.

use std::collections::BTreeSet;

use kernel::{BusinessDay, Fen, Instant, UnitId};
use serde_json::Value;

use super::model::{
    Answers, Ask, EMERGENCY_MINUTES_MAX, EMERGENCY_MINUTES_MIN, Emergency, FIELDS_MAX, Field, Form, HOURS_MAX, Hour,
    MINUTE_MICROS, OPTIONS_MAX, Planned, REASON_CHARS_MAX, Reach, Rhythm, Slot, Standing, TEXT_CHARS_MAX,
    TITLE_CHARS_MAX, UNITS_MAX, VERSIONS_MAX, Words,
};
use crate::approvals::policy::is_key;
use crate::network::Unit;

/// The longest grace and the longest time of a reminder: half a day.
const MINUTES_MAX: i64 = 720;
/// What may be asked for in one number: beyond any count of people or goods, far from the end of 64 bits.
const NUMBER_MAX: i64 = 1_000_000_000_000;
/// The deepest line of units walked upward.
const DEPTH_MAX: usize = 16;
/// The largest draft: all fields of a form, each as long as it may be, and room for what is typed too much.
const DRAFT_BYTES_MAX: usize = 64 * 1024;
/// An hour may be handed in from the hour before, at most so long before it: half a day.
const OPENS_MICROS_MAX: i64 = 12 * 60 * MINUTE_MICROS;

/// Why something is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A value is out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: String,
        /// What is expected.
        why: String,
    },
    /// The hour’s time has not come.
    #[error("it may be handed in from {0:?} on")]
    NotOpen(Instant),
    /// The form is closed.
    #[error("the form is closed")]
    Closed,
    /// The same as before.
    #[error("it says what the version before says")]
    Unchanged,
    /// Corrected too often.
    #[error("it was corrected {VERSIONS_MAX} times")]
    TooOften,
}

/// A refusal with its field.
pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Refusal {
    Refusal::Invalid {
        field: field.into(),
        why: why.into(),
    }
}

fn demand(holds: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal()) }
}

fn check_title(field: &str, words: &Words) -> Result<(), Refusal> {
    let line = |text: &str| text.chars().count() <= TITLE_CHARS_MAX && !text.chars().any(char::is_control);
    let fits = !words.zh.trim().is_empty() && line(&words.zh) && line(&words.en);
    demand(fits, || invalid(field, format!("one line of 1 to {TITLE_CHARS_MAX} characters")))
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
            invalid(format!("fields.{at}.key"), "another word: this one asked for something else before")
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
        Ask::Money { max_fen } => demand(max_fen.is_none_or(|most| (1..=NUMBER_MAX * 100).contains(&most)), || {
            invalid(place("max_fen"), "1 to 10^14 fen")
        }),
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
            demand(fits, || invalid("rhythm.weekdays", "1 (Monday) to 7 (Sunday), each once"))
        }
    }
}

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
        Reach::Children => open().filter(|unit| unit.parent == Some(asking)).map(|unit| unit.id).collect(),
        Reach::AllBelow => open().filter(|unit| is_below(unit)).map(|unit| unit.id).collect(),
        Reach::Chosen { units: chosen } => {
            let wanted: BTreeSet<UnitId> = chosen.iter().map(|unit| unit.0).collect();
            let found: Vec<UnitId> = open()
                .filter(|unit| wanted.contains(&unit.id) && is_below(unit))
                .map(|unit| unit.id)
                .collect();
            demand(found.len() == wanted.len(), || invalid("units", "open units below this one"))?;
            found
        }
    };
    demand((1..=UNITS_MAX).contains(&found.len()), || {
        invalid("units", format!("1 to {UNITS_MAX} open units below this one"))
    })?;
    Ok(found)
}

/// Whether an emergency's interval and reason are in shape.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_emergency(minutes: i64, reason: &str) -> Result<(), Refusal> {
    // Hours of an emergency begin at midnight: an interval that does not divide the day would leave a short one.
    let fits = (EMERGENCY_MINUTES_MIN..=EMERGENCY_MINUTES_MAX).contains(&minutes) && 1_440 % minutes == 0;
    demand(fits, || {
        invalid("minutes", "15 to 720 minutes that divide a day: 15, 20, 30, 60, 120, 180, 240, 360, 480, 720")
    })?;
    check_reason(reason)
}

/// Whether a reason was given.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_reason(reason: &str) -> Result<(), Refusal> {
    let fits = (1..=REASON_CHARS_MAX).contains(&reason.trim().chars().count());
    demand(fits, || invalid("reason", format!("1 to {REASON_CHARS_MAX} characters")))
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
            weekdays.iter().filter(|day| **day == today).map(|_| hour.on(day)).collect()
        }
    };
    let mut all: Vec<(Instant, bool)> = own.iter().map(|at| (*at, false)).collect();
    if let Some(emergency) = emergency {
        let minutes = (0..1_440).step_by(usize::try_from(emergency.minutes.max(1)).unwrap_or(1));
        let extra = minutes.filter_map(Hour::from_minutes).map(|hour| hour.on(day));
        all.extend(extra.filter(|at| *at > emergency.since && !own.contains(at)).map(|at| (at, true)));
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

/// Where a unit stands at an hour.
pub fn standing(slot: &Slot, first_at: Option<Instant>, now: Instant) -> Standing {
    match first_at {
        Some(at) if at <= slot.late_at => Standing::HandedIn,
        Some(_) => Standing::Late,
        None if now > slot.late_at => Standing::Missing,
        None => Standing::Waiting,
    }
}

/// Answers as they are stored: those of fields that are there, in shape; texts trimmed, empty ones left out.
///
/// # Errors
/// [`Refusal::Invalid`] with the field `answers.KEY`.
pub fn checked(form: &Form, answers: &Answers) -> Result<Answers, Refusal> {
    if let Some(strange) = answers.keys().find(|key| form.fields.iter().all(|field| field.key != **key)) {
        return Err(invalid(format!("answers.{strange}"), "no field of this form"));
    }
    let mut kept = Answers::new();
    for field in &form.fields {
        let place = || format!("answers.{}", field.key);
        let given = answers.get(&field.key).filter(|value| !value.is_null());
        match given.map(|value| answer(field, value)).transpose() {
            Ok(Some(Some(value))) => {
                kept.insert(field.key.clone(), value);
            }
            Ok(Some(None) | None) => demand(!field.required, || invalid(place(), "an answer is needed"))?,
            Err(why) => return Err(invalid(place(), why)),
        }
    }
    Ok(kept)
}

fn answer(field: &Field, value: &Value) -> Result<Option<Value>, String> {
    let whole = |least: i64, most: i64| match value.as_i64() {
        Some(number) if (least..=most).contains(&number) => Ok(Some(Value::from(number))),
        _ => Err(format!("a whole number from {least} to {most}")),
    };
    match &field.ask {
        Ask::Number { min, max, .. } => whole(min.unwrap_or(0), max.unwrap_or(NUMBER_MAX)),
        Ask::Money { max_fen } => whole(0, max_fen.unwrap_or(NUMBER_MAX * 100)),
        Ask::Text { chars_max } => {
            let text = value.as_str().ok_or("words are expected")?.trim();
            let fits = i64::try_from(text.chars().count()).is_ok_and(|chars| chars <= *chars_max);
            if fits {
                Ok((!text.is_empty()).then(|| Value::from(text)))
            } else {
                Err(format!("at most {chars_max} characters"))
            }
        }
        Ask::Choice { options } => {
            let key = value.as_str().unwrap_or_default();
            if options.iter().any(|option| option.key == key) {
                Ok(Some(Value::from(key)))
            } else {
                Err("one of the choices".to_owned())
            }
        }
        Ask::YesNo => value.as_bool().map(|yes| Some(Value::from(yes))).ok_or("true or false".to_owned()),
    }
}

/// Whether a draft may be kept: it is not checked, only bounded.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_draft(form: &Form, answers: &Answers) -> Result<(), Refusal> {
    let known = answers.keys().all(|key| form.fields.iter().any(|field| field.key == *key));
    let bytes = serde_json::to_vec(answers).map_or(usize::MAX, |text| text.len());
    demand(known && bytes <= DRAFT_BYTES_MAX, || {
        invalid("answers", "fields of this form, at most 64 KiB together")
    })
}

/// Whether another version may be handed in after these.
///
/// # Errors
/// [`Refusal::NotOpen`], [`Refusal::TooOften`], [`Refusal::Invalid`] for a correction without its reason.
pub fn may_hand_in(slot: &Slot, last_version: i64, reason: &str, now: Instant) -> Result<(), Refusal> {
    demand(now >= slot.opens_at, || Refusal::NotOpen(slot.opens_at))?;
    demand(last_version < VERSIONS_MAX, || Refusal::TooOften)?;
    if last_version > 0 {
        check_reason(reason)?;
    }
    Ok(())
}

/// The sum of a field over answers, where it is added up; nothing when it is not, or when it passes 64 bits.
pub fn sum<'a>(field: &Field, answers: impl Iterator<Item = &'a Answers>) -> Option<i64> {
    let mut values = answers.filter_map(|all| all.get(&field.key).and_then(Value::as_i64));
    match field.ask {
        Ask::Number { .. } => values.try_fold(0i64, i64::checked_add),
        Ask::Money { .. } => Fen::sum(values.map(Fen::new)).ok().map(Fen::get),
        Ask::Text { .. } | Ask::Choice { .. } | Ask::YesNo => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::model::{ChoiceOption, FormId, SlotId};
    use super::*;
    use kernel::UnitId;
    use kernel::id::Id as _;

    fn words(zh: &str) -> Words {
        Words {
            zh: zh.into(),
            en: String::new(),
        }
    }

    fn field(key: &str, required: bool, ask: Ask) -> Field {
        Field {
            key: key.into(),
            title: words(key),
            required,
            ask,
        }
    }

    fn form() -> Form {
        let option = |key: &str| ChoiceOption {
            key: key.into(),
            title: words(key),
        };
        let number = Ask::Number {
            unit: words("人"),
            min: None,
            max: Some(100_000),
        };
        Form {
            title: words("灾情日报"),
            fields: vec![
                field("moved", true, number),
                field("need", false, Ask::Money { max_fen: None }),
                field("words", false, Ask::Text { chars_max: 5 }),
                field(
                    "road",
                    false,
                    Ask::Choice {
                        options: vec![option("open"), option("cut")],
                    },
                ),
                field("power", false, Ask::YesNo),
            ],
            rhythm: Rhythm::Daily {
                hours: vec![hour("08:00"), hour("18:00")],
            },
            first_day: day("2026-05-08"),
            last_day: None,
            grace_minutes: 15,
            remind_minutes: 30,
        }
    }

    fn hour(text: &str) -> Hour {
        text.parse().expect("an hour")
    }

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

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
        assert_eq!(plan(&form(), None, before, day("2026-05-07")), [], "not before its first day");
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
        assert_eq!(beijing(&planned), ["08 14:00", "08 16:00", "08 18:00", "08 20:00", "08 22:00"]);
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
    fn late_is_after_the_grace_and_missing_is_not_there_by_then() {
        let due = hour("18:00").on(day("2026-05-08"));
        let late = due.plus_micros(15 * MINUTE_MICROS);
        let slot = Slot {
            id: SlotId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            form: FormId::from_bytes([3; 16]),
            version: 1,
            opens_at: due.plus_micros(-1),
            due_at: due,
            late_at: late,
            is_emergency: false,
            reminded_at: None,
            alerted_at: None,
        };
        let after = late.plus_micros(1);
        assert_eq!(standing(&slot, None, late), Standing::Waiting);
        assert_eq!(standing(&slot, None, after), Standing::Missing);
        assert_eq!(standing(&slot, Some(late), after), Standing::HandedIn);
        assert_eq!(standing(&slot, Some(after), after), Standing::Late);
        assert_eq!(may_hand_in(&slot, 0, "", due), Ok(()));
        assert_eq!(
            may_hand_in(&slot, 0, "", due.plus_micros(-2)),
            Err(Refusal::NotOpen(slot.opens_at))
        );
        assert!(may_hand_in(&slot, 1, " ", due).is_err(), "a correction says why");
        assert_eq!(may_hand_in(&slot, 1, "漏报一村", due), Ok(()));
        assert_eq!(may_hand_in(&slot, VERSIONS_MAX, "又错", due), Err(Refusal::TooOften));
    }

    fn given(value: Value) -> Answers {
        value.as_object().expect("an object").clone().into_iter().collect()
    }

    #[test]
    fn answers_are_kept_in_shape_and_what_is_wrong_names_its_field() {
        let kept = checked(
            &form(),
            &given(json!({"moved": 12, "need": 100, "words": " 好 ", "road": "cut", "power": true})),
        );
        let kept = kept.expect("in shape");
        assert_eq!(kept["words"], json!("好"));
        assert_eq!(kept.len(), 5);
        let kept = checked(&form(), &given(json!({"moved": 0, "words": "  ", "need": null}))).expect("in shape");
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["moved"]);
        for (answers, place) in [
            (json!({}), "answers.moved"),
            (json!({"moved": -1}), "answers.moved"),
            (json!({"moved": 100_001}), "answers.moved"),
            (json!({"moved": 1.5}), "answers.moved"),
            (json!({"moved": 1, "need": -1}), "answers.need"),
            (json!({"moved": 1, "words": "六个字的回答"}), "answers.words"),
            (json!({"moved": 1, "road": "gone"}), "answers.road"),
            (json!({"moved": 1, "power": "yes"}), "answers.power"),
            (json!({"moved": 1, "other": 1}), "answers.other"),
        ] {
            let refused = checked(&form(), &given(answers.clone()));
            assert!(
                matches!(&refused, Err(Refusal::Invalid { field, .. }) if field == place),
                "{answers}: {refused:?}"
            );
        }
    }

    #[test]
    fn numbers_and_sums_of_money_are_added_and_words_are_not() {
        let form = form();
        let all = [
            given(json!({"moved": 3, "need": 5})),
            given(json!({"moved": 4})),
            Answers::new(),
        ];
        let of = |at: usize| sum(&form.fields[at], all.iter());
        assert_eq!((of(0), of(1), of(2), of(4)), (Some(7), Some(5), None, None));
        let over = [given(json!({"need": i64::MAX})), given(json!({"need": 1}))];
        assert_eq!(sum(&form.fields[1], over.iter()), None, "never a wrong sum");
    }

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

    #[test]
    fn a_form_that_is_not_whole_is_refused_at_its_place() {
        type Spoil = fn(&mut Form);
        let spoils: [(&str, Spoil); 8] = [
            ("title", |f| f.title.zh = " ".into()),
            ("fields", |f| f.fields.clear()),
            ("fields.1.key", |f| f.fields[1].key = "moved".into()),
            ("fields.0.title", |f| f.fields[0].title.zh = "两\n行".into()),
            ("fields.2.ask.chars_max", |f| f.fields[2].ask = Ask::Text { chars_max: 0 }),
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
