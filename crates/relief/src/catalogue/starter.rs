//! The starter catalogue that ships: everyday things with what is certain of them, from a file beside this one. Pure.

use std::collections::BTreeMap;

use super::model::Norm;
use crate::error::{ReliefError, invalid};

const ITEMS: &str = include_str!("starter.tsv");
const UNWANTED: &str = include_str!("starter_unwanted.txt");

/// An item of the starter catalogue. Its parts are named, for ids are each society's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarterItem {
    /// Its name.
    pub name: String,
    /// As much of its code as is certain: nothing, or the first digit.
    pub code: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit its pieces are counted in.
    pub base_unit: String,
    /// Other units: how many base units one of them holds.
    pub units: BTreeMap<String, i64>,
    /// Months it keeps, as is usual in trade.
    pub shelf_life_months: Option<i64>,
    /// Everyday names, the English one first.
    pub aliases: Vec<String>,
    /// An example of how much should be there.
    pub norm: Option<Norm>,
    /// What a kit is made of: an item's name and how many of its base units.
    pub parts: Vec<(String, i64)>,
}

/// The items that ship; a kit stands after its parts.
///
/// # Errors
/// [`ReliefError::Invalid`] for a line of the file that cannot be read: a fault of ours, which a test looks for.
pub fn items() -> Result<Vec<StarterItem>, ReliefError> {
    lines(ITEMS).map(item).collect()
}

/// What donors are asked not to bring, line by line.
pub fn unwanted() -> impl Iterator<Item = &'static str> {
    lines(UNWANTED)
}

const fn wrong() -> ReliefError {
    invalid("starter", "the starter catalogue that ships cannot be read")
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn item(line: &str) -> Result<StarterItem, ReliefError> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[
        name,
        english,
        code,
        grade,
        base_unit,
        units,
        months,
        aliases,
        norm,
        parts,
    ] = fields.as_slice()
    else {
        return Err(wrong());
    };
    let everyday = list(aliases).map(str::to_owned);
    Ok(StarterItem {
        name: name.to_owned(),
        code: code.to_owned(),
        grade: grade.to_owned(),
        base_unit: base_unit.to_owned(),
        units: list(units).map(number_of).collect::<Result<_, _>>()?,
        shelf_life_months: if months.is_empty() { None } else { Some(whole(months)?) },
        aliases: std::iter::once(english.to_owned()).chain(everyday).collect(),
        norm: norm_of(norm)?,
        parts: list(parts).map(number_of).collect::<Result<_, _>>()?,
    })
}

fn list(field: &str) -> impl Iterator<Item = &str> {
    field.split(';').filter(|one| !one.is_empty())
}

fn whole(text: &str) -> Result<i64, ReliefError> {
    text.parse().map_err(|_| wrong())
}

/// `箱=24` as a word and its number.
fn number_of(text: &str) -> Result<(String, i64), ReliefError> {
    let (word, number) = text.rsplit_once('=').ok_or_else(wrong)?;
    Ok((word.to_owned(), whole(number)?))
}

/// `100-100-200` as the least, the usual and the most.
fn norm_of(text: &str) -> Result<Option<Norm>, ReliefError> {
    if text.is_empty() {
        return Ok(None);
    }
    let numbers: Vec<i64> = text.split('-').map(whole).collect::<Result<_, _>>()?;
    let &[min, normal, max] = numbers.as_slice() else {
        return Err(wrong());
    };
    Ok(Some(Norm { min, normal, max }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue::rules::{alias_key, check_code_begun, check_norm, grade_marks};

    #[test]
    fn what_ships_is_whole_and_no_name_of_one_grade_means_an_item_of_another() {
        let items = items().expect("the file can be read");
        assert!((60..=150).contains(&items.len()), "{}", items.len());
        let (mut names, mut aliases) = (BTreeSet::new(), BTreeSet::new());
        for one in &items {
            assert!(check_code_begun(&one.code).is_ok(), "{}", one.name);
            let own = grade_marks(&format!("{} {}", one.name, one.grade));
            assert!(own.len() <= 1, "{}: an item has one grade", one.name);
            for words in &one.aliases {
                let said = grade_marks(words);
                assert!(said.is_empty() || said == own, "{words} is not {}", one.name);
                assert!(aliases.insert(alias_key(words)), "{words} means two things");
            }
            for (part, _) in &one.parts {
                assert!(names.contains(part), "{part} stands before {}", one.name);
            }
            assert!(one.norm.is_none_or(|norm| check_norm(norm).is_ok()), "{}", one.name);
            assert!(names.insert(one.name.clone()), "{} stands twice", one.name);
        }
        assert!(items.iter().any(|one| !one.parts.is_empty()), "a kit with its parts");
        assert!(unwanted().all(|words| words.chars().count() <= 60) && unwanted().count() > 3);
    }
}
