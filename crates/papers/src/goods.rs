//! Papers of goods: receipt note (入库单), dispatch order (调拨单), hand-over list (发放清册), count sheet (盘点表), scrap note
//! (报废单). One form for all: a head, lines in columns, what they come to by unit, and who signs.
//!
//! What the form says is its caller's; units are never added to each other here, since totals come as words.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use kernel::BusinessDay;
use serde::Serialize;

use crate::certificate::{Colour, fit};
use crate::{Order, Papers, PapersError, Rendered, Sheet, Template, Warning};

/// What a cell carries; longer texts end with `…`.
const CELL_CHARS_MAX: usize = 120;
/// What a line of words under the table carries.
const NOTE_CHARS_MAX: usize = 240;
/// Lines of one paper: a hand-over list of a county's school. More is another paper.
pub const ROWS_MAX: usize = 2_000;

/// Where the words of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At its beginning.
    Start,
    /// In its middle.
    Center,
    /// At its end, as numbers do.
    End,
}

/// A column of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its heading.
    pub head: &'static str,
    /// Its share of the width.
    pub width: u8,
    /// Where its words stand.
    pub align: Align,
}

/// How the page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Upright.
    Portrait,
    /// On its side, for many columns.
    Landscape,
}

/// All that a paper of goods says. May hold names: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct GoodsPaper {
    /// The society.
    pub unit_name: String,
    /// Its colour.
    pub brand: Colour,
    /// `调拨单`.
    pub title: &'static str,
    /// A small line under the title; empty for none.
    pub subtitle: String,
    /// The running number.
    pub number: String,
    /// The day of the record.
    pub day: BusinessDay,
    /// How the page lies.
    pub page: Page,
    /// Name and content of what holds for the whole paper.
    pub fields: Vec<(&'static str, String)>,
    /// The columns.
    pub columns: &'static [Column],
    /// The lines, each with a cell for each column; an empty cell is left to be written in.
    pub rows: Vec<Vec<String>>,
    /// Lines, counted from zero, whose last cell shows a drawing (SVG) instead of its words.
    pub drawings: BTreeMap<usize, String>,
    /// What the lines come to, by unit.
    pub totals: Vec<String>,
    /// Words under the table.
    pub notes: Vec<String>,
    /// Who signs.
    pub signatures: &'static [&'static str],
}

/// What the template reads. Field names are part of the template: add, never rename.
#[derive(Serialize)]
struct View<'a> {
    unit: String,
    brand: String,
    title: &'a str,
    subtitle: String,
    number: String,
    year: i32,
    month: u8,
    day: u8,
    landscape: bool,
    fields: Vec<(&'a str, String)>,
    columns: &'a [Column],
    rows: Vec<Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    drawings: BTreeMap<String, &'a str>,
    totals: Vec<String>,
    notes: Vec<String>,
    signatures: &'a [&'a str],
}

/// The first look, which shows words alone, stays that of all papers without a drawing.
fn template(data: &GoodsPaper) -> Result<&'static Template, PapersError> {
    if data.drawings.is_empty() { v1() } else { v2() }
}

fn v2() -> Result<&'static Template, PapersError> {
    static V2: OnceLock<Result<Template, PapersError>> = OnceLock::new();
    V2.get_or_init(|| Template::parse("goods.v2", include_str!("../../../templates/papers/goods.v2.typ")))
        .as_ref()
        .map_err(Clone::clone)
}

fn v1() -> Result<&'static Template, PapersError> {
    static V1: OnceLock<Result<Template, PapersError>> = OnceLock::new();
    V1.get_or_init(|| Template::parse("goods.v1", include_str!("../../../templates/papers/goods.v1.typ")))
        .as_ref()
        .map_err(Clone::clone)
}

/// Lays the paper out.
///
/// # Errors
/// [`PapersError::Data`] for more than [`ROWS_MAX`] lines or a line that has not a cell for each column; a long text is
/// no error but a warning.
pub fn lay_out(papers: &Papers, data: &GoodsPaper) -> Result<Sheet, PapersError> {
    if data.rows.len() > ROWS_MAX || data.rows.iter().any(|row| row.len() != data.columns.len()) {
        return Err(PapersError::Data);
    }
    let mut warnings: Vec<Warning> = Vec::new();
    let mut fitted = |field: &'static str, text: &str, limit| fit(field, text, limit, &mut warnings);
    let date = data.day.date();
    let view = View {
        unit: fitted("unit_name", &data.unit_name, CELL_CHARS_MAX),
        brand: data.brand.to_hex(),
        title: data.title,
        subtitle: fitted("subtitle", &data.subtitle, CELL_CHARS_MAX),
        number: fitted("number", &data.number, CELL_CHARS_MAX),
        year: date.year(),
        month: u8::from(date.month()),
        day: date.day(),
        landscape: data.page == Page::Landscape,
        fields: data
            .fields
            .iter()
            .map(|(name, text)| (*name, fitted("field", text, CELL_CHARS_MAX)))
            .collect(),
        columns: data.columns,
        rows: data
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| fitted("cell", cell, CELL_CHARS_MAX)).collect())
            .collect(),
        drawings: data
            .drawings
            .iter()
            .map(|(row, svg)| (row.to_string(), svg.as_str()))
            .collect(),
        totals: data
            .totals
            .iter()
            .map(|text| fitted("total", text, NOTE_CHARS_MAX))
            .collect(),
        notes: data
            .notes
            .iter()
            .map(|text| fitted("note", text, NOTE_CHARS_MAX))
            .collect(),
        signatures: data.signatures,
    };
    let ident = format!("goods.v1/{}/{}/{}", data.unit_name, data.title, data.number);
    let order = Order {
        template: template(data)?,
        data: &view,
        pictures: &[],
        ident: &ident,
        day: data.day,
    };
    let mut sheet = papers.lay_out(&order)?;
    sheet.warn(warnings);
    Ok(sheet)
}

/// The paper as PDF.
///
/// # Errors
/// As [`lay_out`] and [`Sheet::to_pdf`].
pub fn render_pdf(papers: &Papers, data: &GoodsPaper) -> Result<Rendered, PapersError> {
    let sheet = lay_out(papers, data)?;
    Ok(Rendered {
        bytes: sheet.to_pdf()?,
        warnings: sheet.warnings().to_vec(),
    })
}
