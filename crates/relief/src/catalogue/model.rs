//! Items as values.

use std::collections::BTreeMap;

use kernel::UnitId;

use crate::ItemId;

/// An item: one thing of one standard grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Whose catalogue.
    pub unit: UnitId,
    /// Seven digits of GB/T 38565; fewer or none until an officer completes what the starter catalogue began.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The standard and grade it meets (`GB 19083-2010`); empty where there is none.
    pub grade: String,
    /// The grade's mark (`N95`), as [`super::rules::grade_marks`] finds it in name and grade.
    pub grade_mark: String,
    /// The unit its pieces are counted in.
    pub base_unit: String,
    /// Other units: how many base units one of them holds.
    pub units: BTreeMap<String, i64>,
    /// Months it keeps, where it has a shelf life.
    pub shelf_life_months: Option<i64>,
    /// What a kit is made of: item and how many base units of it. Empty for what is no kit.
    pub parts: Vec<(ItemId, i64)>,
}

/// An item to be added.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Whose catalogue.
    pub unit: UnitId,
    /// Seven digits of GB/T 38565.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Standard and grade.
    pub grade: String,
    /// The unit its pieces are counted in.
    pub base_unit: String,
    /// Other units.
    pub units: BTreeMap<String, i64>,
    /// Months it keeps.
    pub shelf_life_months: Option<i64>,
    /// What a kit is made of.
    pub parts: Vec<(ItemId, i64)>,
}

/// How much of an item should be there, in base units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Norm {
    /// Below this, more must come.
    pub min: i64,
    /// What is usual.
    pub normal: i64,
    /// Above this, some should go.
    pub max: i64,
}

/// Whether a starter catalogue brings its example norms: they are of a society of millions, and a norm warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleNorms {
    /// No norms: the society sets its own.
    Left,
    /// Where an item has none yet.
    Set,
}

/// What became of a starter catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begun {
    /// Names of items that were added.
    pub added: Vec<String>,
    /// Names that stood already and were left alone.
    pub known: Vec<String>,
    /// Kits left out: an item of theirs stands in another unit, goes by another name, or is a kit itself.
    pub left_out: Vec<String>,
    /// Added items whose code an officer must complete.
    pub without_code: i64,
    /// Everyday names that were set.
    pub aliases: i64,
    /// Lines of the what-not-to-bring list; none where the society had one.
    pub unwanted: i64,
    /// Example norms that were set.
    pub norms: i64,
}

crate::word::words! {
    /// What a norm says of what is there.
    NormAlert {
        /// Below the least.
        TooLittle = "too_little",
        /// Above the most.
        TooMuch = "too_much",
    }
}
