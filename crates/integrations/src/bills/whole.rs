//! Whole sheets with their merged ranges, for tables of goods: small, and full of cells that belong together.

use std::path::Path;

use relief::tables::{Merge, Sheet};

use super::error::BillError;
use super::limits::Limits;
use super::row::{Kind, Row};
use super::source::Source;

/// Cells of a file that is held in memory: the longest published table has twelve thousand.
const CELLS_MAX: usize = 2_000_000;

/// Every visible sheet of a file.
///
/// # Errors
/// [`BillError`] when the file is damaged or larger than a limit.
pub fn whole_sheets(path: &Path, limits: &Limits) -> Result<Vec<Sheet>, BillError> {
    let mut source = Source::open(path, limits)?;
    let (mut sheets, mut cells, mut row) = (Vec::new(), 0usize, Row::default());
    for (at, listed) in source.sheets().into_iter().enumerate() {
        if !listed.visible {
            continue;
        }
        let mut sheet = Sheet::new(&listed.name, source.epoch_1904());
        let mut rows = source.rows(at, limits)?;
        while rows.next_row(&mut row)? {
            cells += row.cell_count();
            if cells > CELLS_MAX {
                return Err(BillError::TooLarge {
                    what: "cells",
                    limit: CELLS_MAX as u64,
                });
            }
            for cell in row.cells() {
                sheet.put(row.number, cell.column, cell.text, cell.kind == Kind::Number);
            }
        }
        for range in source.merges(at, limits)? {
            sheet.merge(Merge {
                first_row: range.rows.0,
                last_row: range.rows.1,
                first_column: range.columns.0,
                last_column: range.columns.1,
            });
        }
        sheets.push(sheet.ready());
    }
    Ok(sheets)
}
