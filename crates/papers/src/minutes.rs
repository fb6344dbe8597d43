//! The minutes of a decision (决策记录): what was asked, who decided what when and in which words, what came of it.
//!
//! What they say is their caller's, in the language of the reader; nothing is left out of a long history, which takes as
//! many pages as it needs.

use std::sync::OnceLock;

use kernel::BusinessDay;
use serde::Serialize;

use crate::certificate::{Colour, fit};
use crate::{Order, Papers, PapersError, Rendered, Sheet, Template, Warning};

/// What a line carries at most: the longest words of a decision, with who and when before them.
const LINE_CHARS_MAX: usize = 4_400;
/// What a heading carries.
const HEAD_CHARS_MAX: usize = 160;
/// Lines of one paper: a large committee in many rounds.
pub const LINES_MAX: usize = 4_000;

/// A line of the minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub enum Line {
    /// The heading of a part.
    Heading(String),
    /// Words.
    Text(String),
    /// One of several.
    Item(String),
}

/// All that the minutes say. May hold names: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct MinutesPaper {
    /// The society whose decision it was.
    pub unit_name: String,
    /// Its colour.
    pub brand: Colour,
    /// `zh` or `en`: how lines break and words are set.
    pub language: &'static str,
    /// `决策记录`.
    pub title: String,
    /// The case's number.
    pub number: String,
    /// What was asked, in one line.
    pub subject: String,
    /// What came of it: `通过`.
    pub outcome: String,
    /// How a page is counted: `第 {page} 页　共 {pages} 页`.
    pub page_words: String,
    /// A line at the foot of each page.
    pub foot: String,
    /// The day it ended.
    pub day: BusinessDay,
    /// Names the paper for ever.
    pub ident: String,
    /// Everything else, in order.
    pub lines: Vec<Line>,
}

/// What the template reads. Field names are part of the template: add, never rename.
#[derive(Serialize)]
struct View {
    unit: String,
    brand: String,
    language: &'static str,
    title: String,
    number: String,
    subject: String,
    outcome: String,
    page_words: String,
    foot: String,
    lines: Vec<Line>,
}

fn template() -> Result<&'static Template, PapersError> {
    static V1: OnceLock<Result<Template, PapersError>> = OnceLock::new();
    V1.get_or_init(|| Template::parse("minutes.v1", include_str!("../../../templates/papers/minutes.v1.typ")))
        .as_ref()
        .map_err(Clone::clone)
}

/// Lays the minutes out.
///
/// # Errors
/// [`PapersError::Data`] for more than [`LINES_MAX`] lines; a long text is no error but a warning.
pub fn lay_out(papers: &Papers, data: &MinutesPaper) -> Result<Sheet, PapersError> {
    if data.lines.len() > LINES_MAX {
        return Err(PapersError::Data);
    }
    let mut warnings: Vec<Warning> = Vec::new();
    let mut fitted = |field: &'static str, text: &str, limit| fit(field, text, limit, &mut warnings);
    let view = View {
        unit: fitted("unit_name", &data.unit_name, HEAD_CHARS_MAX),
        brand: data.brand.to_hex(),
        language: data.language,
        title: fitted("title", &data.title, HEAD_CHARS_MAX),
        number: fitted("number", &data.number, HEAD_CHARS_MAX),
        subject: fitted("subject", &data.subject, HEAD_CHARS_MAX),
        outcome: fitted("outcome", &data.outcome, HEAD_CHARS_MAX),
        page_words: data.page_words.clone(),
        foot: fitted("foot", &data.foot, HEAD_CHARS_MAX),
        lines: data
            .lines
            .iter()
            .map(|line| match line {
                Line::Heading(text) => Line::Heading(fitted("heading", text, HEAD_CHARS_MAX)),
                Line::Text(text) => Line::Text(fitted("text", text, LINE_CHARS_MAX)),
                Line::Item(text) => Line::Item(fitted("item", text, LINE_CHARS_MAX)),
            })
            .collect(),
    };
    let order = Order {
        template: template()?,
        data: &view,
        pictures: &[],
        ident: &format!("minutes.v1/{}", data.ident),
        day: data.day,
    };
    let mut sheet = papers.lay_out(&order)?;
    sheet.warn(warnings);
    Ok(sheet)
}

/// The minutes as PDF.
///
/// # Errors
/// As [`lay_out`] and [`Sheet::to_pdf`].
pub fn render_pdf(papers: &Papers, data: &MinutesPaper) -> Result<Rendered, PapersError> {
    let sheet = lay_out(papers, data)?;
    Ok(Rendered {
        bytes: sheet.to_pdf()?,
        warnings: sheet.warnings().to_vec(),
    })
}
