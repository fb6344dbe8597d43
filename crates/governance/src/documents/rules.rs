//! What a document may be, to whom it may go, by what it is found: pure decisions.

use std::collections::BTreeSet;

use kernel::{Instant, UnitId};

use super::model::{
    BODY_CHARS_MAX, Document, KEY_CHARS_MAX, NewDocument, PART_NAME_CHARS_MAX, PARTS_MAX, REASON_CHARS_MAX,
    RECIPIENTS_MAX, Receipt, State, TITLE_CHARS_MAX, To,
};
use crate::network::Unit;

/// The deepest line of units walked upward.
const DEPTH_MAX: usize = 16;
/// A unit is reminded by hand at most once in so long.
const REMIND_PAUSE_MICROS: i64 = 3_600 * 1_000_000;
/// The longest time to confirm: a year.
const CONFIRM_MICROS_MAX: i64 = 366 * 86_400 * 1_000_000;
/// Pairs of characters that a search asks for.
const ASKED_MAX: usize = 8;

/// Why something is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A value is out of shape.
    #[error("{field}: {why}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is expected.
        why: &'static str,
    },
    /// It was withdrawn.
    #[error("it was withdrawn")]
    Withdrawn,
    /// Everybody has confirmed, or was reminded within the hour.
    #[error("nobody is left to be reminded")]
    NobodyToRemind,
}

const fn invalid(field: &'static str, why: &'static str) -> Refusal {
    Refusal::Invalid { field, why }
}

fn demand(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}

fn is_line(text: &str, chars_max: usize) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control)
}

/// Whether a document is whole.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_new(new: &NewDocument, now: Instant) -> Result<(), Refusal> {
    demand(
        is_line(&new.title, TITLE_CHARS_MAX),
        invalid("title", "one line of 1 to 120 characters"),
    )?;
    let is_key = (1..=KEY_CHARS_MAX).contains(&new.key.len()) && new.key.bytes().all(|b| b.is_ascii_graphic());
    demand(is_key, invalid("key", "1 to 64 visible ASCII characters"))?;
    let body = new.body.trim();
    demand(
        body.chars().count() <= BODY_CHARS_MAX && (!body.is_empty() || !new.parts.is_empty()),
        invalid("body", "1 to 20,000 characters, or a file"),
    )?;
    demand(new.parts.len() <= PARTS_MAX, invalid("files", "at most 10 files"))?;
    let once: BTreeSet<[u8; 32]> = new.parts.iter().map(|part| part.sha256).collect();
    let named = new.parts.iter().all(|part| is_line(&part.name, PART_NAME_CHARS_MAX));
    demand(
        named && once.len() == new.parts.len(),
        invalid("files", "each once, with a name of 1 to 100 characters"),
    )?;
    let in_time = new
        .confirm_by
        .is_none_or(|by| by > now && by <= now.plus_micros(CONFIRM_MICROS_MAX));
    demand(in_time, invalid("confirm_by", "a moment to come, within a year"))
}

/// The open units that a document of this unit goes to: each lies below or above it.
///
/// # Errors
/// [`Refusal::Invalid`] when there is none, too many, or one that is closed or lies elsewhere.
pub fn recipients(units: &[Unit], sender: UnitId, to: &To) -> Result<Vec<UnitId>, Refusal> {
    let parent_of = |id: UnitId| units.iter().find(|unit| unit.id == id).and_then(|unit| unit.parent);
    let above = |id: UnitId| std::iter::successors(parent_of(id), |id| parent_of(*id)).take(DEPTH_MAX);
    let open = || units.iter().filter(|unit| unit.is_open()).map(|unit| unit.id);
    let is_below = |id: UnitId| above(id).any(|one| one == sender);
    let found: Vec<UnitId> = match to {
        To::Above => open().filter(|id| parent_of(sender) == Some(*id)).collect(),
        To::Children => open().filter(|id| parent_of(*id) == Some(sender)).collect(),
        To::AllBelow => open().filter(|id| is_below(*id)).collect(),
        To::Chosen(chosen) => {
            let wanted: BTreeSet<UnitId> = chosen.iter().copied().collect();
            let higher: BTreeSet<UnitId> = above(sender).collect();
            let found: Vec<UnitId> = open()
                .filter(|id| wanted.contains(id) && (is_below(*id) || higher.contains(id)))
                .collect();
            demand(
                found.len() == wanted.len(),
                invalid("units", "open units below or above this one"),
            )?;
            found
        }
    };
    demand(
        (1..=RECIPIENTS_MAX).contains(&found.len()),
        invalid("units", "1 to 500 open units below or above this one"),
    )?;
    Ok(found)
}

/// The printed number: 沂水县〔2026〕3号.
pub fn code(short_name: &str, year: i64, number: i64) -> String {
    format!("{short_name}〔{year}〕{number}号")
}

fn folded(text: &str) -> Vec<char> {
    let letters = text.chars().flat_map(char::to_lowercase);
    letters.filter(|c| c.is_alphanumeric()).collect()
}

/// The pairs of characters by which a document is found: letters and digits, folded, of title and number.
pub fn grams(text: &str) -> BTreeSet<String> {
    folded(text).windows(2).map(|pair| pair.iter().collect()).collect()
}

/// The pairs of characters that a search asks for, all of which must be there.
///
/// # Errors
/// [`Refusal::Invalid`] for fewer than two letters or digits.
pub fn asked(text: &str) -> Result<Vec<String>, Refusal> {
    let all: Vec<String> = grams(text).into_iter().take(ASKED_MAX).collect();
    demand(!all.is_empty(), invalid("q", "two letters or digits at least"))?;
    Ok(all)
}

/// Whether a document may still be read, confirmed, reminded of or withdrawn.
///
/// # Errors
/// [`Refusal::Withdrawn`].
pub fn stands(document: &Document) -> Result<(), Refusal> {
    demand(document.state == State::Sent, Refusal::Withdrawn)
}

/// Whether a reason of a withdrawal is in shape.
///
/// # Errors
/// [`Refusal::Invalid`].
pub fn check_reason(reason: &str) -> Result<(), Refusal> {
    demand(
        is_line(reason, REASON_CHARS_MAX),
        invalid("reason", "one line of 1 to 200 characters"),
    )
}

/// The units that have not confirmed and were not reminded within the hour.
///
/// # Errors
/// [`Refusal::NobodyToRemind`].
pub fn to_remind(receipts: &[Receipt], now: Instant) -> Result<Vec<UnitId>, Refusal> {
    let rested = |at: Instant| at <= now.plus_micros(-REMIND_PAUSE_MICROS);
    let open = receipts.iter().filter(|receipt| receipt.confirmed.is_none());
    let found: Vec<UnitId> = open
        .filter(|receipt| receipt.reminded_at.is_none_or(rested))
        .map(|receipt| receipt.unit)
        .collect();
    demand(!found.is_empty(), Refusal::NobodyToRemind)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{ActorId, RegionCode};

    use super::super::model::Part;
    use super::*;
    use crate::network::{Books, UnitState};

    fn id(n: u8) -> UnitId {
        UnitId::from_bytes([n; 16])
    }

    fn unit(n: u8, parent: Option<u8>) -> Unit {
        Unit {
            id: id(n),
            parent: parent.map(id),
            name: String::new(),
            short_name: String::new(),
            region: RegionCode::parse("371300").expect("a region"),
            books: Books::Above,
            brand_color: String::new(),
            contact: String::new(),
            phone: String::new(),
            address: String::new(),
            seal: None,
            created_at: Instant::from_micros(0),
            state: UnitState::Open,
        }
    }

    fn new() -> NewDocument {
        NewDocument {
            key: "one".into(),
            unit: id(1),
            to: To::Children,
            title: "关于做好防汛值班的通知".into(),
            body: "请各县严格执行。".into(),
            parts: Vec::new(),
            reply_to: None,
            confirm_by: None,
        }
    }

    #[test]
    fn documents_go_up_and_down_the_line_and_never_to_neighbours() {
        let mut all = vec![unit(1, None), unit(2, Some(1)), unit(3, Some(2)), unit(4, Some(1))];
        let to = |sender: u8, to: &To| recipients(&all, id(sender), to);
        assert_eq!(to(1, &To::Children), Ok(vec![id(2), id(4)]));
        assert_eq!(to(1, &To::AllBelow), Ok(vec![id(2), id(3), id(4)]));
        assert_eq!(to(3, &To::Above), Ok(vec![id(2)]));
        assert_eq!(to(3, &To::Chosen(vec![id(1), id(2)])), Ok(vec![id(1), id(2)]));
        for (sender, wrong) in [
            (1, To::Above),
            (3, To::Children),
            (2, To::Chosen(vec![id(4)])),
            (2, To::Chosen(vec![id(2)])),
        ] {
            assert!(to(sender, &wrong).is_err(), "{wrong:?}");
        }
        all[3].state = UnitState::Closed {
            at: Instant::from_micros(1),
        };
        assert_eq!(recipients(&all, id(1), &To::Children), Ok(vec![id(2)]));
    }

    #[test]
    fn a_document_has_a_title_and_a_text_or_a_file() {
        let now = Instant::from_micros(1_000);
        assert_eq!(check_new(&new(), now), Ok(()));
        let part = Part {
            name: "方案.pdf".into(),
            sha256: [1; 32],
        };
        let mut filed = new();
        filed.body = " ".into();
        assert!(check_new(&filed, now).is_err());
        filed.parts = vec![part.clone()];
        assert_eq!(check_new(&filed, now), Ok(()));
        filed.parts.push(part);
        assert!(check_new(&filed, now).is_err(), "each file once");
        let mut past = new();
        past.confirm_by = Some(now);
        assert!(check_new(&past, now).is_err());
        let mut strange = new();
        strange.key = "a b".into();
        assert!(check_new(&strange, now).is_err());
        let mut long = new();
        long.title = "长".repeat(121);
        assert!(check_new(&long, now).is_err());
    }

    #[test]
    fn a_document_is_found_by_pairs_of_its_title_and_number() {
        let known = grams(&format!("{} {}", "关于防汛值班的通知", code("沂水县", 2026, 13)));
        for search in ["防汛", "汛值班", "2026", "〔2026〕13号", "沂水"] {
            let asked = asked(search).expect("a search");
            assert!(asked.iter().all(|pair| known.contains(pair)), "{search}: {asked:?}");
        }
        assert!(!asked("抗旱").expect("a search").iter().all(|pair| known.contains(pair)));
        assert_eq!(asked("PDF文").expect("a search"), ["df", "f文", "pd"]);
        for bad in ["", "防", " - "] {
            assert!(asked(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn who_has_confirmed_or_was_just_reminded_is_left_alone() {
        let now = Instant::from_micros(10 * REMIND_PAUSE_MICROS);
        let receipt = |n: u8, confirmed: bool, reminded: Option<i64>| Receipt {
            unit: id(n),
            read: None,
            confirmed: confirmed.then(|| (ActorId::from_bytes([9; 16]), now)),
            reminded_at: reminded.map(|before| now.plus_micros(-before)),
        };
        let all = [
            receipt(1, false, None),
            receipt(2, true, None),
            receipt(3, false, Some(REMIND_PAUSE_MICROS - 1)),
            receipt(4, false, Some(REMIND_PAUSE_MICROS)),
        ];
        assert_eq!(to_remind(&all, now), Ok(vec![id(1), id(4)]));
        assert_eq!(to_remind(&all[1..3], now), Err(Refusal::NobodyToRemind));
    }
}
