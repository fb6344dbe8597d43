//! Opens a file and gives out its lines.

use std::path::Path;

use super::classify::{Classifier, Row as Classified};
use super::error::BillError;
use super::header::{self, Found};
use super::limits::Limits;
use super::line::{Line, Summary};
use super::profile::Profile;
use super::row::Row;
use super::source::{Rows, Source};
use kernel::Fen;

/// Footers that a report lists.
const MOST_FOOTERS: usize = 100;

/// Lines of an opened file, one at a time.
pub struct BillReader {
    rows: Rows,
    row: Row,
    classifier: Classifier,
    summary: Summary,
}

/// Opens a file: its kind by its first bytes, its encoding, its first visible sheet with a header, its profile (the
/// `wanted` one, or the built-in one that fits best).
///
/// # Errors
/// [`BillError`] when the file is damaged, too large, in an unknown encoding or has no known header. Nothing was read
/// then; an error while reading means that the lines given out so far must not be kept either.
pub fn open(path: &Path, wanted: Option<&Profile>, limits: &Limits) -> Result<BillReader, BillError> {
    let mut source = Source::open(path, limits)?;
    let found = header::find(&mut source, wanted, limits)?;
    let sheets = source.sheets();
    let sheet = sheets.get(found.sheet).map(|s| s.name.clone()).unwrap_or_default();
    let others = sheets.into_iter().enumerate().filter(|(at, _)| *at != found.sheet);
    let other_sheets = others.map(|(_, sheet)| sheet.name).collect();
    let Found {
        profile,
        layout,
        rows,
        title_day,
        account_hint,
        stated,
        ..
    } = found;
    let mut classifier = Classifier::new(profile, layout, title_day, account_hint, source.epoch_1904());
    classifier.totals.state(stated);
    let summary = Summary {
        rows_read: 0,
        gifts: 0,
        skipped: 0,
        refused: 0,
        sum: Fen::ZERO,
        control_totals: Vec::new(),
        control_counts: Vec::new(),
        footers: Vec::new(),
        sheet,
        other_sheets,
    };
    Ok(BillReader {
        rows,
        row: Row::default(),
        classifier,
        summary,
    })
}

impl BillReader {
    /// The profile that fitted.
    pub const fn profile(&self) -> &Profile {
        &self.classifier.profile
    }

    /// The next data row; `None` at the end.
    ///
    /// # Errors
    /// [`BillError`] when the file turns out damaged or too large further down.
    pub fn next_line(&mut self) -> Result<Option<Line>, BillError> {
        while self.rows.next_row(&mut self.row)? {
            match self.classifier.classify(&self.row) {
                Classified::Data(line) => {
                    self.summary.rows_read += 1;
                    match &line {
                        Line::Gift(gift) => {
                            self.summary.gifts += 1;
                            self.summary.sum = self.summary.sum.plus(gift.amount).unwrap_or(Fen::MAX);
                        }
                        Line::Skipped { .. } => self.summary.skipped += 1,
                        Line::Refused { .. } => self.summary.refused += 1,
                    }
                    return Ok(Some(line));
                }
                Classified::Total => {}
                Classified::Footer => {
                    if self.summary.footers.len() < MOST_FOOTERS {
                        self.summary.footers.push(self.row.number);
                    }
                }
            }
        }
        Ok(None)
    }

    /// What the file states and what was found, of the lines given out so far: call it after the last.
    pub fn finish(self) -> Summary {
        let (control_totals, control_counts) = self.classifier.totals.compare();
        Summary {
            control_totals,
            control_counts,
            ..self.summary
        }
    }
}
