//! Who writes in the thread of a case, and what a message looks like.

use kernel::ActorId;

use super::{Refusal, demand, invalid};
use crate::approvals::model::{Entry, Event, TITLE_CHARS_MAX, WORDS_CHARS_MAX};

/// The longest key of a message, in characters.
const KEY_CHARS_MAX: usize = 64;

/// Whether somebody asked, was given a seat at a stage, or was asked as a deputy.
pub fn takes_part(entries: &[Entry], who: ActorId) -> bool {
    entries.iter().any(|entry| match &entry.event {
        Event::Submitted { .. } => entry.by == Some(who),
        Event::Opened { seats, .. } => seats.iter().any(|seat| seat.0 == who),
        Event::Seated { person, .. } => person.0 == who,
        Event::Escalated { deputies, .. } => deputies.iter().any(|deputy| deputy.0 == who),
        _ => false,
    })
}

/// Whether a message says something, in words or by a named file, and can be told from the same one sent again.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_message(key: &str, words: &str, file: Option<&str>) -> Result<(), Refusal> {
    let is_key = (1..=KEY_CHARS_MAX).contains(&key.chars().count()) && !key.chars().any(char::is_control);
    demand(is_key, invalid("key", "1 to 64 characters"))?;
    let is_said = file.is_some() || !words.trim().is_empty();
    let fits = words.chars().count() <= WORDS_CHARS_MAX;
    demand(is_said && fits, invalid("words", "1 to 4,000 characters, or a file"))?;
    let name = file.unwrap_or("-");
    let named = (1..=TITLE_CHARS_MAX).contains(&name.trim().chars().count()) && !name.chars().any(char::is_control);
    demand(named, invalid("file_name", "one line of 1 to 100 characters"))
}
