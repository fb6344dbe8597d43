//! A table as CSV.

use csv::{Terminator, WriterBuilder};

use super::{Cell, Table, TableError};

/// The byte order mark by which spreadsheets know UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

pub(super) fn write(table: &Table) -> Result<Vec<u8>, TableError> {
    let failed = |error: csv::Error| TableError::Csv(error.to_string());
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(MARK.to_vec());
    writer.write_record(&table.columns).map_err(failed)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(safe)).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| TableError::Csv(error.to_string()))
}

/// A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers are ours and stay.
fn safe(cell: &Cell) -> String {
    let plain = cell.plain();
    if matches!(cell, Cell::Text(_)) && plain.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{plain}");
    }
    plain
}
