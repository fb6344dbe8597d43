//! The sheets of an old binary workbook. The format ends at 65,536 rows, so it is read as a whole, below a named size.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{Data, Range, Reader, SheetVisible};

use super::{Range as Merged, SheetName};
use crate::bills::error::BillError;
use crate::bills::limits::Limits;
use crate::bills::row::{Kind, Row};

/// An opened workbook.
pub(in crate::bills) struct Workbook {
    inner: calamine::Xls<Cursor<Vec<u8>>>,
}

impl Workbook {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, BillError> {
        if std::fs::metadata(path)?.len() > limits.xls_bytes {
            return Err(BillError::TooLarge {
                what: "xls_bytes",
                limit: limits.xls_bytes,
            });
        }
        let bytes = std::fs::read(path)?;
        // The crate that reads the format indexes into damaged records; a damaged upload must not end a worker.
        let opened = catch_unwind(AssertUnwindSafe(|| calamine::Xls::new(Cursor::new(bytes))));
        match opened {
            Ok(Ok(inner)) => Ok(Self { inner }),
            Ok(Err(error)) => Err(BillError::Xls(error.to_string())),
            Err(_) => Err(BillError::Xls("a record is damaged".to_owned())),
        }
    }

    pub(super) fn sheets(&self) -> Vec<SheetName> {
        let metadata = self.inner.sheets_metadata().iter();
        metadata
            .map(|s| SheetName {
                name: s.name.clone(),
                visible: s.visible == SheetVisible::Visible,
            })
            .collect()
    }

    pub(super) fn rows(&mut self, sheet: usize, limits: &Limits) -> Result<SheetRows, BillError> {
        let range = self.inner.worksheet_range_at(sheet);
        let range = range.ok_or_else(|| BillError::Xls("a listed sheet is missing".to_owned()))?;
        let range = range.map_err(|e| BillError::Xls(e.to_string()))?;
        Ok(SheetRows {
            range,
            next: 0,
            column_limit: limits.columns,
        })
    }
}

impl Workbook {
    pub(super) fn merges(&self, sheet: usize) -> Vec<Merged> {
        let found = self.inner.merge_cells_by_sheet_id(sheet);
        let column = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let merged = found.into_iter().flatten().map(|range| Merged {
            rows: (range.start.0.saturating_add(1), range.end.0.saturating_add(1)),
            columns: (column(range.start.1), column(range.end.1)),
        });
        merged.collect()
    }
}

/// The rows of a sheet.
pub(in crate::bills) struct SheetRows {
    range: Range<Data>,
    next: u32,
    column_limit: u16,
}

impl SheetRows {
    pub(super) fn next_row(&mut self, row: &mut Row) -> Result<bool, BillError> {
        let Some((first_row, first_column)) = self.range.start() else {
            return Ok(false);
        };
        let width = u32::try_from(self.range.width()).unwrap_or(u32::MAX);
        let height = u32::try_from(self.range.height()).unwrap_or(u32::MAX);
        while self.next < height {
            let at = self.next;
            self.next += 1;
            row.start(first_row.saturating_add(at).saturating_add(1));
            for offset in 0..width {
                let Ok(column) = u16::try_from(first_column.saturating_add(offset)) else {
                    break;
                };
                if column >= self.column_limit {
                    break;
                }
                match self.range.get((at as usize, offset as usize)) {
                    Some(Data::String(text) | Data::DateTimeIso(text)) => row.push(column, Kind::Text, text, None),
                    Some(Data::Float(number)) => row.push(column, Kind::Number, &number.to_string(), None),
                    Some(Data::Int(number)) => row.push(column, Kind::Number, &number.to_string(), None),
                    Some(Data::DateTime(serial)) => {
                        row.push(column, Kind::Number, &serial.as_f64().to_string(), None);
                    }
                    _ => {}
                }
            }
            if !row.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
