//! Sheets as they were read, and the lines found in them.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::BusinessDay;
use serde::Serialize;

use crate::word::words;

words! {
    /// What a table tells.
    TableKind {
        /// Goods received.
        In = "goods_in",
        /// Goods dispatched.
        Out = "goods_out",
        /// Goods needed.
        Needs = "needs",
    }
}

/// Rows of one wide merged range that are looked at: a title covers one, a note a few.
const WIDE_ROWS_MAX: u32 = 10_000;

/// A filled cell, as the file writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its text; a number by its digits.
    pub text: String,
    /// Whether the file calls it a number.
    pub is_number: bool,
}

/// A merged range: rows from 1, columns from 0, both ends inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Merge {
    /// First row.
    pub first_row: u32,
    /// Last row.
    pub last_row: u32,
    /// First column.
    pub first_column: u16,
    /// Last column.
    pub last_column: u16,
}

/// A sheet in memory, with what its merged ranges say.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Whether the workbook counts days from 1904.
    pub epoch_1904: bool,
    rows: BTreeMap<u32, BTreeMap<u16, Cell>>,
    /// Rows of merged ranges by their first column, in order: these expand their text.
    down: HashMap<u16, Vec<(u32, u32)>>,
    /// Cells to the right of where a merged range begins: they hold nothing of their own.
    wide: HashSet<(u32, u16)>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(name: &str, epoch_1904: bool) -> Self {
        Self {
            name: name.to_owned(),
            epoch_1904,
            ..Self::default()
        }
    }

    /// Puts a cell in; blank ones are left out.
    pub fn put(&mut self, row: u32, column: u16, text: &str, is_number: bool) {
        let text = super::rules::tidied(text);
        if !text.is_empty() {
            self.rows
                .entry(row)
                .or_default()
                .insert(column, Cell { text, is_number });
        }
    }

    /// Notes a merged range: its first column expands downwards, its other columns hold nothing of their own.
    pub fn merge(&mut self, merge: Merge) {
        if merge.last_row > merge.first_row {
            let ranges = self.down.entry(merge.first_column).or_default();
            ranges.push((merge.first_row, merge.last_row));
        }
        let last_row = merge.last_row.min(merge.first_row.saturating_add(WIDE_ROWS_MAX));
        for row in merge.first_row..=last_row {
            for column in merge.first_column.saturating_add(1)..=merge.last_column {
                self.wide.insert((row, column));
            }
        }
    }

    /// Puts the ranges in order; call it once after the last.
    #[must_use]
    pub fn ready(mut self) -> Self {
        for ranges in self.down.values_mut() {
            ranges.sort_unstable();
        }
        self
    }

    /// The numbers of the rows with a filled cell.
    pub fn row_numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.rows.keys().copied()
    }

    /// The cells of a row that are its own: not those a merged range covers that begins elsewhere.
    pub fn cells(&self, row: u32) -> impl Iterator<Item = (u16, &Cell)> {
        let cells = self.rows.get(&row).into_iter().flatten();
        cells
            .map(|(column, cell)| (*column, cell))
            .filter(move |(column, _)| self.own(row, *column).is_some())
    }

    /// The row where the range begins that covers this cell, when it is not this row.
    pub fn covered_from(&self, row: u32, column: u16) -> Option<u32> {
        let ranges = self.down.get(&column)?;
        let at = ranges.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, last) = ranges[at];
        (first < row && row <= last).then_some(first)
    }

    /// Whether a range of several rows begins at this cell or covers it.
    pub fn is_merged(&self, row: u32, column: u16) -> bool {
        let begins = |ranges: &Vec<(u32, u32)>| ranges.iter().any(|(first, _)| *first == row);
        self.covered_from(row, column).is_some() || self.down.get(&column).is_some_and(begins)
    }

    /// The cell's own content: nothing where another row's range covers it. Numbers are read only this way.
    pub fn own(&self, row: u32, column: u16) -> Option<&Cell> {
        if self.wide.contains(&(row, column)) || self.covered_from(row, column).is_some() {
            return None;
        }
        self.rows.get(&row)?.get(&column)
    }

    /// The cell's text, expanded down a merged range of its column.
    pub fn text(&self, row: u32, column: u16) -> &str {
        let from = self.covered_from(row, column).unwrap_or(row);
        self.own(from, column).map_or("", |cell| cell.text.as_str())
    }
}

/// What a line says about how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// A quantity of its own.
    Own(i64),
    /// A need whose “1” only means that it is needed: the amount was not given.
    NotGiven,
    /// A need without any figure.
    Nothing,
    /// Shares the quantity of this row; kept as text, never counted.
    SharedWith(u32),
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The row, as a person sees it.
    pub row: u32,
    /// The day, when the table says one.
    pub day: Option<BusinessDay>,
    /// What stood in its place, when that was words (`截至28日`).
    pub day_words: String,
    /// Donor, receiver or who is in need; personal data where it is a person.
    pub party: String,
    /// City and district, where a list of needs names them.
    pub place: String,
    /// What else tells two parties of one name and place apart (an address); kept nowhere.
    pub detail: String,
    /// What, in the table's own words.
    pub item: String,
    /// Specification in the table's own words.
    pub spec: String,
    /// The unit's word; empty when the table names none.
    pub unit: String,
    /// How many.
    pub quantity: Quantity,
}

/// A row and why it was treated as it was; no cell of the file is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowReason {
    /// The sheet, where the file has several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, as a person sees it.
    pub row: u32,
    /// The reason's word.
    pub reason: String,
}

/// What one sheet holds.
#[derive(Debug, Default)]
pub struct Found {
    /// Tables of the kind asked for.
    pub tables: u32,
    /// Their lines, those that share a quantity too.
    pub lines: Vec<Line>,
    /// Parties named without a line (a hospital that says only that it is in need).
    pub parties_without_lines: u32,
    /// Rows that share the quantity of another.
    pub shared: Vec<RowReason>,
    /// Rows whose name goes on in the next row and was joined.
    pub joined: Vec<RowReason>,
    /// Rows that cannot be read.
    pub refused: Vec<RowReason>,
    /// Tables of another kind, by their header row.
    pub others: Vec<RowReason>,
}
