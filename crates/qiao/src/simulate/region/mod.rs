//! The giving day of a whole province (M-04): three days, its cities and counties, 208 projects, gifts on our own page
//! and on a platform that matches, villages and firms that give off line.
//!
//! [`plan`] draws all of it from the seed alone and [`expected`] sums it up; [`land`] makes the units and projects,
//! [`files`] writes what the platform and the counties would hand in, [`play`] lets the three days happen on a clock of
//! their own, through the intake, the importers and the actions that a real day uses. What the house says afterwards is
//! compared with the plan by `crates/qiao/tests/regional.rs`.

pub mod expected;
pub mod files;
pub mod land;
pub mod plan;
pub mod play;

use kernel::BusinessDay;

/// What one permille of the full size is, so that every size keeps the proportions to the fen.
pub mod per_permille {
    /// Gifts on line: 210,000 in full.
    pub const GIFTS: i64 = 210;
    /// Their sum in yuan: 24,670,000.
    pub const GIFT_YUAN: i64 = 24_670;
    /// Villages that give off line: 3,000.
    pub const VILLAGES: i64 = 3;
    /// Firms that give off line, of ten permille: 300.
    pub const FIRMS_OF_TEN: i64 = 3;
    /// What villages and firms give, in yuan: 3,000,000.
    pub const OFFLINE_YUAN: i64 = 3_000;
    /// Gifts that the platform matches: 30,000.
    pub const MATCHES: i64 = 30;
    /// What the platform grants, in yuan: 1,200,000.
    pub const MATCH_YUAN: i64 = 1_200;
}

/// How many days it lasts.
pub const DAYS: usize = 3;
/// Projects of a province with 204 cities and counties.
pub const PROJECTS: usize = 208;
/// How gifts, and matches, are shared over the days, in permille: a strong opening, a pause, an end.
pub const GIFTS_OF_DAY: [i64; DAYS] = [450, 250, 300];
/// The same for sums.
pub const SUM_OF_DAY: [i64; DAYS] = [480, 240, 280];

/// Which giving day.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Thousandths of the full size; a multiple of ten.
    pub permille: i64,
    /// The same seed draws the same.
    pub seed: u64,
    /// The first of the three days.
    pub from: BusinessDay,
}

impl Size {
    /// The day with this index.
    pub fn day(&self, index: usize) -> BusinessDay {
        self.from.plus_days(i64::try_from(index).unwrap_or(0))
    }
}
