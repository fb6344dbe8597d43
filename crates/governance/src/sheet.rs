//! A small table as CSV and XLSX, for exports of what is filtered. Numbers and amounts are written as digits, never as
//! doubles; a text that a spreadsheet would run as a formula is disarmed.

use csv::{Terminator, WriterBuilder};
use kernel::{Fen, Instant};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet, XlsxError};

/// The byte order mark by which spreadsheets know UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// Rows above the headings: title and as-of.
const HEADING_ROW: u32 = 2;
/// Column width in characters: an amount with its commas, or a unit's name.
const WIDTH_CHARS: u16 = 18;

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the export could not be written: {0}")]
pub struct SheetError(String);

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A whole number.
    Count(i64),
    /// An amount, shown in yuan.
    Money(Fen),
}

impl Cell {
    fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Money(fen) => fen.to_yuan(),
        }
    }
}

/// A table with a title and the moment it is true for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it is, in the reader's language.
    pub title: String,
    /// The moment it was read.
    pub as_of: Instant,
    /// Headings, in the reader's language.
    pub columns: Vec<String>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// As CSV: UTF-8 with a byte order mark, CRLF, one heading line.
    ///
    /// # Errors
    /// [`SheetError`].
    pub fn to_csv(&self) -> Result<Vec<u8>, SheetError> {
        let failed = |error: csv::Error| SheetError(error.to_string());
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(MARK.to_vec());
        let headings = self.columns.iter().map(|heading| disarmed(heading.clone()));
        writer.write_record(headings).map_err(failed)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(safe)).map_err(failed)?;
        }
        writer.into_inner().map_err(|error| SheetError(error.to_string()))
    }

    /// As XLSX: title, as-of line, headings, rows; the same table is the same file.
    ///
    /// # Errors
    /// [`SheetError`].
    pub fn to_xlsx(&self) -> Result<Vec<u8>, SheetError> {
        self.book().map_err(|error| SheetError(error.to_string()))
    }

    fn book(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_timestamp(self.as_of.micros() / 1_000_000)?;
        book.set_properties(
            &DocProperties::new()
                .set_title(&self.title)
                .set_creation_datetime(&created),
        );
        fill(book.add_worksheet_with_constant_memory()?, self)?;
        book.save_to_buffer()
    }
}

fn safe(cell: &Cell) -> String {
    let plain = cell.plain();
    if matches!(cell, Cell::Text(_)) {
        disarmed(plain)
    } else {
        plain
    }
}

/// An apostrophe in front of what a spreadsheet would run.
fn disarmed(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{text}");
    }
    text
}

fn fill(sheet: &mut Worksheet, table: &Sheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let money = Format::new().set_num_format("#,##0.00").set_align(FormatAlign::Right);
    let count = Format::new().set_num_format("0").set_align(FormatAlign::Right);
    let text = Format::new().set_num_format("@");
    sheet.set_freeze_panes(HEADING_ROW + 1, 1)?;
    for (column, _) in (0u16..).zip(&table.columns) {
        sheet.set_column_width(column, WIDTH_CHARS)?;
    }
    sheet.write_string_with_format(0, 0, &table.title, &bold)?;
    sheet.write_string(1, 0, table.as_of.to_rfc3339())?;
    for (column, heading) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(HEADING_ROW, column, heading, &bold)?;
    }
    for (row, cells) in (HEADING_ROW + 1..).zip(&table.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            let plain = cell.plain();
            // The writer takes numbers as doubles only; a formula of digits takes them as they are.
            let digits = || Formula::new(&plain).set_result(&plain);
            match cell {
                Cell::Empty => continue,
                Cell::Text(_) => sheet.write_string_with_format(row, column, &plain, &text)?,
                Cell::Count(_) => sheet.write_formula_with_format(row, column, digits(), &count)?,
                Cell::Money(_) => sheet.write_formula_with_format(row, column, digits(), &money)?,
            };
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Sheet {
        Sheet {
            title: "灾情日报".into(),
            as_of: Instant::from_micros(1_778_198_400_000_000),
            columns: vec!["单位".into(), "转移人数（人）".into(), "急需资金（元）".into()],
            rows: vec![
                vec![
                    Cell::Text("沂水县".into()),
                    Cell::Count(120),
                    Cell::Money(Fen::new(106_110_000)),
                ],
                vec![Cell::Text("=cmd()".into()), Cell::Count(-3), Cell::Empty],
            ],
        }
    }

    #[test]
    fn a_csv_file_holds_exact_numbers_and_runs_nothing() {
        let text = String::from_utf8(table().to_csv().expect("a file")).expect("UTF-8");
        assert_eq!(
            text,
            "\u{feff}单位,转移人数（人）,急需资金（元）\r\n沂水县,120,1061100.00\r\n'=cmd(),-3,\r\n"
        );
    }

    #[test]
    fn the_same_table_is_the_same_workbook_and_another_is_not() {
        let bytes = table().to_xlsx().expect("a file");
        assert!(bytes.starts_with(b"PK"));
        assert_eq!(bytes, table().to_xlsx().expect("a file"));
        let mut other = table();
        other.rows[0][1] = Cell::Count(121);
        assert_ne!(bytes, other.to_xlsx().expect("a file"));
    }
}
