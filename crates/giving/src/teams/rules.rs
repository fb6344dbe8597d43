//! What a team may be called, and how it moves through its life: pure functions.

use kernel::{Fen, Instant};

use super::error::TeamError;
use super::model::{Starter, TITLE_CHARS_MAX, Team, TeamState, WORDS_CHARS_MAX};

/// The longest key of a form: a UUID and room.
const KEY_CHARS_MAX: usize = 80;
/// The longest name and telephone of a starter.
const STARTER_CHARS_MAX: usize = 60;
/// The highest target: a hundred million yuan; more is a slip of the key.
const TARGET_FEN_MAX: i64 = 10_000_000_000;
/// The longest reason for closing.
const WHY_CHARS_MAX: usize = 200;
/// The longest word of a tag, as `?from=` carries it.
const TAG_CHARS_MAX: usize = 20;
/// Words that stand for addresses and accounts: names on boards are a place that sellers like (references.md 1).
const SPAM: [&str; 8] = ["http", "www.", ".com", ".cn", "微信", "加v", "qq", "代办"];

const fn invalid(field: &'static str, why: &'static str) -> TeamError {
    TeamError::Invalid { field, why }
}

fn one_line(text: &str, chars_max: usize) -> bool {
    let count = text.chars().count();
    (1..=chars_max).contains(&count) && !text.chars().any(char::is_control)
}

/// Whether a text carries an address or an account, or a row of digits as long as a telephone's.
pub fn looks_like_spam(text: &str) -> bool {
    let lower: String = text.to_lowercase();
    let digits = lower.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 7);
    digits || SPAM.iter().any(|word| lower.contains(word))
}

/// Checks name, words and target.
///
/// # Errors
/// [`TeamError::Invalid`] with the first field at fault.
pub fn check(title: &str, words: &str, target: Option<Fen>) -> Result<(), TeamError> {
    check_title(title)?;
    check_words(words)?;
    check_target(target)
}

/// Checks a name.
///
/// # Errors
/// [`TeamError::Invalid`].
pub fn check_title(title: &str) -> Result<(), TeamError> {
    if one_line(title.trim(), TITLE_CHARS_MAX) && !looks_like_spam(title) {
        Ok(())
    } else {
        Err(invalid("title", "1 to 30 characters, no address, account or telephone"))
    }
}

/// Checks what a team says of itself.
///
/// # Errors
/// [`TeamError::Invalid`].
pub fn check_words(words: &str) -> Result<(), TeamError> {
    if words.chars().count() <= WORDS_CHARS_MAX && !looks_like_spam(words) {
        Ok(())
    } else {
        Err(invalid(
            "words",
            "at most 300 characters, no address, account or telephone",
        ))
    }
}

/// Checks a target.
///
/// # Errors
/// [`TeamError::Invalid`].
pub fn check_target(target: Option<Fen>) -> Result<(), TeamError> {
    match target {
        Some(target) if !(1..=TARGET_FEN_MAX).contains(&target.get()) => {
            Err(invalid("target_fen", "above zero and at most 100,000,000 yuan"))
        }
        _ => Ok(()),
    }
}

/// Checks who starts a team.
///
/// # Errors
/// [`TeamError::Invalid`] with the field.
pub fn check_starter(starter: &Starter, key: &str) -> Result<(), TeamError> {
    if !one_line(starter.name.trim(), STARTER_CHARS_MAX) {
        return Err(invalid("starter.name", "1 to 60 characters"));
    }
    let digits = starter.phone.chars().filter(char::is_ascii_digit).count();
    if !(7..=15).contains(&digits) || !one_line(starter.phone.trim(), STARTER_CHARS_MAX) {
        return Err(invalid("starter.phone", "a telephone number"));
    }
    if !one_line(key, KEY_CHARS_MAX) {
        return Err(invalid("key", "1 to 80 characters, made once by the form"));
    }
    Ok(())
}

/// The word of a new tag: lower-case letters, digits and dashes; six digits alone are region codes.
///
/// # Errors
/// [`TeamError::Invalid`].
pub fn check_tag(code: &str) -> Result<(), TeamError> {
    let shape = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (2..=TAG_CHARS_MAX).contains(&code.len()) && code.chars().all(shape);
    let is_region = code.len() == 6 && code.chars().all(|c| c.is_ascii_digit());
    if fits && !is_region {
        Ok(())
    } else {
        Err(invalid(
            "code",
            "2 to 20 of a-z, 0-9 and -; six digits are a region code already",
        ))
    }
}

/// Opens a team: its name and words were read and found fit.
///
/// # Errors
/// [`TeamError::State`] unless it is a draft.
pub fn open(team: &mut Team, now: Instant) -> Result<(), TeamError> {
    match team.state {
        TeamState::Draft => {
            team.state = TeamState::Open { opened_at: now };
            Ok(())
        }
        _ => Err(TeamError::State(team.state.as_str())),
    }
}

/// Closes a team, or refuses a draft, with the reason.
///
/// # Errors
/// [`TeamError::State`] when it is closed.
pub fn close(team: &mut Team, why: &str, now: Instant) -> Result<(), TeamError> {
    let why = why.trim();
    if !one_line(why, WHY_CHARS_MAX) {
        return Err(invalid("why", "1 to 200 characters in one line"));
    }
    let opened_at = match team.state {
        TeamState::Draft => None,
        TeamState::Open { opened_at } => Some(opened_at),
        TeamState::Closed { .. } => return Err(TeamError::State("closed")),
    };
    team.state = TeamState::Closed {
        opened_at,
        closed_at: now,
        why: why.to_owned(),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::id::Id as _;
    use kernel::{ProjectId, TeamId, UnitId};

    fn team() -> Team {
        Team {
            id: TeamId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            project: ProjectId::from_bytes([3; 16]),
            title: "沂水一中八三班".into(),
            words: String::new(),
            target: None,
            state: TeamState::Draft,
            created_at: Instant::from_micros(0),
        }
    }

    #[test]
    fn a_team_is_opened_once_and_closed_once() {
        let (mut team, now) = (team(), Instant::from_micros(5));
        assert!(!team.state.is_public());
        open(&mut team, now).expect("a draft");
        assert!(open(&mut team, now).is_err(), "opened once");
        close(&mut team, "活动结束", now).expect("open");
        assert!(team.state.is_public(), "its page stays");
        assert!(close(&mut team, "again", now).is_err());
        let mut refused = self::team();
        close(&mut refused, "名称不合适", now).expect("a draft");
        assert!(!refused.state.is_public(), "a refused draft is never shown");
    }

    #[test]
    fn names_that_sell_something_are_refused() {
        for title in [
            "",
            "加V 领券",
            "www.example.org",
            "客服13800138000",
            "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一",
        ] {
            assert!(check_title(title).is_err(), "{title}");
        }
        check("蒙山脚下读书会 2026", "为乡村小学添书", Some(Fen::new(500_000))).expect("a fit name");
        assert!(check("队", "", Some(Fen::ZERO)).is_err());
    }

    #[test]
    fn tags_are_words_and_never_region_codes() {
        for code in ["school-3", "yishui", "a1"] {
            check_tag(code).expect(code);
        }
        for code in ["", "x", "371323", "大写", "UPPER", "with space"] {
            assert!(check_tag(code).is_err(), "{code}");
        }
    }
}
