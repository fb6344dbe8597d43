//! Dated parameters: every number that a law or a yearly rule sets, with its source, read by the business date of the
//! record it is applied to and never by today's (law 11).
//!
//! The table that ships is `parameters.tsv`; an installation keeps its own copy in the database, edits it there and builds
//! [`Parameters`] from the rows. A key may have several rows whose times follow one another.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{BusinessDay, Fen};

/// One value for one span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// `plan.filing_lead_days`.
    pub key: String,
    /// What holds.
    pub value: ParameterValue,
    /// What the value counts: `days`, `months`, `yuan`, `share`, …
    pub unit: String,
    /// The law, rule or practice it comes from, in its own language.
    pub legal_ref: String,
    /// How surely it is known.
    pub seen: Seen,
    /// The first day it holds; `None`: as long as records reach back.
    pub from: Option<BusinessDay>,
    /// The last day it holds; `None`: until further notice.
    pub to: Option<BusinessDay>,
}

/// The value of a parameter. As text (the database's form): `10`, `70%`, `true`, `100,300`, `unset`, or a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// A whole number of the unit.
    Whole(i64),
    /// A share in parts of ten thousand: 70 % is 7,000.
    Share(i64),
    /// Several whole numbers, rising.
    Steps(Vec<i64>),
    /// Yes or no.
    Flag(bool),
    /// A word, a time, a day of the year or a pattern.
    Text(String),
    /// Known to exist, its value not: the check that would use it is off.
    Unset,
}

/// Where the number was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// In the text of the law or rule.
    Source,
    /// In the text of a local rule or one platform's rule, which an installation elsewhere will want to edit.
    Local,
    /// In a secondary source.
    Secondary,
    /// Nowhere yet: from memory, to be checked.
    Unchecked,
    /// Decided by this project.
    Decided,
    /// Looked for and not found.
    Missing,
}

/// Why a parameter cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// No row of this key holds on that day.
    #[error("no value of the parameter “{key}” holds on {day}")]
    NotInForce {
        /// The key asked for.
        key: String,
        /// The day asked for.
        day: BusinessDay,
    },
    /// The row holds another kind of value.
    #[error("the parameter “{key}” is {found}, not {wanted}")]
    WrongKind {
        /// The key asked for.
        key: String,
        /// What the row holds, as text.
        found: String,
        /// The kind asked for.
        wanted: &'static str,
    },
    /// Two rows of one key hold on one day, or a row ends before it begins.
    #[error("the times of the parameter “{0}” overlap or run backwards")]
    Times(String),
    /// A line of a table that cannot be read; its number.
    #[error("line {0} of the parameter table cannot be read")]
    Line(usize),
}

/// A table of parameters without overlaps, ordered by key and time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    rows: Vec<Parameter>,
}

const SHIPPED: &str = include_str!("parameters.tsv");
const COLUMNS: usize = 7;

impl Parameters {
    /// A table of these rows, in any order.
    ///
    /// # Errors
    /// [`ParameterError::Times`] when two rows of one key overlap.
    pub fn new(mut rows: Vec<Parameter>) -> Result<Self, ParameterError> {
        rows.sort_by(|a, b| (&a.key, a.from).cmp(&(&b.key, b.from)));
        let backwards = rows
            .iter()
            .find(|row| row.to.is_some_and(|to| row.from.is_some_and(|from| to < from)));
        let overlap = rows
            .windows(2)
            .find(|pair| pair[0].key == pair[1].key && !ends_before(&pair[0], &pair[1]));
        match backwards.or(overlap.map(|pair| &pair[0])) {
            Some(row) => Err(ParameterError::Times(row.key.clone())),
            None => Ok(Self { rows }),
        }
    }
    /// The table that ships, for `init`.
    ///
    /// # Errors
    /// [`ParameterError::Line`] or [`ParameterError::Times`]; a test keeps the shipped table free of both.
    pub fn shipped() -> Result<Self, ParameterError> {
        Self::parse(SHIPPED)
    }
    /// Reads the columns `key value unit from to seen legal_ref`, tab-separated, under a line of titles.
    ///
    /// # Errors
    /// [`ParameterError::Line`] with the number of the line, [`ParameterError::Times`].
    pub fn parse(text: &str) -> Result<Self, ParameterError> {
        let lines = text
            .lines()
            .enumerate()
            .skip(1)
            .filter(|(_, line)| !line.trim().is_empty());
        let rows = lines.map(|(at, line)| row(line).ok_or(ParameterError::Line(at + 1)));
        Self::new(rows.collect::<Result<_, _>>()?)
    }
    /// All rows, by key and time.
    pub fn rows(&self) -> &[Parameter] {
        &self.rows
    }
    /// The row of this key that holds on the day.
    ///
    /// # Errors
    /// [`ParameterError::NotInForce`].
    pub fn at(&self, key: &str, day: BusinessDay) -> Result<&Parameter, ParameterError> {
        let from = self.rows.partition_point(|row| row.key.as_str() < key);
        let mine = self.rows[from..].iter().take_while(|row| row.key == key);
        let missing = || ParameterError::NotInForce {
            key: key.to_owned(),
            day,
        };
        mine.into_iter().find(|row| row.holds_on(day)).ok_or_else(missing)
    }
    /// A whole number; `None` when the value is known to be missing.
    ///
    /// # Errors
    /// [`ParameterError::NotInForce`], [`ParameterError::WrongKind`].
    pub fn whole(&self, key: &str, day: BusinessDay) -> Result<Option<i64>, ParameterError> {
        match &self.at(key, day)?.value {
            ParameterValue::Whole(number) => Ok(Some(*number)),
            ParameterValue::Unset => Ok(None),
            other => Err(wrong_kind(key, other, "a whole number")),
        }
    }
    /// A share in parts of ten thousand, for [`Fen::share_of`].
    ///
    /// # Errors
    /// [`ParameterError::NotInForce`], [`ParameterError::WrongKind`].
    pub fn share(&self, key: &str, day: BusinessDay) -> Result<i64, ParameterError> {
        match &self.at(key, day)?.value {
            ParameterValue::Share(parts) => Ok(*parts),
            other => Err(wrong_kind(key, other, "a share")),
        }
    }
    /// An amount that the table keeps in whole yuan.
    ///
    /// # Errors
    /// [`ParameterError::NotInForce`], [`ParameterError::WrongKind`] also for an amount beyond 64 bits of fen.
    pub fn yuan(&self, key: &str, day: BusinessDay) -> Result<Fen, ParameterError> {
        let row = self.at(key, day)?;
        match (&row.value, row.unit.as_str()) {
            (ParameterValue::Whole(yuan), "yuan") => yuan
                .checked_mul(100)
                .map(Fen::new)
                .ok_or_else(|| wrong_kind(key, &row.value, "an amount")),
            (other, _) => Err(wrong_kind(key, other, "an amount in yuan")),
        }
    }
}

impl Parameter {
    /// Whether it holds on this day.
    pub fn holds_on(&self, day: BusinessDay) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

impl ParameterValue {
    /// Reads the text form. What is no number, share, list, flag or `unset` is a text.
    pub fn parse(text: &str) -> Self {
        if let Ok(number) = text.parse() {
            return Self::Whole(number);
        }
        if let Some(percent) = text.strip_suffix('%').and_then(|p| Fen::parse_yuan(p).ok()) {
            // Percent with two decimals and yuan with two decimals are the same arithmetic.
            return Self::Share(percent.get());
        }
        if let Some(steps) = text
            .split(',')
            .map(|step| step.parse().ok())
            .collect::<Option<Vec<i64>>>()
        {
            return Self::Steps(steps);
        }
        match text {
            "true" => Self::Flag(true),
            "false" => Self::Flag(false),
            "unset" => Self::Unset,
            other => Self::Text(other.to_owned()),
        }
    }
}

impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Share(parts) if parts % 100 == 0 => write!(f, "{}%", parts / 100),
            Self::Share(parts) => write!(f, "{}%", Fen::new(*parts).to_yuan()),
            Self::Steps(steps) => f.write_str(&steps.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(text) => f.write_str(text),
            Self::Unset => f.write_str("unset"),
        }
    }
}

impl Seen {
    /// The tag of the research notes: `S`, `S local`, `S2`, `M`, `D`, `GAP`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Some(match tag {
            "S" => Self::Source,
            "S local" => Self::Local,
            "S2" => Self::Secondary,
            "M" => Self::Unchecked,
            "D" => Self::Decided,
            "GAP" => Self::Missing,
            _ => return None,
        })
    }
    /// The tag this was read from.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Source => "S",
            Self::Local => "S local",
            Self::Secondary => "S2",
            Self::Unchecked => "M",
            Self::Decided => "D",
            Self::Missing => "GAP",
        }
    }
}

fn ends_before(first: &Parameter, second: &Parameter) -> bool {
    matches!((first.to, second.from), (Some(to), Some(from)) if to < from)
}

fn wrong_kind(key: &str, found: &ParameterValue, wanted: &'static str) -> ParameterError {
    ParameterError::WrongKind {
        key: key.to_owned(),
        found: found.to_string(),
        wanted,
    }
}

fn row(line: &str) -> Option<Parameter> {
    let cells: Vec<&str> = line.split('\t').collect();
    if cells.len() != COLUMNS || cells[0].is_empty() || cells[1].is_empty() || cells[6].is_empty() {
        return None;
    }
    let day = |text: &str| {
        if text.is_empty() {
            Some(None)
        } else {
            BusinessDay::parse(text).ok().map(Some)
        }
    };
    Some(Parameter {
        key: cells[0].to_owned(),
        value: ParameterValue::parse(cells[1]),
        unit: cells[2].to_owned(),
        from: day(cells[3])?,
        to: day(cells[4])?,
        seen: Seen::from_tag(cells[5])?,
        legal_ref: cells[6].to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDay {
        BusinessDay::parse(text).expect("a day")
    }

    fn dated(value: &str, from: &str, to: &str) -> Parameter {
        row(&format!("fee.max\t{value}\tshare\t{from}\t{to}\tS\t某办法")).expect("a row")
    }

    #[test]
    fn the_shipped_table_reads_whole() {
        let table = Parameters::shipped().expect("a sound table");
        let now = day("2026-11-22");
        assert_eq!(table.rows().len(), SHIPPED.lines().count() - 1);
        assert_eq!(table.whole("plan.filing_lead_days", now), Ok(Some(10)));
        assert_eq!(table.whole("plan.max_duration_days", now), Ok(None));
        assert_eq!(table.share("ratio.mgmt_max.association", now), Ok(1_300));
        assert_eq!(
            table.yuan("ratio.mgmt_exempt_below_yuan", now),
            Ok(Fen::new(20_000_000))
        );
        let stars = &table.at("vol.star_hours", now).expect("stars").value;
        assert_eq!(*stars, ParameterValue::Steps(vec![100, 300, 600, 1000, 1500]));
    }

    #[test]
    fn a_rule_holds_from_its_first_day_and_not_before() {
        let table = Parameters::shipped().expect("a sound table");
        assert_eq!(table.share("ratio.fundraising_cost_max", day("2026-04-27")), Ok(300));
        let before = table
            .share("ratio.fundraising_cost_max", day("2026-04-26"))
            .expect_err("not yet in force");
        assert_eq!(
            before.to_string(),
            "no value of the parameter “ratio.fundraising_cost_max” holds on 2026-04-26"
        );
    }

    #[test]
    fn the_business_date_picks_between_an_old_and_a_new_rule() {
        let table = Parameters::new(vec![dated("12.5%", "2026-01-01", ""), dated("15%", "", "2025-12-31")])
            .expect("no overlap");
        assert_eq!(table.share("fee.max", day("2025-12-31")), Ok(1_500));
        assert_eq!(table.share("fee.max", day("2026-01-01")), Ok(1_250));
    }

    #[test]
    fn rows_that_overlap_or_run_backwards_are_refused() {
        let overlap = vec![dated("15%", "", "2026-01-01"), dated("12%", "2026-01-01", "")];
        assert_eq!(Parameters::new(overlap), Err(ParameterError::Times("fee.max".into())));
        let open = vec![dated("15%", "2020-01-01", ""), dated("12%", "2026-01-01", "")];
        assert_eq!(Parameters::new(open), Err(ParameterError::Times("fee.max".into())));
        let backwards = vec![dated("15%", "2026-01-02", "2026-01-01")];
        assert_eq!(Parameters::new(backwards), Err(ParameterError::Times("fee.max".into())));
    }

    #[test]
    fn values_keep_their_text_and_their_kind() {
        for text in [
            "10",
            "-3",
            "70%",
            "12.50%",
            "true",
            "100,300",
            "unset",
            "05-31",
            "10:00",
            r"[123](\d{2}){0,3}",
        ] {
            assert_eq!(ParameterValue::parse(text).to_string(), text);
        }
        let table = Parameters::shipped().expect("a sound table");
        assert!(matches!(
            table.share("disc.annual_deadline", day("2026-05-01")),
            Err(ParameterError::WrongKind { .. })
        ));
        assert!(matches!(
            table.yuan("disc.interval_months", day("2026-05-01")),
            Err(ParameterError::WrongKind { .. })
        ));
        assert_eq!(Parameters::parse("titles\nbad line"), Err(ParameterError::Line(2)));
    }
}
