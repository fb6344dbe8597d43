//! What is allowed, when a form is due, where a unit stands: pure decisions.

mod hours;
mod shape;

use kernel::{Fen, Instant};
use serde_json::Value;

pub use hours::{plan, reached};
pub use shape::{check_emergency, check_form, check_next};

use super::model::{Answers, Ask, Field, Form, REASON_CHARS_MAX, Slot, Standing, VERSIONS_MAX};

/// What may be asked for in one number: beyond any count of people or goods, far from the end of 64 bits.
const NUMBER_MAX: i64 = 1_000_000_000_000;
/// The largest draft: all fields of a form, each as long as it may be, and room for what is typed too much.
const DRAFT_BYTES_MAX: usize = 64 * 1024;

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

/// Whether a reason was given.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_reason(reason: &str) -> Result<(), Refusal> {
    let fits = (1..=REASON_CHARS_MAX).contains(&reason.trim().chars().count());
    demand(fits, || {
        invalid("reason", format!("1 to {REASON_CHARS_MAX} characters"))
    })
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
    if let Some(strange) = answers
        .keys()
        .find(|key| form.fields.iter().all(|field| field.key != **key))
    {
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
        Ask::YesNo => value
            .as_bool()
            .map(|yes| Some(Value::from(yes)))
            .ok_or("true or false".to_owned()),
    }
}

/// Whether a draft may be kept: it is not checked, only bounded.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_draft(form: &Form, answers: &Answers) -> Result<(), Refusal> {
    let known = answers
        .keys()
        .all(|key| form.fields.iter().any(|field| field.key == *key));
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

    use kernel::id::Id as _;
    use kernel::{BusinessDay, UnitId};

    use super::super::model::{ChoiceOption, FormId, Hour, MINUTE_MICROS, Rhythm, SlotId, Words};
    use super::*;

    pub(super) fn words(zh: &str) -> Words {
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

    pub(super) fn form() -> Form {
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

    pub(super) fn hour(text: &str) -> Hour {
        text.parse().expect("an hour")
    }

    pub(super) fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
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
}
