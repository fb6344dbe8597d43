//! Labels with QR codes for boxes, pallets and trucks: a sheet to print, 24 to a page.

use std::sync::OnceLock;

use kernel::BusinessDay;
use serde::Serialize;

use crate::certificate::fit;
use crate::{Order, Papers, PapersError, Rendered, Template, Warning, qr};

/// What a label carries in its type; longer texts end with `…`.
const UNIT_CHARS_MAX: usize = 24;
/// Labels of one sheet: ten pages.
pub const LABELS_MAX: usize = 240;

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The number people read.
    pub number: String,
    /// The address that its code leads to.
    pub url: String,
}

/// All labels of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The society.
    pub unit_name: String,
    /// What they are stuck on.
    pub kind: &'static str,
    /// The day that is written into the file; not shown.
    pub day: BusinessDay,
    /// The labels.
    pub labels: Vec<Label>,
}

/// What the template reads. Field names are part of the template: add, never rename.
#[derive(Serialize)]
struct View<'a> {
    unit: String,
    title: String,
    kind: &'a str,
    hint: &'a str,
    labels: Vec<Drawn<'a>>,
}

#[derive(Serialize)]
struct Drawn<'a> {
    number: &'a str,
    qr: String,
}

fn template() -> Result<&'static Template, PapersError> {
    static V1: OnceLock<Result<Template, PapersError>> = OnceLock::new();
    V1.get_or_init(|| Template::parse("labels.v1", include_str!("../../../templates/papers/labels.v1.typ")))
        .as_ref()
        .map_err(Clone::clone)
}

/// The sheet as PDF.
///
/// # Errors
/// [`PapersError::Data`] for none or more than [`LABELS_MAX`], and what [`PapersError`] says of codes and drawing.
pub fn render_pdf(papers: &Papers, data: &Labels) -> Result<Rendered, PapersError> {
    if !(1..=LABELS_MAX).contains(&data.labels.len()) {
        return Err(PapersError::Data);
    }
    let mut warnings: Vec<Warning> = Vec::new();
    let mut labels = Vec::with_capacity(data.labels.len());
    for label in &data.labels {
        labels.push(Drawn {
            number: &label.number,
            qr: qr::svg(&label.url)?,
        });
    }
    let ends = (data.labels.first(), data.labels.last());
    let title = match ends {
        (Some(first), Some(last)) => format!("{} {}–{}", data.kind, first.number, last.number),
        _ => data.kind.to_owned(),
    };
    let ident = format!("labels.v1/{}/{title}", data.unit_name);
    let view = View {
        unit: fit("unit_name", &data.unit_name, UNIT_CHARS_MAX, &mut warnings),
        title,
        kind: data.kind,
        hint: "扫码看去向",
        labels,
    };
    let order = Order {
        template: template()?,
        data: &view,
        pictures: &[],
        ident: &ident,
        day: data.day,
    };
    let mut sheet = papers.lay_out(&order)?;
    sheet.warn(warnings);
    Ok(Rendered {
        bytes: sheet.to_pdf()?,
        warnings: sheet.warnings().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(count: usize) -> Labels {
        let label = |n: usize| Label {
            number: format!("X2026-{n:06}"),
            url: format!("https://example.org/box/abcdefghijklmnopqrstuvwx{n:02}"),
        };
        Labels {
            unit_name: "示范市红十字会".into(),
            kind: "物资箱",
            day: BusinessDay::from_number(20_260_508).expect("a day"),
            labels: (1..=count).map(label).collect(),
        }
    }

    #[test]
    fn a_sheet_of_labels_is_drawn_the_same_each_time_and_an_empty_one_is_none() {
        let papers = Papers::new().expect("fonts");
        let drawn = render_pdf(&papers, &sheet(25)).expect("drawn");
        assert!(drawn.bytes.starts_with(b"%PDF-") && drawn.warnings.is_empty());
        assert!(render_pdf(&papers, &sheet(25)).expect("drawn").bytes == drawn.bytes);
        if let Some(folder) = option_env!("GOODS_SAMPLES") {
            std::fs::write(format!("{folder}/labels.pdf"), &drawn.bytes).expect("written");
        }
        assert_eq!(render_pdf(&papers, &sheet(0)).err(), Some(PapersError::Data));
        assert_eq!(
            render_pdf(&papers, &sheet(LABELS_MAX + 1)).err(),
            Some(PapersError::Data)
        );
    }
}
