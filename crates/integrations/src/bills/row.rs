//! One row of a sheet, whatever the file: a reused buffer, so that reading a row allocates nothing.

/// What a cell holds. Numbers stay text until someone asks: an id must never pass through a double.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text (every cell of a csv file is text).
    Text,
    /// A number, by its digits as the file writes them.
    Number,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    column: u16,
    kind: Kind,
    start: usize,
    end: usize,
    /// Where a formula's text lies in the buffer, if the cell has one.
    formula: Option<(usize, usize)>,
}

/// A cell of the current row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) column: u16,
    pub(super) kind: Kind,
    /// Without blanks at the ends.
    pub(super) text: &'a str,
    /// The formula whose cached value this is, without `=`; empty text for a formula shared with another cell.
    pub(super) formula: Option<&'a str>,
}

/// The current row: its number as a person sees it (from 1) and its cells, blank ones left out.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) number: u32,
    text: String,
    slots: Vec<Slot>,
}

impl Row {
    pub(super) fn start(&mut self, number: u32) {
        self.number = number;
        self.text.clear();
        self.slots.clear();
    }

    /// Adds a cell unless it is blank. Cells come in the order of their columns.
    pub(super) fn push(&mut self, column: u16, kind: Kind, text: &str, formula: Option<&str>) {
        let text = trim(text);
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        let formula = formula.map(|f| {
            self.text.push_str(f);
            (end, self.text.len())
        });
        self.slots.push(Slot {
            column,
            kind,
            start,
            end,
            formula,
        });
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        self.slots.iter().map(|slot| self.cell(slot))
    }

    /// The cell of this column; `None` when blank.
    pub(super) fn at(&self, column: u16) -> Option<Cell<'_>> {
        self.slots
            .iter()
            .find(|slot| slot.column == column)
            .map(|slot| self.cell(slot))
    }

    /// How many cells it holds.
    pub(super) fn cell_count(&self) -> usize {
        self.slots.len()
    }

    /// Bytes of all its texts.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.slots.is_empty()
    }

    fn cell(&self, slot: &Slot) -> Cell<'_> {
        Cell {
            column: slot.column,
            kind: slot.kind,
            text: &self.text[slot.start..slot.end],
            formula: slot.formula.map(|(start, end)| &self.text[start..end]),
        }
    }
}

/// Without the blanks that bills put around their cells (spaces, tabs, NBSP, full-width spaces, byte order marks) and
/// without the grave accent that WeChat Pay puts before each, so that a spreadsheet keeps it as text.
pub(super) fn trim(text: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\0');
    let text = text.trim_matches(blank);
    text.strip_prefix('`').map_or(text, |bare| bare.trim_matches(blank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_cells_without_their_padding_and_forgets_the_row_before() {
        let mut row = Row::default();
        row.start(7);
        row.push(0, Kind::Text, "\u{a0}12\t", None);
        row.push(1, Kind::Text, " \u{3000}", None);
        row.push(3, Kind::Number, "4.5", Some("SUM(C:C)"));
        let cells: Vec<_> = row.cells().map(|c| (c.column, c.text, c.formula)).collect();
        assert_eq!(cells, [(0, "12", None), (3, "4.5", Some("SUM(C:C)"))]);
        assert_eq!(row.at(1), None);
        row.start(8);
        assert!(row.is_blank());
        row.push(0, Kind::Text, "`4200001", None);
        row.push(1, Kind::Text, "`", None);
        assert_eq!(row.cells().map(|c| c.text).collect::<Vec<_>>(), ["4200001"]);
    }
}
