//! Walks a sheet from row to row: tables, lines, names that go on, quantities that are shared.

use kernel::BusinessDay;

use super::super::model::{Found, Line, Quantity, RowReason, Sheet, TableKind};
use super::cells::{self, folded};
use super::header::{self, Columns};

/// Words of a row that sums up others.
const TOTALS: [&str; 4] = ["合计", "总计", "小计", "共计"];
/// How a note beside a donor's name begins; it is no part of the name.
const NOTES: [&str; 5] = ["定向", "指定", "备注", "注：", "（"];

/// The lines of all tables of one kind in a sheet.
pub fn read(sheet: &Sheet, kind: TableKind) -> Found {
    let mut walk = Walk {
        sheet,
        kind,
        found: Found::default(),
        table: None,
        title_day: None,
    };
    for row in sheet.row_numbers() {
        walk.row(row);
    }
    walk.found
}

struct Walk<'a> {
    sheet: &'a Sheet,
    kind: TableKind,
    found: Found,
    /// The table being read; `None` above the first one and inside one of another kind.
    table: Option<Table>,
    title_day: Option<BusinessDay>,
}

struct Table {
    columns: Columns,
    day: Option<BusinessDay>,
    /// The last row that was looked at: a gap ends a block.
    last_row: u32,
    party: String,
    /// The first line of the present party.
    party_from: usize,
    /// The row of a party that is only a place's name so far.
    place_row: Option<u32>,
}

impl Walk<'_> {
    fn row(&mut self, row: u32) {
        if let Some(columns) = header::read(self.sheet, row) {
            if columns.kind.is_none_or(|kind| kind == self.kind) {
                self.found.tables += 1;
                self.table = Some(Table {
                    columns,
                    day: self.title_day.take(),
                    last_row: row,
                    party: String::new(),
                    party_from: self.found.lines.len(),
                    place_row: None,
                });
            } else {
                let other = self.reason(row, "another_kind_of_table");
                self.found.others.push(other);
                self.table = None;
            }
            return;
        }
        self.note_title_day(row);
        let Some(mut table) = self.table.take() else { return };
        self.data(row, &mut table);
        table.last_row = row;
        self.table = Some(table);
    }

    fn reason(&self, row: u32, reason: &str) -> RowReason {
        RowReason {
            sheet: self.sheet.name.clone(),
            row,
            reason: reason.to_owned(),
        }
    }

    /// A row with one cell that names a day: the day of the table that follows.
    fn note_title_day(&mut self, row: u32) {
        let mut cells = self.sheet.cells(row);
        if let (Some((_, cell)), None) = (cells.next(), cells.next())
            && let Some(day) = cells::day(cell, self.sheet.epoch_1904, None)
        {
            self.title_day = Some(day);
        }
    }

    fn data(&mut self, row: u32, table: &mut Table) {
        let sheet = self.sheet;
        let at = table.columns.clone();
        let text = |column: Option<u16>| column.map_or("", |column| sheet.text(row, column));
        let own = |column: Option<u16>| column.and_then(|column| sheet.own(row, column));
        if row > table.last_row + 1 {
            // A block ended; a merged name may still reach over the gap.
            at.party
                .map_or("", |column| sheet.text(row, column))
                .clone_into(&mut table.party);
            table.party_from = self.found.lines.len();
            table.place_row = None;
        }
        if sheet
            .cells(row)
            .any(|(_, cell)| TOTALS.iter().any(|word| folded(&cell.text).starts_with(word)))
        {
            return;
        }
        let day_words = self.day(row, table);
        let (item, spec) = (text(Some(at.item)).to_owned(), text(at.spec).to_owned());
        let unit = text(at.unit).to_owned();
        let party = own(at.party).map(|cell| cell.text.clone()).unwrap_or_default();
        let counted = sheet.own(row, at.quantity).map(|cell| cell.text.clone());
        let shares = sheet.covered_from(row, at.quantity);
        let first = self.found.lines.len();
        let mut line = Line {
            row,
            day: table.day,
            day_words,
            party: String::new(),
            place: String::new(),
            detail: String::new(),
            item,
            spec,
            unit,
            quantity: Quantity::Nothing,
        };
        match (counted, shares) {
            (Some(counted), _) => {
                self.party(row, table, &party, first);
                match self.counted(&mut line, &counted, &table.party) {
                    Ok(()) => {
                        line.party.clone_from(&table.party);
                        self.found.lines.push(line);
                    }
                    Err(reason) => {
                        let refused = self.reason(row, reason);
                        self.found.refused.push(refused);
                    }
                }
            }
            (None, Some(from)) => {
                let is_note =
                    NOTES.iter().any(|note| party.starts_with(note)) || party.starts_with(|c: char| c.is_ascii_digit());
                if !party.is_empty() && !is_note {
                    self.join(row, table, &party);
                }
                if !line.item.is_empty() || !line.spec.is_empty() {
                    line.party = if is_note { party } else { table.party.clone() };
                    line.quantity = Quantity::SharedWith(from);
                    self.found.lines.push(line);
                    let shared = self.reason(row, "shares a quantity");
                    self.found.shared.push(shared);
                }
            }
            // A signature, a note, a row with nothing but its day.
            (None, None) if own(Some(table.columns.item)).is_none() || sheet.cells(row).count() == 1 => {}
            (None, None) if self.kind == TableKind::Needs => {
                self.party(row, table, &party, first);
                line.party.clone_from(&table.party);
                self.found.lines.push(line);
            }
            (None, None) => {
                let refused = self.reason(row, "no_quantity");
                self.found.refused.push(refused);
            }
        }
    }

    /// Moves the table's day on; gives back words that stand for one.
    fn day(&self, row: u32, table: &mut Table) -> String {
        let Some(column) = table.columns.day else {
            return String::new();
        };
        let from = self.sheet.covered_from(row, column).unwrap_or(row);
        let Some(cell) = self.sheet.own(from, column) else {
            return String::new();
        };
        if let Some(day) = cells::day(cell, self.sheet.epoch_1904, table.day) {
            table.day = Some(day);
        }
        if cell.is_number {
            String::new()
        } else {
            cell.text.clone()
        }
    }

    /// A line with a quantity of its own: whose is it?
    fn party(&mut self, row: u32, table: &mut Table, own: &str, line: usize) {
        if own.is_empty() {
            return;
        }
        if table.place_row.is_some_and(|place| place + 1 == row) && !cells::begins_with_place(own) {
            self.join(row, table, own);
            return;
        }
        own.clone_into(&mut table.party);
        table.party_from = line;
        let merged = table
            .columns
            .party
            .is_some_and(|column| self.sheet.is_merged(row, column));
        table.place_row = (!merged && cells::is_place(own)).then_some(row);
    }

    /// The name of the present party goes on in this row.
    fn join(&mut self, row: u32, table: &mut Table, rest: &str) {
        table.party.push_str(rest);
        table.place_row = None;
        for line in &mut self.found.lines[table.party_from..] {
            line.party.clone_from(&table.party);
        }
        let joined = self.reason(row, "name goes on from the row above");
        self.found.joined.push(joined);
    }

    fn counted(&self, line: &mut Line, counted: &str, party: &str) -> Result<(), &'static str> {
        let (number, unit) = cells::quantity(counted).map_err(cells::QuantityFault::as_str)?;
        match unit {
            Some(unit) if line.unit.is_empty() => line.unit = unit,
            Some(unit) if folded(&line.unit) != unit => return Err("two_units"),
            _ => {}
        }
        if folded(&line.item).is_empty() {
            return Err("no_item");
        }
        if party.is_empty() && self.kind != TableKind::In {
            return Err("no_receiver");
        }
        line.quantity = match (self.kind, number) {
            (TableKind::Needs, 1) => Quantity::NotGiven,
            _ => Quantity::Own(number),
        };
        Ok(())
    }
}
