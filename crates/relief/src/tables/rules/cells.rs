//! Single cells: white space, quantities, days, names of places.

use std::collections::HashSet;
use std::sync::LazyLock;

use kernel::{BusinessDay, RegionCode};
use time::{Date, Month};

use super::super::model::Cell;

/// Years in which a delivery can lie; anything else is a broken cell.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;
/// No delivery counts more pieces than this; a longer number is a telephone or a batch in the wrong column.
const QUANTITY_MAX: i64 = 1_000_000_000_000;
/// A unit's word is short; longer text in a quantity is a remark.
const UNIT_CHARS_MAX: usize = 8;

/// Characters that say nothing: white space of every kind, zero-width ones, byte order marks.
pub(super) fn is_white(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{180e}' | '\u{00ad}' | '\0'
        )
}

/// Without white space at the ends and with one blank where there was some inside.
pub fn tidied(text: &str) -> String {
    let zero_width = |c: char| is_white(c) && !c.is_whitespace();
    let visible: String = text.chars().filter(|c| !zero_width(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without any white space: what two spellings of one name have in common.
pub fn folded(text: &str) -> String {
    text.chars().filter(|c| !is_white(*c)).collect()
}

/// A full-width digit or sign as its plain one.
fn plain(c: char) -> char {
    match c {
        '０'..='９' | '．' | '，' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

/// Why a quantity cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantityFault {
    /// No digits, or digits that are no number.
    Unreadable,
    /// A part of one: goods are counted in whole units.
    NotWhole,
    /// Zero or below, or beyond anything that was ever delivered.
    OutOfRange,
}

impl QuantityFault {
    /// The reason's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "quantity_unreadable",
            Self::NotWhole => "quantity_not_whole",
            Self::OutOfRange => "quantity_out_of_range",
        }
    }
}

/// Reads `198`, `12 000 支`, `1,200`, `198箱`: the number, and the unit when the cell names it.
///
/// # Errors
/// [`QuantityFault`].
pub fn quantity(text: &str) -> Result<(i64, Option<String>), QuantityFault> {
    let text: String = folded(text).chars().map(plain).collect();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.')))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(QuantityFault::Unreadable);
    }
    let digits: String = if whole.contains(',') {
        grouped(whole).ok_or(QuantityFault::Unreadable)?
    } else {
        whole.to_owned()
    };
    if part.bytes().any(|b| b != b'0') {
        return Err(QuantityFault::NotWhole);
    }
    let value: i64 = digits.parse().map_err(|_| QuantityFault::OutOfRange)?;
    if !(1..=QUANTITY_MAX).contains(&value) {
        return Err(QuantityFault::OutOfRange);
    }
    let is_word = unit.chars().count() <= UNIT_CHARS_MAX && !unit.chars().any(|c| c.is_ascii_digit());
    match unit {
        "" => Ok((value, None)),
        unit if is_word => Ok((value, Some(unit.to_owned()))),
        _ => Err(QuantityFault::Unreadable),
    }
}

/// `1,200,000` → digits, when the groups are of three.
fn grouped(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let first = groups.next()?;
    let fits = (1..=3).contains(&first.len()) && text.split(',').skip(1).all(|group| group.len() == 3);
    fits.then(|| text.replace(',', ""))
}

/// The day a cell names: a spreadsheet's day number, `2020-01-30`, `20200130`, `2020年1月30日`, `1月30日` and `截至28日`
/// beside a day that is known.
pub(super) fn day(cell: &Cell, epoch_1904: bool, near: Option<BusinessDay>) -> Option<BusinessDay> {
    let text = folded(&cell.text);
    let whole = text.split('.').next().unwrap_or_default();
    if cell.is_number && whole.len() <= 6 {
        return serial(whole.parse().ok()?, epoch_1904);
    }
    if whole.len() == 8 && whole.bytes().all(|b| b.is_ascii_digit()) {
        return BusinessDay::from_number(whole.parse().ok()?)
            .ok()
            .filter(|day| YEARS.contains(&day.year()));
    }
    day_in_words(&text, near)
}

fn serial(number: i64, epoch_1904: bool) -> Option<BusinessDay> {
    let start = if epoch_1904 {
        Date::from_calendar_date(1904, Month::January, 1)
    } else {
        Date::from_calendar_date(1899, Month::December, 30)
    };
    let day = BusinessDay::from_date(start.ok()?).plus_days(number);
    YEARS.contains(&day.year()).then_some(day)
}

/// The first day that words name; month and year come from `near` where they are left out.
pub(super) fn day_in_words(text: &str, near: Option<BusinessDay>) -> Option<BusinessDay> {
    let numbers = numbers(text);
    let made = |year: i64, month: i64, day: i64| {
        let day = BusinessDay::from_number(year * 10_000 + month * 100 + day).ok()?;
        YEARS.contains(&day.year()).then_some(day)
    };
    let near = near.map(|day| (i64::from(day.year()), day.to_number() / 100 % 100));
    match numbers.as_slice() {
        [(year, a), (month, b), (day, _), ..] if *year > 1_900 && is_year(*a) && is_month(*b) => {
            made(*year, *month, *day)
        }
        [(month, '月'), (day, '日' | '号'), ..] => made(near?.0, *month, *day),
        [(day, '日' | '号')] => made(near?.0, near?.1, *day),
        _ => None,
    }
}

const fn is_year(mark: char) -> bool {
    matches!(mark, '年' | '-' | '/' | '.')
}

const fn is_month(mark: char) -> bool {
    matches!(mark, '月' | '-' | '/' | '.')
}

/// The numbers of a text, each with the character that follows it.
fn numbers(text: &str) -> Vec<(i64, char)> {
    let mut found = Vec::new();
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if !digits.is_empty() {
            if let Ok(number) = digits.parse() {
                found.push((number, c));
            }
            digits.clear();
        }
    }
    found
}

/// Names of provinces, cities and counties.
static PLACES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let mut names = HashSet::new();
    let provinces = (11..=82).filter_map(|number| RegionCode::parse(&format!("{number}0000")).ok());
    let mut open: Vec<RegionCode> = provinces.collect();
    while let Some(region) = open.pop() {
        names.extend(region.name());
        if region.level() < kernel::RegionLevel::County {
            open.extend(region.children().map(|(code, _)| code));
        }
    }
    names
});

/// Whether a name is a place's alone: nobody receives goods under it, so it goes on in the next row.
pub(super) fn is_place(name: &str) -> bool {
    PLACES.contains(folded(name).as_str())
}

/// Whether a name begins with a place's.
pub(super) fn begins_with_place(name: &str) -> bool {
    let name = folded(name);
    let ends = name.char_indices().skip(2).map(|(at, _)| at).chain([name.len()]);
    ends.take(8).any(|end| PLACES.contains(&name[..end]))
}
