//! Lines of needs, and what became of them.

use std::collections::BTreeMap;

use kernel::UnitId;

use crate::LineId;
use crate::lists::model::Priority;

/// An imported line that is no request yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedLine {
    /// Its id.
    pub id: LineId,
    /// Whose list it is.
    pub unit: UnitId,
    /// Who is in need.
    pub party: String,
    /// City and district, as published.
    pub place: String,
    /// What, as published.
    pub item: String,
    /// Specification, as published.
    pub spec: String,
    /// The unit's word; empty where the list names none.
    pub unit_word: String,
    /// How many; none where the amount was not given.
    pub quantity: Option<i64>,
}

/// How lines become requests.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// Whose list.
    pub unit: UnitId,
    /// The unit that a number without one is in; none: such numbers stay.
    pub unit_word: Option<String>,
    /// How pressing they are.
    pub priority: Priority,
}

/// A line that needs an answer: how many?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToAsk {
    /// The line.
    pub line: LineId,
    /// Who is in need.
    pub party: String,
    /// City and district.
    pub place: String,
    /// What, as published.
    pub words: String,
    /// The unit that the item is counted in.
    pub base_unit: String,
}

/// What became of the lines.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Requested {
    /// Lines that became requests.
    pub made: i64,
    /// Receivers that were not known.
    pub parties: i64,
    /// Lines that are left for the next call.
    pub left: i64,
    /// Lines whose amount was not given.
    pub not_given: i64,
    /// The first of them.
    pub to_ask: Vec<ToAsk>,
    /// Texts nobody mapped, with their lines.
    pub unmapped: BTreeMap<String, i64>,
    /// Lines whose number has no unit.
    pub without_unit: i64,
    /// Words that are no unit of their item, with their lines.
    pub unknown_units: BTreeMap<String, i64>,
}
