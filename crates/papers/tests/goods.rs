//! What the papers of goods promise: every line on a page, headings on each, the same bytes each time.

use std::sync::OnceLock;

use kernel::BusinessDay;
use papers::certificate::Colour;
use papers::goods::{self, Align, Column, GoodsPaper, Page, ROWS_MAX};
use papers::{Dpi, Papers, PapersError, Warning};

fn papers() -> &'static Papers {
    static PAPERS: OnceLock<Papers> = OnceLock::new();
    PAPERS.get_or_init(|| Papers::new().expect("fonts"))
}

const COLUMNS: &[Column] = &[
    Column {
        head: "序号",
        width: 2,
        align: Align::Center,
    },
    Column {
        head: "品名",
        width: 6,
        align: Align::Start,
    },
    Column {
        head: "数量",
        width: 3,
        align: Align::End,
    },
    Column {
        head: "单位",
        width: 2,
        align: Align::Center,
    },
];

fn sample(lines: usize) -> GoodsPaper {
    let row = |n: usize| vec![n.to_string(), "医用防护口罩".into(), "4,800".into(), "只".into()];
    GoodsPaper {
        unit_name: "示范市善桥慈善会".to_owned(),
        brand: Colour::VERMILION,
        title: "调拨单",
        subtitle: String::new(),
        number: "2026-0001".to_owned(),
        day: BusinessDay::parse("2026-05-08").expect("a day"),
        page: Page::Portrait,
        fields: vec![
            ("接收单位", "示范市第一医院".into()),
            ("依据", "两张清单分配方案".into()),
        ],
        columns: COLUMNS,
        rows: (1..=lines).map(row).collect(),
        drawings: Default::default(),
        totals: vec!["只 4,800".into()],
        notes: vec!["不同单位不相加。".into()],
        signatures: &["批准人", "库管员", "承运人", "接收人"],
    }
}

#[test]
fn the_same_records_give_the_same_archival_bytes() {
    let first = goods::render_pdf(papers(), &sample(3)).expect("drawn");
    assert!(first.bytes.starts_with(b"%PDF-1.7"));
    assert_eq!(first.warnings, []);
    let again = goods::render_pdf(&Papers::new().expect("fonts"), &sample(3)).expect("drawn");
    assert!(again.bytes == first.bytes, "another engine draws the same");
    let other = goods::render_pdf(papers(), &sample(4)).expect("drawn");
    assert!(other.bytes != first.bytes);
}

#[test]
fn a_drawn_signature_stands_in_the_last_cell_of_its_line() {
    let plain = goods::render_pdf(papers(), &sample(3)).expect("drawn");
    let svg = |points: &str| {
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 240" fill="none" stroke="#1D2733"><polyline points="{points}"/></svg>"##
        )
    };
    let with = |points: &str| {
        let mut data = sample(3);
        data.drawings.insert(1, svg(points));
        let sheet = goods::lay_out(papers(), &data).expect("laid out");
        assert!(sheet.words_stay_within(8));
        goods::render_pdf(papers(), &data).expect("drawn").bytes
    };
    let (one, other) = (with("10,10 300,200"), with("10,200 300,10"));
    assert!(one != plain.bytes && one != other, "the strokes are on the paper");
}

#[test]
fn long_papers_go_over_pages_and_no_word_leaves_its_page() {
    for (page, lines) in [(Page::Portrait, 1), (Page::Portrait, 200), (Page::Landscape, 90)] {
        let mut data = sample(lines);
        data.page = page;
        data.rows[0][1] = "超长品名".repeat(20);
        data.rows[0][2] = "W".repeat(60);
        let sheet = goods::lay_out(papers(), &data).expect("laid out");
        assert!(sheet.words_stay_within(8), "{page:?} {lines}");
        assert_eq!(sheet.pages() > 1, lines > 50, "{page:?} {lines}");
        assert!(sheet.to_png(sheet.pages() - 1, Dpi::SCREEN).is_ok());
    }
}

#[test]
fn a_line_without_all_its_cells_and_an_endless_paper_are_refused() {
    let mut short = sample(2);
    short.rows[1].pop();
    let mut endless = sample(1);
    endless.rows = vec![endless.rows[0].clone(); ROWS_MAX + 1];
    for data in [short, endless] {
        assert_eq!(goods::lay_out(papers(), &data).err(), Some(PapersError::Data));
    }
}

#[test]
fn what_does_not_fit_a_cell_is_told() {
    let mut data = sample(1);
    data.rows[0][1] = "长".repeat(121);
    let drawn = goods::render_pdf(papers(), &data).expect("drawn");
    let shortened = Warning::Shortened {
        field: "cell",
        kept_chars: 119,
    };
    assert_eq!(drawn.warnings, [shortened]);
}

#[test]
fn an_issued_template_never_changes() {
    let text = include_bytes!("../../../templates/papers/goods.v1.typ");
    let found = ring::digest::digest(&ring::digest::SHA256, text);
    let found: String = found.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        found, "3935dce062081de6cdcae2e60430714ce62aa7414d26c78005b9a8f1a348d31e",
        "papers were issued with it: make a new version instead"
    );
}
