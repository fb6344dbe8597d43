//! How takings become a gift, and who may ask for them: pure functions.

use governance::duty::rules::mask_phone;
use kernel::{ActorId, BusinessDay, Fen};

use super::error::EventError;
use super::model::{Count, Counted, Deposit, Event, EventState, NewSolicitor, NewSource, Person, SourceKind};
use crate::donations::mask;

/// The longest title of an event and name of a source.
pub const NAME_CHARS_MAX: usize = 60;
/// The longest number on a slip or bank line.
pub const SLIP_CHARS_MAX: usize = 64;
/// The longest key of a form: a UUID and room.
const KEY_CHARS_MAX: usize = 80;
/// Who is younger is a minor (Civil Code art. 17).
const ADULT_YEARS: u8 = 18;
/// More years than anybody has.
const YEARS_MAX: u8 = 120;
/// Sources of one file: the villages of a large county, with its shops.
pub const SOURCES_MAX: usize = 5_000;
/// The most that an event takes; more is a slip of the key. Ten million yuan.
const TAKINGS_FEN_MAX: i64 = 1_000_000_000;
/// The line of titles of a file of sources.
pub const TITLES: &str = "kind,name";

const fn invalid(field: &'static str, why: &'static str) -> EventError {
    EventError::Invalid { field, why }
}

fn one_line(text: &str, chars_max: usize) -> bool {
    let count = text.trim().chars().count();
    (1..=chars_max).contains(&count) && !text.chars().any(char::is_control)
}

/// Checks a title and a form's key.
///
/// # Errors
/// [`EventError::Invalid`].
pub fn check_event(title: &str, key: &str) -> Result<(), EventError> {
    if !one_line(title, NAME_CHARS_MAX) {
        return Err(invalid("title", "1 to 60 characters in one line"));
    }
    check_key(key)
}

fn check_key(key: &str) -> Result<(), EventError> {
    if one_line(key, KEY_CHARS_MAX) {
        Ok(())
    } else {
        Err(invalid("key", "1 to 80 characters, made once by the form"))
    }
}

/// What a count made of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountOutcome {
    /// It is the first.
    First,
    /// It is the same as the other person's.
    Agreed,
    /// It differs: both count again.
    Differs,
    /// The same person said the same before.
    Known,
}

/// Takes a count.
///
/// # Errors
/// [`EventError::Invalid`], [`EventError::NotYet`] before the event, [`EventError::FourEyes`] when the same person counts
/// another sum, [`EventError::State`] once it is settled otherwise.
pub fn count(event: &mut Event, count: Count, today: BusinessDay) -> Result<CountOutcome, EventError> {
    if !(1..=TAKINGS_FEN_MAX).contains(&count.amount.get()) {
        return Err(invalid("amount_fen", "above zero and at most 10,000,000 yuan"));
    }
    if today < event.held_on {
        return Err(EventError::NotYet(event.held_on));
    }
    match &event.state {
        EventState::Planned => {
            event.state = EventState::CountedOnce(count);
            Ok(CountOutcome::First)
        }
        EventState::CountedOnce(first) if first.by == count.by => {
            if first.amount == count.amount {
                Ok(CountOutcome::Known)
            } else {
                Err(EventError::FourEyes)
            }
        }
        EventState::CountedOnce(first) if first.amount == count.amount => {
            event.state = EventState::Counted(Counted {
                first: first.by,
                second: count.by,
                amount: count.amount,
            });
            Ok(CountOutcome::Agreed)
        }
        EventState::CountedOnce(_) => {
            event.state = EventState::Planned;
            Ok(CountOutcome::Differs)
        }
        EventState::Counted(known) | EventState::Deposited(known, _) | EventState::Booked(known, ..) => {
            let counted = [known.first, known.second].contains(&count.by);
            if counted && known.amount == count.amount {
                Ok(CountOutcome::Known)
            } else {
                Err(EventError::State(event.state.as_str()))
            }
        }
    }
}

/// Notes that the takings were paid into the bank; gives whether that is new.
///
/// # Errors
/// [`EventError::State`] before two people have counted, or with another slip; [`EventError::Invalid`].
pub fn deposit(event: &mut Event, deposit: Deposit, today: BusinessDay) -> Result<bool, EventError> {
    if !one_line(&deposit.slip, SLIP_CHARS_MAX) {
        return Err(invalid("slip_no", "1 to 64 characters, as on the slip"));
    }
    if deposit.on < event.held_on || deposit.on > today {
        return Err(invalid("deposited_on", "a day from the event's to today"));
    }
    match &event.state {
        EventState::Counted(counted) => {
            event.state = EventState::Deposited(*counted, deposit);
            Ok(true)
        }
        EventState::Deposited(_, known) | EventState::Booked(_, known, _)
            if (known.account, &known.slip) == (deposit.account, &deposit.slip) =>
        {
            Ok(false)
        }
        other => Err(EventError::State(other.as_str())),
    }
}

/// Whether somebody may match the takings to a bank line: not who deposited them.
///
/// # Errors
/// [`EventError::State`], [`EventError::FourEyes`].
pub fn may_match(event: &Event, by: ActorId) -> Result<(Counted, Deposit), EventError> {
    match &event.state {
        EventState::Deposited(_, deposit) | EventState::Booked(_, deposit, _) if deposit.by == by => {
            Err(EventError::FourEyes)
        }
        EventState::Deposited(counted, deposit) | EventState::Booked(counted, deposit, _) => {
            Ok((*counted, deposit.clone()))
        }
        other => Err(EventError::State(other.as_str())),
    }
}

/// Somebody who asks for gifts, as a list may show her.
pub fn masked(person: &Person) -> Person {
    Person {
        name: mask::name(&person.name),
        guardian: person.guardian.as_deref().map(mask::name),
        phone: mask_phone(&person.phone),
    }
}

/// Checks who asks for gifts: a minor only with a guardian and his consent, and never with cash. Gives whether she is one.
///
/// # Errors
/// [`EventError::Guardian`], [`EventError::MinorCash`], [`EventError::Invalid`].
pub fn check_solicitor(new: &NewSolicitor, today: BusinessDay) -> Result<bool, EventError> {
    check_key(&new.key)?;
    if !one_line(&new.person.name, NAME_CHARS_MAX) {
        return Err(invalid("name", "1 to 60 characters"));
    }
    let digits = new.person.phone.chars().filter(char::is_ascii_digit).count();
    if !(7..=15).contains(&digits) || !one_line(&new.person.phone, NAME_CHARS_MAX) {
        return Err(invalid("phone", "a telephone number"));
    }
    if new.age_years > YEARS_MAX {
        return Err(invalid("age_years", "0 to 120"));
    }
    let minor = new.age_years < ADULT_YEARS;
    if minor {
        let named = new
            .person
            .guardian
            .as_deref()
            .is_some_and(|name| one_line(name, NAME_CHARS_MAX));
        if !named || new.consented_on.is_none_or(|day| day > today) {
            return Err(EventError::Guardian);
        }
        if new.handles_cash {
            return Err(EventError::MinorCash);
        }
    }
    Ok(minor)
}

/// Reads a file of villages, shops and firms; a line that stands twice counts once.
///
/// # Errors
/// [`EventError::Line`] with the line at fault.
pub fn sources(text: &str) -> Result<Vec<NewSource>, EventError> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1_usize..);
    if lines.next().map(|(line, _)| line.trim()) != Some(TITLES) {
        return Err(EventError::Line(1, "the titles kind,name are expected"));
    }
    let mut all = Vec::new();
    for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
        let (kind, name) = line
            .split_once(',')
            .ok_or(EventError::Line(number, "two columns are expected"))?;
        let kind: SourceKind = kind
            .trim()
            .parse()
            .map_err(|_| EventError::Line(number, "village, shop or firm is expected"))?;
        let name = name.trim().trim_matches('"').trim();
        if !one_line(name, NAME_CHARS_MAX) {
            return Err(EventError::Line(number, "a name of 1 to 60 characters is expected"));
        }
        let name = name.to_owned();
        all.push(NewSource { kind, name });
    }
    all.sort_unstable();
    all.dedup();
    if all.is_empty() || all.len() > SOURCES_MAX {
        return Err(EventError::Line(2, "1 to 5,000 lines are expected"));
    }
    Ok(all)
}

/// A name of a source without the blanks around it.
///
/// # Errors
/// [`EventError::Invalid`].
pub fn source_name(name: &str) -> Result<String, EventError> {
    if one_line(name, NAME_CHARS_MAX) {
        Ok(name.trim().to_owned())
    } else {
        Err(invalid("name", "1 to 60 characters in one line"))
    }
}

/// The longest reason of an end: a few sentences.
const REASON_CHARS_MAX: usize = 500;

/// A reason without the blanks around it.
///
/// # Errors
/// [`EventError::Invalid`].
pub fn end_reason(reason: &str) -> Result<String, EventError> {
    let reason = reason.trim();
    if (1..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        Ok(reason.to_owned())
    } else {
        Err(invalid("reason", "1 to 500 characters"))
    }
}

/// Checks the parts of an event's takings against what was counted.
///
/// # Errors
/// [`EventError::State`] before two people have counted, [`EventError::PartsTooMuch`].
pub fn check_parts(event: &Event, parts: impl Iterator<Item = Fen>) -> Result<(), EventError> {
    let counted = event
        .state
        .counted()
        .ok_or(EventError::State(event.state.as_str()))?
        .amount;
    let mut sum = Fen::ZERO;
    for part in parts {
        if !part.is_positive() {
            return Err(invalid("amount_fen", "above zero"));
        }
        sum = sum.plus(part).map_err(|_| EventError::PartsTooMuch(counted))?;
    }
    if sum > counted {
        return Err(EventError::PartsTooMuch(counted));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::model::{EventId, EventKind, Person};
    use super::*;
    use kernel::id::Id as _;
    use kernel::{Instant, ProjectId, ReceivingAccountId, UnitId};

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn event() -> Event {
        Event {
            id: EventId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            project: ProjectId::from_bytes([3; 16]),
            kind: EventKind::Sale,
            title: "东关小学义卖".into(),
            held_on: day("2026-05-08"),
            state: EventState::Planned,
            created_at: Instant::from_micros(0),
        }
    }

    fn by(n: u8, fen: i64) -> Count {
        Count {
            by: ActorId::from_bytes([n; 16]),
            amount: Fen::new(fen),
        }
    }

    #[test]
    fn two_people_must_come_to_the_same_sum() {
        let (mut event, today) = (event(), day("2026-05-08"));
        assert!(
            count(&mut event, by(1, 500), day("2026-05-07")).is_err(),
            "not before it is held"
        );
        assert_eq!(count(&mut event, by(1, 500), today).ok(), Some(CountOutcome::First));
        assert_eq!(count(&mut event, by(1, 500), today).ok(), Some(CountOutcome::Known));
        assert!(matches!(
            count(&mut event, by(1, 501), today),
            Err(EventError::FourEyes)
        ));
        assert_eq!(count(&mut event, by(2, 490), today).ok(), Some(CountOutcome::Differs));
        assert_eq!(event.state, EventState::Planned, "both count again");
        assert_eq!(count(&mut event, by(2, 500), today).ok(), Some(CountOutcome::First));
        assert_eq!(count(&mut event, by(1, 500), today).ok(), Some(CountOutcome::Agreed));
        assert!(count(&mut event, by(3, 900), today).is_err(), "counted is counted");
        assert_eq!(count(&mut event, by(1, 500), today).ok(), Some(CountOutcome::Known));
    }

    #[test]
    fn who_deposits_does_not_match_and_nothing_is_deposited_uncounted() {
        let (mut event, today) = (event(), day("2026-05-09"));
        let slip = |n: u8, no: &str| Deposit {
            account: ReceivingAccountId::from_bytes([9; 16]),
            on: today,
            slip: no.to_owned(),
            by: ActorId::from_bytes([n; 16]),
        };
        assert!(deposit(&mut event, slip(1, "S1"), today).is_err());
        count(&mut event, by(1, 500), today).expect("first");
        count(&mut event, by(2, 500), today).expect("second");
        assert!(
            may_match(&event, ActorId::from_bytes([3; 16])).is_err(),
            "not deposited"
        );
        assert!(
            deposit(&mut event, slip(1, "S1"), day("2026-05-08")).is_err(),
            "not tomorrow"
        );
        assert!(deposit(&mut event, slip(1, "S1"), today).expect("deposited"));
        assert!(!deposit(&mut event, slip(1, "S1"), today).expect("the same again"));
        assert!(
            deposit(&mut event, slip(1, "S2"), today).is_err(),
            "another slip is another deposit"
        );
        assert!(matches!(
            may_match(&event, ActorId::from_bytes([1; 16])),
            Err(EventError::FourEyes)
        ));
        assert!(may_match(&event, ActorId::from_bytes([2; 16])).is_ok());
    }

    #[test]
    fn a_minor_needs_a_guardian_and_never_handles_cash() {
        let today = day("2026-05-08");
        let mut little = NewSolicitor {
            event: EventId::from_bytes([1; 16]),
            person: Person {
                name: "小示例".into(),
                guardian: None,
                phone: "13800000000".into(),
            },
            age_years: 9,
            consented_on: Some(today),
            handles_cash: false,
            key: "k".into(),
        };
        assert!(matches!(check_solicitor(&little, today), Err(EventError::Guardian)));
        little.person.guardian = Some("示例家长".into());
        assert!(check_solicitor(&little, today).expect("with consent"));
        little.handles_cash = true;
        assert!(matches!(check_solicitor(&little, today), Err(EventError::MinorCash)));
        little.handles_cash = false;
        little.consented_on = Some(today.plus_days(1));
        assert!(matches!(check_solicitor(&little, today), Err(EventError::Guardian)));
        (little.age_years, little.handles_cash) = (18, true);
        assert!(!check_solicitor(&little, today).expect("an adult"));
    }

    #[test]
    fn parts_never_exceed_what_was_counted_and_a_file_names_its_bad_line() {
        let (mut event, today) = (event(), day("2026-05-08"));
        let part = |fen| std::iter::once(Fen::new(fen));
        assert!(check_parts(&event, part(1)).is_err(), "nothing was counted");
        count(&mut event, by(1, 500), today).expect("first");
        count(&mut event, by(2, 500), today).expect("second");
        assert!(check_parts(&event, part(500)).is_ok());
        assert!(matches!(
            check_parts(&event, part(501)),
            Err(EventError::PartsTooMuch(_))
        ));
        let file = sources("kind,name\nvillage,东岭村\nshop,\"老王超市\"\nvillage,东岭村\n").expect("sound");
        assert_eq!(file.len(), 2);
        assert!(matches!(
            sources("kind,name\nschool,一中\n"),
            Err(EventError::Line(2, _))
        ));
    }
}
