//! Places: the codes of GB/T 2260 (six digits, province to county) and the statistics bureau's nine digits for
//! townships, with the national table that `make gen` brings.
//!
//! Invariant: level, parent and subtree of a code are its digits; the table only gives names. A code that is missing from
//! the table may still be right (the table has a date, places are merged and renamed), so only its shape is refused.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A region code. JSON: a string of six or nine digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode(u32);

/// How deep a region lies, from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    /// 省、自治区、直辖市、特别行政区.
    Province,
    /// 地级市、州、盟.
    City,
    /// 县、区、县级市、旗.
    County,
    /// 乡、镇、街道.
    Township,
}

/// A text that is no region code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no region code: six digits, or nine for a township, are expected")]
pub struct RegionError(pub String);

/// The first two digits that GB/T 2260 knows.
const PROVINCES: [u32; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65, 71, 81, 82,
];
/// Six-digit codes end below this, nine-digit ones start above.
const SIX_DIGITS_MAX: u32 = 999_999;
/// Rows of the table that group counties without being a place; a full name leaves them out.
const GROUPS: [&str; 4] = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"];

impl RegionCode {
    /// Reads six or nine digits.
    ///
    /// # Errors
    /// [`RegionError`] for another shape, a province that does not exist, or digits below a level that is left out
    /// (`370013`: a county of no city).
    pub fn parse(text: &str) -> Result<Self, RegionError> {
        let wrong = || RegionError(text.chars().take(20).collect());
        if !matches!(text.len(), 6 | 9) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: u32 = text.parse().map_err(|_| wrong())?;
        let (six, township) = if text.len() == 9 {
            (number / 1_000, number % 1_000)
        } else {
            (number, 1)
        };
        let (province, city, county) = (six / 10_000, six / 100 % 100, six % 100);
        let complete = match (city, county) {
            (0, 0) => text.len() == 6,
            (0, _) => false,
            // A township right under a city: 东莞, 中山 and 儋州 have no counties.
            _ => township != 0,
        };
        if complete && PROVINCES.contains(&province) {
            Ok(Self(number))
        } else {
            Err(wrong())
        }
    }
    /// The level that the digits say.
    pub const fn level(self) -> RegionLevel {
        match self.0 {
            number if number > SIX_DIGITS_MAX => RegionLevel::Township,
            number if number.is_multiple_of(10_000) => RegionLevel::Province,
            number if number.is_multiple_of(100) => RegionLevel::City,
            _ => RegionLevel::County,
        }
    }
    /// The region right above; `None` for a province.
    pub const fn parent(self) -> Option<Self> {
        match self.level() {
            RegionLevel::Province => None,
            RegionLevel::City => Some(Self(self.0 / 10_000 * 10_000)),
            RegionLevel::County => Some(Self(self.0 / 100 * 100)),
            RegionLevel::Township => Some(Self(self.0 / 1_000)),
        }
    }
    /// Whether this region is `other` or lies somewhere below it.
    pub fn is_within(self, other: Self) -> bool {
        let mut at = Some(self);
        while let Some(region) = at {
            if region == other {
                return true;
            }
            at = region.parent();
        }
        false
    }
    /// Its own name in the national table, `兰山区`; `None` when the table does not list it.
    pub fn name(self) -> Option<&'static str> {
        let rows = &TABLE.rows;
        rows.binary_search_by_key(&self.sort_key(), |(code, _)| code.sort_key())
            .ok()
            .map(|at| rows[at].1)
    }
    /// The name from the province down, `山东省临沂市兰山区`; `None` when the table does not list it.
    pub fn full_name(self) -> Option<String> {
        let own = self.name()?;
        let above = self.parent().and_then(Self::full_name).unwrap_or_default();
        Some(if GROUPS.contains(&own) { above } else { above + own })
    }
    /// The regions right below it in the national table, in order of their codes.
    pub fn children(self) -> impl Iterator<Item = (Self, &'static str)> {
        let rows = &TABLE.rows;
        let from = rows.partition_point(|(code, _)| code.sort_key() <= self.sort_key());
        rows[from..]
            .iter()
            .copied()
            .take_while(move |(code, _)| code.is_within(self))
            .filter(move |(code, _)| code.parent() == Some(self))
    }
    /// Orders a region before its subtree and the subtree before the next region: all as nine digits.
    const fn sort_key(self) -> u32 {
        if self.0 > SIX_DIGITS_MAX {
            self.0
        } else {
            self.0 * 1_000
        }
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::str::FromStr for RegionCode {
    type Err = RegionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for RegionCode {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RegionCode {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

struct Table {
    about: &'static str,
    rows: Vec<(RegionCode, &'static str)>,
}

/// Written and sorted by `cargo xtask gen`; about a megabyte.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text: &'static str = include_str!(env!("SHANQIAO_REGIONS"));
    let (about, lines) = text.split_once('\n').unwrap_or_default();
    let row = |line: &'static str| {
        line.split_once('\t')
            .and_then(|(code, name)| Some((RegionCode::parse(code).ok()?, name)))
    };
    let mut rows: Vec<(RegionCode, &'static str)> = lines.lines().filter_map(row).collect();
    rows.sort_unstable_by_key(|(code, _)| code.sort_key());
    Table { about, rows }
});

/// Where the national table comes from and the day it describes, for pages and `doctor`:
/// name and version, `as_of` day, `published` day and number of rows, separated by tabs.
pub fn table_source() -> &'static str {
    TABLE.about.trim_start_matches("# ")
}

/// The day the national table describes, `YYYY-MM-DD`.
pub fn table_date() -> &'static str {
    TABLE
        .about
        .split('\t')
        .find_map(|part| part.strip_prefix("as_of "))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::parse(text).expect("a region code")
    }

    #[test]
    fn a_county_has_its_names_and_its_place_in_the_tree() {
        let lanshan = code("371302");
        assert_eq!(lanshan.level(), RegionLevel::County);
        assert_eq!(lanshan.name(), Some("兰山区"));
        assert_eq!(lanshan.full_name().as_deref(), Some("山东省临沂市兰山区"));
        assert_eq!(lanshan.parent(), Some(code("371300")));
        assert!(lanshan.is_within(code("370000")) && lanshan.is_within(lanshan));
        assert!(!lanshan.is_within(code("371400")) && !code("371300").is_within(lanshan));
    }

    #[test]
    fn a_township_has_nine_digits_and_lies_in_its_county() {
        let street = code("371302001");
        assert_eq!(street.level(), RegionLevel::Township);
        assert_eq!(street.full_name().as_deref(), Some("山东省临沂市兰山区兰山街道"));
        assert!(street.is_within(code("371302")) && street.is_within(code("370000")));
    }

    #[test]
    fn groups_of_counties_and_cities_without_counties_read_naturally() {
        assert_eq!(code("110101").full_name().as_deref(), Some("北京市东城区"));
        assert_eq!(code("429004").full_name().as_deref(), Some("湖北省仙桃市"));
        assert_eq!(code("441900003").full_name().as_deref(), Some("广东省东莞市东城街道"));
        assert_eq!(code("810000").full_name().as_deref(), Some("香港特别行政区"));
    }

    #[test]
    fn nonsense_is_refused_and_an_unlisted_place_is_not() {
        for text in [
            "",
            "37",
            "3713",
            "990000",
            "370013",
            "371300000",
            "37130a",
            "３７１３００",
            "000000",
            "370000001",
        ] {
            assert!(RegionCode::parse(text).is_err(), "{text}");
        }
        assert_eq!(code("371399").name(), None);
        assert_eq!(code("371399").full_name(), None);
    }

    #[test]
    fn the_table_is_whole_and_says_its_date() {
        assert_eq!(TABLE.rows.len(), 44_702, "{}", table_source());
        assert_eq!(table_date(), "2023-06-30");
        let counties: Vec<&str> = code("371300").children().map(|(_, name)| name).collect();
        assert_eq!(counties.len(), 13);
        assert_eq!((counties[0], counties[12]), ("兰山区", "临沂高新技术产业开发区"));
        let provinces = TABLE.rows.iter().filter(|(code, _)| code.parent().is_none()).count();
        assert_eq!(provinces, PROVINCES.len());
        let unnamed: Vec<String> = TABLE
            .rows
            .iter()
            .filter(|(c, _)| c.full_name().is_none_or(|n| n.is_empty()))
            .map(|(c, _)| c.to_string())
            .collect();
        assert!(unnamed.is_empty(), "{unnamed:?}");
    }

    #[test]
    fn codes_are_strings_in_json() {
        let text = serde_json::to_string(&code("371302")).expect("json");
        assert_eq!(text, "\"371302\"");
        assert_eq!(serde_json::from_str::<RegionCode>(&text).expect("json"), code("371302"));
        assert!(serde_json::from_str::<RegionCode>("\"3713\"").is_err());
    }
}
