//! `/coverage`: how far villages, shops and firms of the counties took part in giving off line. Counts and sums by county,
//! never by village (rules.md R1.14).

use kernel::{Fen, Instant};
use serde::Serialize;
use web::{Masthead, Page};

use super::common;

/// Seconds a shared cache may keep the page.
const CACHE_S: u32 = 60;

/// How far the counties are covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoveragePage {
    /// The society of the installation.
    pub masthead: Masthead,
    /// When these figures were read.
    pub as_of: Instant,
    /// Counties whose list is there.
    pub counties: usize,
    /// Of these, counties in which somebody gave.
    pub counties_that_gave: usize,
    /// All of it.
    pub whole: Covered,
    /// City by city; a city's own page has one area.
    pub areas: Vec<Area>,
}

/// A city with its counties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Area {
    /// Its short name.
    pub name: String,
    /// Its counties, by name.
    pub counties: Vec<County>,
}

/// A county.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct County {
    /// Its short name.
    pub name: String,
    /// What is known of it.
    #[serde(flatten)]
    pub covered: Covered,
}

/// How many are known and how many of them gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Share {
    /// Known.
    pub known: i64,
    /// Gave.
    pub gave: i64,
}

/// Villages, shops and firms, and what they gave together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Covered {
    /// Villages.
    pub villages: Share,
    /// Shops.
    pub shops: Share,
    /// Firms.
    pub firms: Share,
    /// The sum.
    pub sum_fen: Fen,
}

impl Page for CoveragePage {
    const TEMPLATE: &'static str = "coverage.html";

    fn samples() -> Vec<Self> {
        let share = |known, gave| Share { known, gave };
        let county = |name: &str, covered| County {
            name: name.into(),
            covered,
        };
        let first = Covered {
            villages: share(18, 16),
            shops: share(40, 12),
            firms: share(3, 3),
            sum_fen: Fen::new(1_640_050),
        };
        let second = Covered {
            villages: share(9, 0),
            ..Covered::default()
        };
        let whole = Covered {
            villages: share(27, 16),
            ..first
        };
        let full = Self {
            masthead: common::sample_masthead(),
            as_of: common::sample_instant("2026-05-08T02:36:00Z"),
            counties: 2,
            counties_that_gave: 1,
            whole,
            areas: vec![Area {
                name: "示范市".into(),
                counties: vec![county("示例县", first), county("样例区", second)],
            }],
        };
        let mut empty = full.clone();
        (empty.counties, empty.counties_that_gave) = (0, 0);
        empty.whole = Covered::default();
        empty.areas.clear();
        vec![full, empty]
    }
    fn cache_s(&self) -> u32 {
        CACHE_S
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
