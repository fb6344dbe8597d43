//! Texts and mappings as values.

use kernel::{Instant, UnitId};

use crate::{ItemId, MappingId};

/// A text of imported tables, with all lines that say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// As the most lines write it; with the grade that only their specification says.
    pub words: String,
    /// Lines that say it.
    pub lines: i64,
    /// What it means.
    pub item: Option<ItemId>,
    /// The item's name and grade.
    pub item_name: Option<(String, String)>,
}

/// Texts that were said to be one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its id.
    pub id: MappingId,
    /// In whose catalogue.
    pub unit: UnitId,
    /// What they mean.
    pub item: ItemId,
    /// When.
    pub made_at: Instant,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
}
