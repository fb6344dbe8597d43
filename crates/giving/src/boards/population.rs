//! The file of population figures: `region_code,from,people,source` under a line of titles.

use kernel::{BusinessDay, RegionCode};

use super::error::BoardError;

/// Lines of a file: more than a province has counties, for several years.
pub const LINES_MAX: usize = 5_000;
/// The longest source, in characters.
const SOURCE_CHARS_MAX: usize = 200;
/// More people than any county has; a larger number is a slip of the key.
const PEOPLE_MAX: i64 = 20_000_000;
/// The line of titles.
pub const TITLES: &str = "region_code,from,people,source";

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its line, for words.
    pub line: usize,
    /// The county.
    pub region: RegionCode,
    /// From which day it holds.
    pub from: BusinessDay,
    /// How many people.
    pub people: i64,
    /// Where it was read.
    pub source: String,
}

/// Reads a file; the source may hold commas.
///
/// # Errors
/// [`BoardError::Invalid`] with the line.
pub fn parse(text: &str) -> Result<Vec<Figure>, BoardError> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1_usize..);
    let titles = lines.next().map(|(line, _)| line.trim()).unwrap_or_default();
    if titles != TITLES {
        return Err(invalid(1, &format!("the titles {TITLES} are expected")));
    }
    let figures = lines
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| figure(line, number))
        .collect::<Result<Vec<_>, _>>()?;
    if figures.is_empty() || figures.len() > LINES_MAX {
        return Err(invalid(2, &format!("1 to {LINES_MAX} lines are expected")));
    }
    Ok(figures)
}

fn invalid(line: usize, why: &str) -> BoardError {
    BoardError::Invalid {
        field: format!("line {line}"),
        why: why.to_owned(),
    }
}

fn figure(line: &str, number: usize) -> Result<Figure, BoardError> {
    let cells: Vec<&str> = line.splitn(4, ',').map(str::trim).collect();
    let [region, from, people, source] = cells.as_slice() else {
        return Err(invalid(number, "four columns are expected"));
    };
    let region = RegionCode::parse(region).map_err(|_| invalid(number, "a region code is expected"))?;
    let from = BusinessDay::parse(from).map_err(|_| invalid(number, "a day YYYY-MM-DD is expected"))?;
    let people: i64 = people
        .parse()
        .ok()
        .filter(|n| (1..=PEOPLE_MAX).contains(n))
        .ok_or_else(|| {
            invalid(
                number,
                &format!("a number of people from 1 to {PEOPLE_MAX} is expected"),
            )
        })?;
    let source = source.trim_matches('"').trim();
    if source.is_empty() || source.chars().count() > SOURCE_CHARS_MAX || source.chars().any(char::is_control) {
        return Err(invalid(number, "the source of the figure is expected"));
    }
    Ok(Figure {
        line: number,
        region,
        from,
        people,
        source: source.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_line_by_line_and_a_bad_line_is_named() {
        let text = format!("{TITLES}\n371323,2020-11-01,920000,第七次人口普查，常住人口\n\n");
        let figures = parse(&text).expect("a sound file");
        assert_eq!((figures.len(), figures[0].people, figures[0].line), (1, 920_000, 2));
        let error = parse(&format!("{TITLES}\n371323,2020-11-01,many,census")).expect_err("no number");
        assert!(error.to_string().starts_with("line 2"), "{error}");
        assert!(parse("code,people\n").is_err());
        assert!(parse(&format!("{TITLES}\n")).is_err(), "an empty file loads nothing");
    }
}
