//! Decisions about items: codes, grades, units, norms. Pure.

use kernel::BusinessDay;

use super::model::{Item, NewItem, Norm, NormAlert};
use crate::error::{ReliefError, invalid};
use crate::tables::rules::folded;

/// Characters of a name, a grade, an alias.
const NAME_CHARS_MAX: usize = 80;
/// Characters of a unit's word.
const UNIT_CHARS_MAX: usize = 8;
/// Other units of one item: piece, box, carton, pallet and their kin.
const UNITS_MAX: usize = 12;
/// Kinds of things in a kit: the family kit of a disaster has 17, that of a fire 20.
const PARTS_MAX: usize = 60;

/// Marks of grades that are taken for each other. A longer mark stands before one that it contains.
const MARKS: [&str; 9] = ["KN100", "KN95", "KN90", "KF94", "N100", "N99", "N95", "FFP3", "FFP2"];

/// Checks a code of GB/T 38565: 1 + 2 + 2 + 2 digits, the first 1 to 3, each pair 01 to 99 (R5.1).
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_code(code: &str) -> Result<(), ReliefError> {
    const WHY: &str = "seven digits of GB/T 38565 are expected: 1 to 3, then three pairs from 01 to 99";
    let fits = code.len() == 7
        && code.bytes().all(|b| b.is_ascii_digit())
        && matches!(code.as_bytes()[0], b'1'..=b'3')
        && code.as_bytes()[1..].chunks(2).all(|pair| pair != b"00");
    if fits { Ok(()) } else { Err(invalid("code", WHY)) }
}

/// Checks a code that may be begun: nothing yet, or 1, 3, 5 or 7 digits of it (R5.1). An officer completes it.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_code_begun(code: &str) -> Result<(), ReliefError> {
    // Whatever the pairs that are to come will be, they are no worse than 01.
    match code.len() {
        0 => Ok(()),
        1 | 3 | 5 => check_code(&format!("{code}{}", &"010101"[code.len() - 1..])),
        _ => check_code(code),
    }
}

/// The marks of grades that a text names, each once, in order.
pub fn grade_marks(text: &str) -> Vec<&'static str> {
    let mut rest = folded(text).to_uppercase();
    let mut found = Vec::new();
    for mark in MARKS {
        if rest.contains(mark) {
            found.push(mark);
            // KN95 contains N95: what is read is taken away.
            rest = rest.replace(mark, " ");
        }
    }
    found.sort_unstable();
    found
}

/// Whether a free text may become this item: it names no grade, or the item's own.
///
/// # Errors
/// [`ReliefError::Grade`].
pub fn check_grade(text: &str, item: &Item) -> Result<(), ReliefError> {
    let said = grade_marks(text).join("/");
    if said.is_empty() || said == item.grade_mark {
        return Ok(());
    }
    let own = if item.grade_mark.is_empty() {
        item.name.clone()
    } else {
        item.grade_mark.clone()
    };
    Err(ReliefError::Grade { said, item: own })
}

/// How an everyday name is kept and looked up: without white space, in capitals.
pub fn alias_key(text: &str) -> String {
    folded(text).to_uppercase()
}

fn check_text(field: &'static str, text: &str, least: usize, most: usize) -> Result<(), ReliefError> {
    let chars = text.trim().chars().count();
    if (least..=most).contains(&chars) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(invalid(field, "a short text without line breaks is expected"))
    }
}

/// Checks a new item; gives the mark of its grade.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_new(new: &NewItem) -> Result<String, ReliefError> {
    check_code(&new.code)?;
    check_shape(new)
}

/// Checks a new item in everything but its code; gives the mark of its grade.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_shape(new: &NewItem) -> Result<String, ReliefError> {
    check_text("name", &new.name, 1, NAME_CHARS_MAX)?;
    check_text("grade", &new.grade, 0, NAME_CHARS_MAX)?;
    check_text("base_unit", &new.base_unit, 1, UNIT_CHARS_MAX)?;
    if new.units.len() > UNITS_MAX || new.parts.len() > PARTS_MAX {
        return Err(invalid("units", "fewer units and parts are expected"));
    }
    for (word, per_base) in &new.units {
        check_text("units", word, 1, UNIT_CHARS_MAX)?;
        if *per_base < 1 || *word == new.base_unit {
            return Err(invalid("units", "each other unit holds one base unit or more"));
        }
    }
    if new.parts.iter().any(|(_, quantity)| *quantity < 1) {
        return Err(invalid("parts", "one or more of each part is expected"));
    }
    if new.shelf_life_months.is_some_and(|months| months < 1) {
        return Err(invalid("shelf_life_months", "one month or more is expected"));
    }
    let marks = grade_marks(&format!("{} {}", new.name, new.grade));
    match marks.as_slice() {
        [] => Ok(String::new()),
        [mark] => Ok((*mark).to_owned()),
        _ => Err(invalid("grade", "an item has one grade: make an item for each")),
    }
}

impl Item {
    /// How many base units one of this word holds.
    ///
    /// # Errors
    /// [`ReliefError::Units`] for a word the item does not know: nothing is guessed.
    pub fn per_base(&self, unit_word: &str) -> Result<i64, ReliefError> {
        let word = folded(unit_word);
        if word == self.base_unit {
            return Ok(1);
        }
        let known = self.units.get(&word).copied();
        known.ok_or_else(|| ReliefError::Units(unit_word.to_owned()))
    }
}

/// Checks a norm.
///
/// # Errors
/// [`ReliefError::Invalid`].
pub fn check_norm(norm: Norm) -> Result<(), ReliefError> {
    if 0 <= norm.min && norm.min <= norm.normal && norm.normal <= norm.max {
        Ok(())
    } else {
        Err(invalid("norm", "0 ≤ min ≤ normal ≤ max is expected"))
    }
}

/// What a norm says of so many base units.
pub const fn alert(norm: Norm, there: i64) -> Option<NormAlert> {
    if there < norm.min {
        Some(NormAlert::TooLittle)
    } else if there > norm.max {
        Some(NormAlert::TooMuch)
    } else {
        None
    }
}

/// The expiry of a kit: that of its earliest part; none where no part expires.
pub fn kit_expiry(parts: impl IntoIterator<Item = Option<BusinessDay>>) -> Option<BusinessDay> {
    parts.into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::UnitId;
    use kernel::id::Id as _;

    use super::*;
    use crate::ItemId;

    fn item(mark: &str) -> Item {
        Item {
            id: ItemId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            code: "1060201".into(),
            name: "口罩".into(),
            grade: String::new(),
            grade_mark: mark.into(),
            base_unit: "只".into(),
            units: BTreeMap::from([("箱".to_owned(), 480)]),
            shelf_life_months: None,
            parts: Vec::new(),
        }
    }

    #[test]
    fn a_code_has_seven_digits_in_one_and_three_pairs() {
        for code in ["1010101", "3999999", "2990199"] {
            assert!(check_code(code).is_ok(), "{code}");
        }
        for code in [
            "",
            "1",
            "10101",
            "4010101",
            "1000101",
            "10101011",
            "101010a",
            "1234567890123",
        ] {
            assert!(check_code(code).is_err(), "{code}");
        }
    }

    #[test]
    fn a_code_may_be_begun_in_whole_steps_only() {
        for code in ["", "1", "101", "10101", "1010101"] {
            assert!(check_code_begun(code).is_ok(), "{code}");
        }
        for code in ["4", "10", "100", "1010", "1010100", "口"] {
            assert!(check_code_begun(code).is_err(), "{code}");
        }
    }

    #[test]
    fn n95_is_not_kn95_however_it_is_written() {
        assert_eq!(grade_marks("带阀口罩 \u{a0}KN95"), ["KN95"]);
        assert_eq!(grade_marks("3M9010 n 95 口罩"), ["N95"]);
        assert_eq!(grade_marks("KN95、N95口罩"), ["KN95", "N95"]);
        assert_eq!(grade_marks("医用外科口罩"), Vec::<&str>::new());
        assert!(check_grade("N95口罩9132", &item("N95")).is_ok());
        assert!(
            check_grade("3M 9010", &item("N95")).is_ok(),
            "a model without a mark is a person's to map"
        );
        assert!(matches!(
            check_grade("KN95口罩", &item("N95")),
            Err(ReliefError::Grade { .. })
        ));
        assert!(check_grade("N95/KN95口罩", &item("N95")).is_err());
        assert!(check_grade("N95口罩", &item("")).is_err());
    }

    #[test]
    fn units_are_compared_only_through_the_items_own_words() {
        let item = item("");
        assert_eq!(item.per_base("箱").ok(), Some(480));
        assert_eq!(item.per_base(" 只\u{a0}").ok(), Some(1));
        assert!(matches!(item.per_base("件"), Err(ReliefError::Units(word)) if word == "件"));
    }

    #[test]
    fn a_kit_expires_with_its_earliest_part() {
        let day = |text| BusinessDay::parse(text).ok();
        assert_eq!(
            kit_expiry([day("2027-01-01"), None, day("2026-12-01")]),
            day("2026-12-01")
        );
        assert_eq!(kit_expiry([None, None]), None);
    }

    #[test]
    fn norms_warn_both_ways() {
        let norm = Norm {
            min: 100,
            normal: 100,
            max: 200,
        };
        assert_eq!(
            [99, 100, 200, 201].map(|there| alert(norm, there)),
            [Some(NormAlert::TooLittle), None, None, Some(NormAlert::TooMuch)]
        );
        assert!(
            check_norm(Norm {
                min: 3,
                normal: 2,
                max: 4
            })
            .is_err()
        );
    }
}
