//! A sheet read by columns of one's own: for files that are no lists of payments (a platform's settlement, say).
//!
//! The same sources, the same header search under titles and notes, the same edges as for bills: an order number stays
//! text and one that a spreadsheet turned into a number is refused; a cell becomes fen at one place; a time is read as
//! bills write it. What a row means is the caller's affair.

use std::path::Path;

use kernel::{Fen, Instant};

use super::classify::money;
use super::error::BillError;
use super::limits::Limits;
use super::number;
use super::profile::fold;
use super::reason::RefuseReason;
use super::row::Row;
use super::source::{Rows, Source};
use super::times;
use super::totals::speaks_of_total;

/// The columns that are looked for: for each its accepted header texts, best first.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    wanted: Vec<Vec<String>>,
    required: Vec<usize>,
}

impl Columns {
    /// These columns; those at the `required` places must be found in one row, which is then the header.
    pub fn new(wanted: &[Vec<String>], required: Vec<usize>) -> Self {
        let wanted = wanted.iter().map(|texts| texts.iter().map(|t| fold(t)).collect());
        Self {
            wanted: wanted.collect(),
            required,
        }
    }

    /// Where the columns stand, if this row is the header.
    fn fit(&self, row: &Row) -> Option<Vec<Vec<u16>>> {
        let texts: Vec<(u16, String)> = row.cells().map(|cell| (cell.column, fold(cell.text))).collect();
        let places = |accepted: &Vec<String>| {
            let each = accepted.iter();
            each.flat_map(|wanted| texts.iter().filter(move |(_, text)| text == wanted))
                .map(|(column, _)| *column)
                .collect::<Vec<u16>>()
        };
        let found: Vec<Vec<u16>> = self.wanted.iter().map(places).collect();
        let complete = self
            .required
            .iter()
            .all(|at| found.get(*at).is_some_and(|c| !c.is_empty()));
        complete.then_some(found)
    }
}

/// Rows under a header, one at a time.
pub struct Table {
    rows: Rows,
    row: Row,
    places: Vec<Vec<u16>>,
    epoch_1904: bool,
}

impl Table {
    /// Opens a file at its first visible sheet that has the header; `None` when no sheet has it.
    ///
    /// # Errors
    /// [`BillError`] when the file is damaged, too large or in an unknown encoding.
    pub fn open(path: &Path, columns: &Columns, limits: &Limits) -> Result<Option<Self>, BillError> {
        let mut source = Source::open(path, limits)?;
        let epoch_1904 = source.epoch_1904();
        for (sheet, listed) in source.sheets().iter().enumerate() {
            if !listed.visible {
                continue;
            }
            let mut rows = source.rows(sheet, limits)?;
            let mut row = Row::default();
            let mut searched = 0;
            while searched < limits.rows_before_header && rows.next_row(&mut row)? {
                searched += 1;
                if let Some(places) = columns.fit(&row) {
                    return Ok(Some(Self {
                        rows,
                        row,
                        places,
                        epoch_1904,
                    }));
                }
            }
        }
        Ok(None)
    }

    /// The next row with anything in it; `None` at the end.
    ///
    /// # Errors
    /// [`BillError`] when the file turns out damaged or too large further down.
    pub fn next_row(&mut self) -> Result<Option<TableRow<'_>>, BillError> {
        if !self.rows.next_row(&mut self.row)? {
            return Ok(None);
        }
        Ok(Some(TableRow {
            row: &self.row,
            places: &self.places,
            epoch_1904: self.epoch_1904,
        }))
    }
}

/// One row, its cells by the places of [`Columns`].
#[derive(Clone, Copy)]
pub struct TableRow<'t> {
    row: &'t Row,
    places: &'t [Vec<u16>],
    epoch_1904: bool,
}

impl<'t> TableRow<'t> {
    /// The row's number as a person sees it, from 1.
    pub fn number(&self) -> u32 {
        self.row.number
    }

    fn cell(&self, at: usize) -> Option<super::row::Cell<'t>> {
        let columns = self.places.get(at)?;
        let found = columns.iter().find_map(|column| self.row.at(*column))?;
        (!number::is_placeholder(found.text)).then_some(found)
    }

    /// The text of a cell; `None` when it is blank or stands for nothing (`/`, `--`).
    pub fn text(&self, at: usize) -> Option<&'t str> {
        self.cell(at).map(|cell| cell.text)
    }

    /// A number of an order, a project, a settlement: text to the last digit.
    ///
    /// # Errors
    /// [`RefuseReason::TradeNoLostDigits`] when a spreadsheet has turned it into a number; [`RefuseReason::TradeNoMissing`]
    /// when it is no number of anything.
    pub fn identifier(&self, at: usize) -> Result<Option<String>, RefuseReason> {
        self.cell(at).map_or(Ok(None), number::read)
    }

    /// A sum in yuan, as a spreadsheet or a text writes it (`1,234.50`, `￥12元`).
    ///
    /// # Errors
    /// [`RefuseReason`] of amounts.
    pub fn yuan(&self, at: usize) -> Result<Option<Fen>, RefuseReason> {
        let Some(mut cell) = self.cell(at) else {
            return Ok(None);
        };
        let bare = cell.text.trim_start_matches(['¥', '￥']).trim_end_matches('元').trim();
        cell.text = bare;
        money(cell).map(Some)
    }

    /// A whole number: a count, or a sum in fen.
    ///
    /// # Errors
    /// [`RefuseReason::AmountUnreadable`].
    pub fn whole(&self, at: usize) -> Result<Option<i64>, RefuseReason> {
        let Some(cell) = self.cell(at) else { return Ok(None) };
        let plain: String = cell.text.chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
        let plain = plain.trim_end_matches('笔').trim_end_matches('分');
        let plain = plain.strip_suffix(".0").unwrap_or(plain);
        plain.parse().map(Some).map_err(|_| RefuseReason::AmountUnreadable)
    }

    /// A day or a moment; a day without a time begins at 00:00 in Beijing.
    ///
    /// # Errors
    /// [`RefuseReason::TimeUnreadable`].
    pub fn moment(&self, at: usize) -> Result<Option<Instant>, RefuseReason> {
        let Some(cell) = self.cell(at) else { return Ok(None) };
        let read = times::read(cell, self.epoch_1904).and_then(times::Moment::instant);
        read.map(|(at, _)| Some(at)).ok_or(RefuseReason::TimeUnreadable)
    }

    /// Whether some cell speaks of a total (`合计`, `总计`).
    pub fn speaks_of_total(&self) -> bool {
        self.row.cells().any(|cell| speaks_of_total(cell.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &[u8]) -> Option<Table> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.csv");
        std::fs::write(&path, text).expect("written");
        let wanted = ["订单号", "金额(元)", "时间", "笔数"].map(|t| vec![t.to_owned()]);
        Table::open(&path, &Columns::new(&wanted, vec![0, 1]), &Limits::default()).expect("opens")
    }

    #[test]
    fn a_table_is_found_under_its_title_and_read_by_its_columns() {
        let text = "\u{feff}某某平台结算单,,,\n\n订单号, 金额（元） ,时间,笔数\n\
                    \t0102202605081234000000000001\t,\"1,234.50\",2026-05-08 09:00:01,12\n=\"0012\",￥3元,/,--\n合计,1237.50,,\n";
        let mut table = table(text.as_bytes()).expect("the header is there");
        let row = table.next_row().expect("reads").expect("a row");
        assert_eq!(row.identifier(0), Ok(Some("0102202605081234000000000001".into())));
        assert_eq!(row.yuan(1), Ok(Some(Fen::new(123_450))));
        assert_eq!(row.whole(3), Ok(Some(12)));
        let at = row.moment(2).expect("a time").expect("a time");
        assert_eq!(at.to_rfc3339(), "2026-05-08T01:00:01Z");
        let row = table.next_row().expect("reads").expect("a row");
        assert_eq!(row.identifier(0), Ok(Some("0012".into())));
        assert_eq!(row.yuan(1), Ok(Some(Fen::new(300))));
        assert_eq!((row.moment(2), row.whole(3)), (Ok(None), Ok(None)));
        let row = table.next_row().expect("reads").expect("a row");
        assert!(row.speaks_of_total());
        assert!(table.next_row().expect("reads").is_none());
    }

    #[test]
    fn an_order_number_that_lost_its_digits_is_refused_and_another_header_is_none() {
        let mut found = table("订单号,金额(元)\n1.02202E+27,1.00\n".as_bytes()).expect("a header");
        let row = found.next_row().expect("reads").expect("a row");
        assert_eq!(row.identifier(0), Err(RefuseReason::TradeNoLostDigits));
        assert!(table("单号,数额\n1,2\n".as_bytes()).is_none());
    }
}
