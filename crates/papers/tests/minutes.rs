//! What minutes promise: every word on a page, long histories on many, the same bytes each time.

use std::sync::OnceLock;

use kernel::BusinessDay;
use papers::certificate::Colour;
use papers::minutes::{self, LINES_MAX, Line, MinutesPaper};
use papers::{Dpi, Papers, PapersError};

fn papers() -> &'static Papers {
    static PAPERS: OnceLock<Papers> = OnceLock::new();
    PAPERS.get_or_init(|| Papers::new().expect("fonts"))
}

fn sample(rounds: usize) -> MinutesPaper {
    let mut lines = vec![
        Line::Text("审批事项：项目准入（规则第 2 版）".into()),
        Line::Text("申请人：wang.xm，2026-05-08 10:20".into()),
        Line::Text("为沂水县三个村修建水窖十二口，受益三百二十户，预算一百万元，资金来自“5·8人道公益日”专场。".into()),
        Line::Item(format!("材料：项目方案（{}）", "ab12".repeat(16))),
        Line::Item("材料：预算（人工三十万元，材料六十五万元，监理五万元）".into()),
    ];
    for round in 1..=rounds {
        lines.push(Line::Heading(format!("第 {round} 环节 委员会表决 · 通过")));
        lines.push(Line::Item(
            "抽签：种子 5f3a；号码 1 li.h, 2 zhao.j, 3 chen.y。按 SHA-256(种子:号码) 从小到大取".into(),
        ));
        lines.push(Line::Item(
            "2026-05-08 10:26 li.h：同意 方案可行，请按计划实施，每月报一次进度。".into(),
        ));
        lines.push(Line::Item("2026-05-08 10:28 zhao.j：不同意 监理费偏高，".repeat(6)));
    }
    lines.push(Line::Heading("结果：通过".into()));
    lines.push(Line::Text("2026-05-08 10:31 结束".into()));
    MinutesPaper {
        unit_name: "示范市善桥慈善会".into(),
        brand: Colour::VERMILION,
        language: "zh",
        title: "决策记录".into(),
        number: "k3v9q2m7x1c4b8n6t5r0w3y2za".into(),
        subject: "博爱水窖项目方案及预算".into(),
        outcome: "通过".into(),
        page_words: "第 {page} 页　共 {pages} 页".into(),
        foot: "本记录由系统按审批历史生成，生成后内容不再改变".into(),
        day: BusinessDay::parse("2026-05-08").expect("a day"),
        ident: "k3v9q2m7x1c4b8n6t5r0w3y2za/zh-Hans/9".into(),
        lines,
    }
}

#[test]
fn all_words_stand_on_the_pages_and_a_long_history_takes_more() {
    let short = minutes::lay_out(papers(), &sample(2)).expect("laid out");
    assert_eq!((short.pages(), short.warnings()), (1, &[][..]));
    let long = minutes::lay_out(papers(), &sample(40)).expect("laid out");
    assert!(long.pages() > 3 && long.words_stay_within(10), "{}", long.pages());
    // For whoever wants to look at it: target/tmp/minutes.png.
    let picture = short.to_png(0, Dpi::SCREEN).expect("a picture");
    assert!(picture.len() > 10_000);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tmp");
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(format!("{folder}/minutes.png"), picture).expect("written");
}

#[test]
fn the_same_history_gives_the_same_bytes() {
    let first = minutes::render_pdf(papers(), &sample(3)).expect("drawn").bytes;
    assert!(first == minutes::render_pdf(papers(), &sample(3)).expect("drawn").bytes);
    assert!(first.starts_with(b"%PDF-"));
    let mut many = sample(1);
    many.lines = vec![Line::Text("一".into()); LINES_MAX + 1];
    assert_eq!(minutes::render_pdf(papers(), &many).err(), Some(PapersError::Data));
}
