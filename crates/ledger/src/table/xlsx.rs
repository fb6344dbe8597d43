//! A table as XLSX, row after row in constant memory.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet, XlsxError};

use super::{Cell, Table, TableError};

/// Rows above the headings: title and as-of.
const HEADING_ROW: u32 = 2;
/// Column width in characters: an amount of hundreds of millions with its commas, or a short name.
const WIDTH_CHARS: u16 = 20;

struct Formats {
    title: Format,
    heading: Format,
    money: Format,
    share: Format,
    count: Format,
    text: Format,
}

pub(super) fn write(table: &Table) -> Result<Vec<u8>, TableError> {
    sheet(table).map_err(|error| TableError::Xlsx(error.to_string()))
}

fn sheet(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The moment of the table, not of the writing: the clock is not ours to read, and the file repeats.
    let created = ExcelDateTime::from_timestamp(table.as_of.micros() / 1_000_000)?;
    book.set_properties(
        &DocProperties::new()
            .set_title(&table.title)
            .set_creation_datetime(&created),
    );
    let formats = Formats {
        title: Format::new().set_bold().set_font_size(14),
        heading: Format::new().set_bold().set_align(FormatAlign::Center),
        money: Format::new().set_num_format("#,##0.00").set_align(FormatAlign::Right),
        share: Format::new().set_num_format("0.0").set_align(FormatAlign::Right),
        count: Format::new().set_num_format("0").set_align(FormatAlign::Right),
        text: Format::new().set_num_format("@"),
    };
    let sheet = book.add_worksheet_with_constant_memory();
    let sheet = sheet?;
    fill(sheet, table, &formats)?;
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, table: &Table, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(HEADING_ROW + 1, 0)?;
    for (column, _) in (0u16..).zip(&table.columns) {
        sheet.set_column_width(column, WIDTH_CHARS)?;
    }
    sheet.write_string_with_format(0, 0, &table.title, &formats.title)?;
    sheet.write_string(1, 0, table.as_of.to_rfc3339())?;
    for (column, heading) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(HEADING_ROW, column, heading, &formats.heading)?;
    }
    for (row, cells) in (HEADING_ROW + 1..).zip(&table.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            write_cell(sheet, row, column, cell, formats)?;
        }
    }
    Ok(())
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, formats: &Formats) -> Result<(), XlsxError> {
    let plain = cell.plain();
    let format = match cell {
        Cell::Empty => return Ok(()),
        Cell::Money(_) => &formats.money,
        Cell::PerMille(_) => &formats.share,
        Cell::Count(_) => &formats.count,
        Cell::Text(_) | Cell::Day(_) => &formats.text,
    };
    if cell.is_number() {
        // The writer takes numbers as doubles only; a formula of digits takes them as they are.
        sheet.write_formula_with_format(row, column, Formula::new(&plain).set_result(&plain), format)?;
    } else {
        sheet.write_string_with_format(row, column, &plain, format)?;
    }
    Ok(())
}
