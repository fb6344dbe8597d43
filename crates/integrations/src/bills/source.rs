//! Where rows come from: a text, a sheet of an xlsx, a sheet of an xls; one row at a time into a reused buffer.

mod package;
mod text;
mod xls;
mod xlsx;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::BillError;
use super::limits::Limits;
use super::row::Row;

pub(super) use xlsx::xml_reader;

/// What kind of file it is, by its first bytes: names lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Xlsx,
    Xls,
}

/// A sheet as it is listed in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetName {
    pub(super) name: String,
    pub(super) visible: bool,
}

/// A merged range: rows from 1, columns from 0, first and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) rows: (u32, u32),
    pub(super) columns: (u16, u16),
}

/// A file whose sheets can be opened one after the other.
pub(super) enum Source {
    Text(std::path::PathBuf),
    Xlsx(Box<xlsx::Workbook>),
    Xls(Box<xls::Workbook>),
}

/// The rows of one sheet.
pub(super) enum Rows {
    Text(Box<text::TextRows>),
    Xlsx(Box<xlsx::SheetRows>),
    Xls(xls::SheetRows),
}

impl Source {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, BillError> {
        let bytes = std::fs::metadata(path)?.len();
        if bytes > limits.file_bytes {
            return Err(BillError::TooLarge {
                what: "file_bytes",
                limit: limits.file_bytes,
            });
        }
        match Format::of(path)? {
            Format::Text => Ok(Self::Text(path.to_owned())),
            Format::Xlsx => Ok(Self::Xlsx(Box::new(xlsx::Workbook::open(path, limits)?))),
            Format::Xls => Ok(Self::Xls(Box::new(xls::Workbook::open(path, limits)?))),
        }
    }

    /// The sheets in the file's order; a text is one sheet without a name.
    pub(super) fn sheets(&self) -> Vec<SheetName> {
        match self {
            Self::Text(_) => vec![SheetName {
                name: String::new(),
                visible: true,
            }],
            Self::Xlsx(workbook) => workbook.sheets(),
            Self::Xls(workbook) => workbook.sheets(),
        }
    }

    /// The rows of the sheet at this place of [`Self::sheets`].
    pub(super) fn rows(&mut self, sheet: usize, limits: &Limits) -> Result<Rows, BillError> {
        match self {
            Self::Text(path) => Ok(Rows::Text(Box::new(text::TextRows::open(path, limits)?))),
            Self::Xlsx(workbook) => Ok(Rows::Xlsx(Box::new(workbook.rows(sheet, limits)?))),
            Self::Xls(workbook) => Ok(Rows::Xls(workbook.rows(sheet, limits)?)),
        }
    }

    /// The merged ranges of the sheet at this place; a text has none.
    pub(super) fn merges(&mut self, sheet: usize, limits: &Limits) -> Result<Vec<Range>, BillError> {
        match self {
            Self::Text(_) => Ok(Vec::new()),
            Self::Xlsx(workbook) => workbook.merges(sheet, limits),
            Self::Xls(workbook) => Ok(workbook.merges(sheet)),
        }
    }

    /// Whether the workbook counts days from 1904.
    pub(super) fn epoch_1904(&self) -> bool {
        matches!(self, Self::Xlsx(workbook) if workbook.epoch_1904())
    }
}

impl Format {
    pub(super) fn of(path: &Path) -> Result<Self, BillError> {
        let mut magic = Vec::with_capacity(8);
        File::open(path)?.take(8).read_to_end(&mut magic)?;
        Ok(match magic.as_slice() {
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Self::Xlsx,
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Self::Xls,
            _ => Self::Text,
        })
    }
}

impl Rows {
    /// Reads the next row with at least one filled cell; false at the end.
    pub(super) fn next_row(&mut self, row: &mut Row) -> Result<bool, BillError> {
        match self {
            Self::Text(rows) => rows.next_row(row),
            Self::Xlsx(rows) => rows.next_row(row),
            Self::Xls(rows) => rows.next_row(row),
        }
    }
}

/// The parts of an xlsx that a bare parse goes through.
pub(super) struct Bare {
    package: package::Package,
    parts: Vec<String>,
}

impl Bare {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, BillError> {
        let (package, parts) = xlsx::Workbook::open(path, limits)?.parts();
        Ok(Self { package, parts })
    }

    pub(super) fn entries(mut self, limits: &Limits) -> Result<Vec<package::Entry>, BillError> {
        let mut entries = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            entries.extend(self.package.entry(part, "sheet_bytes", limits.sheet_bytes)?);
        }
        Ok(entries)
    }
}
