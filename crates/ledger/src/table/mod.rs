//! A small table: the one form between a query and its JSON-free outputs, CSV and XLSX.
//!
//! Money never meets a float, not even on its way into a sheet: [`xlsx`] writes an amount as a formula of its exact
//! decimal digits (`=1061100.00`) with the same digits as its value, so that people can add it up and nothing rounds.

mod csv;
mod xlsx;

use kernel::{BusinessDay, Fen, Instant};

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The CSV writer failed.
    #[error("the CSV file could not be written: {0}")]
    Csv(String),
    /// The XLSX writer failed.
    #[error("the XLSX file could not be written: {0}")]
    Xlsx(String),
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words or a code; a code stays text, also in a sheet.
    Text(String),
    /// An amount, shown in yuan.
    Money(Fen),
    /// A count.
    Count(i64),
    /// A share in parts of a thousand, shown in per cent with one decimal: 932 is 93.2.
    PerMille(i64),
    /// A day.
    Day(BusinessDay),
}

impl Cell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
    /// The digits and letters of the cell, as both formats show them.
    fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Money(fen) => fen.to_yuan(),
            Self::Count(n) => n.to_string(),
            Self::PerMille(n) => {
                let sign = if *n < 0 { "-" } else { "" };
                format!("{sign}{}.{}", n.unsigned_abs() / 10, n.unsigned_abs() % 10)
            }
            Self::Day(day) => day.to_string(),
        }
    }
    const fn is_number(&self) -> bool {
        matches!(self, Self::Money(_) | Self::Count(_) | Self::PerMille(_))
    }
}

/// A table with a title and the moment it is true for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is, in the reader's language.
    pub title: String,
    /// Since when nothing newer is in it; shown under the title.
    pub as_of: Instant,
    /// Headings, in the reader's language.
    pub columns: Vec<String>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The table as CSV: UTF-8 with a byte order mark (spreadsheets of the country expect GBK otherwise), CRLF, one
    /// heading line, amounts as `1061100.00`.
    ///
    /// # Errors
    /// [`TableError::Csv`].
    pub fn to_csv(&self) -> Result<Vec<u8>, TableError> {
        csv::write(self)
    }
    /// The table as XLSX: title, as-of line, headings, rows; the file is the same for the same table.
    ///
    /// # Errors
    /// [`TableError::Xlsx`].
    pub fn to_xlsx(&self) -> Result<Vec<u8>, TableError> {
        xlsx::write(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            title: "科目余额表".into(),
            as_of: Instant::from_micros(1_778_198_400_000_000),
            columns: vec!["科目".into(), "金额（元）".into(), "率（%）".into()],
            rows: vec![
                vec![
                    Cell::text("1002"),
                    Cell::Money(Fen::new(106_110_000)),
                    Cell::PerMille(932),
                ],
                vec![Cell::text("=cmd()"), Cell::Money(Fen::new(-5)), Cell::Empty],
                vec![Cell::text("a,\"b\""), Cell::Money(Fen::MAX), Cell::Count(3)],
            ],
        }
    }

    #[test]
    fn a_csv_file_opens_in_a_chinese_spreadsheet_and_runs_nothing() {
        let bytes = table().to_csv().expect("a file");
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert_eq!(
            text,
            "\u{feff}科目,金额（元）,率（%）\r\n1002,1061100.00,93.2\r\n'=cmd(),-0.05,\r\n\"a,\"\"b\"\"\",92233720368547758.07,3\r\n"
        );
    }

    #[test]
    fn a_sheet_holds_exact_amounts_that_can_be_added_up_and_codes_as_text() {
        use calamine::{Data, Reader as _, Xlsx};
        let bytes = table().to_xlsx().expect("a file");
        assert_eq!(
            bytes,
            table().to_xlsx().expect("a file"),
            "the same table is the same file"
        );
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("opens");
        let name = book.sheet_names().first().cloned().expect("a sheet");
        let sheet = book.worksheet_range(&name).expect("a sheet");
        assert_eq!(sheet.get_value((0, 0)), Some(&Data::String("科目余额表".into())));
        assert_eq!(
            sheet.get_value((3, 0)),
            Some(&Data::String("1002".into())),
            "a code is no number"
        );
        let Some(Data::Float(yuan)) = sheet.get_value((3, 1)) else {
            panic!("an amount is a number")
        };
        assert_eq!(Fen::from_cell(*yuan), Ok(Fen::new(106_110_000)));
        let formulas = book.worksheet_formula(&name).expect("formulas");
        assert_eq!(
            formulas.get_value((5, 1)).map(String::as_str),
            Some("92233720368547758.07"),
            "to the last digit"
        );
        assert_eq!(
            formulas.get_value((4, 0)).map(String::as_str).unwrap_or(""),
            "",
            "a text is no formula"
        );
    }
}
