//! What the picture to share promises: readable at any length, the same for ever, nothing in it that is not public.

use std::sync::OnceLock;

use kernel::BusinessDay;
use papers::certificate::Colour;
use papers::share::{self, ShareData};
use papers::{Papers, Warning};

fn papers() -> &'static Papers {
    static PAPERS: OnceLock<Papers> = OnceLock::new();
    PAPERS.get_or_init(|| Papers::new().expect("fonts"))
}

fn sample() -> ShareData {
    ShareData {
        unit_name: "示范市红十字会".to_owned(),
        brand: Colour::VERMILION,
        donor: None,
        team: None,
        project: "生命教育·防溺水".to_owned(),
        sentence: "让每个孩子暑假前都上一堂防溺水课，为学校和乡镇配置救生设备。".to_owned(),
        filing: Some("53370000MJE0000000A26001".to_owned()),
        qr_url: "https://give.example.org/p/fangnishui".to_owned(),
        day: BusinessDay::parse("2026-05-08").expect("a day"),
    }
}

/// Width and height from a PNG's first chunk.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && &bytes[12..16] == b"IHDR");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

#[test]
fn the_picture_has_the_size_chat_apps_show_and_the_same_bytes_each_time() {
    let first = share::render_png(papers(), &sample()).expect("drawn");
    assert_eq!(png_size(&first.bytes), (1_080, 1_440));
    assert_eq!(first.warnings, []);
    assert!(first.bytes.len() < 400_000, "{} bytes", first.bytes.len());
    let again = share::render_png(&Papers::new().expect("fonts"), &sample()).expect("drawn");
    assert!(again.bytes == first.bytes, "another engine draws the same");
    if let Some(folder) = option_env!("SHARE_SAMPLES") {
        std::fs::write(format!("{folder}/share.png"), &first.bytes).expect("written");
        let mut team = sample();
        team.donor = Some("陈晓燕".into());
        team.team = Some("示例市第一实验小学五年级全体家长和孩子们守护生命接力队".into());
        let team = share::render_png(papers(), &team).expect("drawn");
        std::fs::write(format!("{folder}/share-team.png"), &team.bytes).expect("written");
    }
}

#[test]
fn a_name_a_project_or_an_address_changes_the_picture() {
    let plain = share::render_png(papers(), &sample()).expect("drawn").bytes;
    for change in [
        |d: &mut ShareData| d.donor = Some("陈晓燕".into()),
        |d: &mut ShareData| d.project = "救在身边".into(),
        |d: &mut ShareData| d.qr_url = "https://give.example.org/p/jiuzaishenbian".into(),
        |d: &mut ShareData| d.filing = None,
        |d: &mut ShareData| d.team = Some("示例一中八年级三班".into()),
    ] {
        let mut data = sample();
        change(&mut data);
        assert!(share::render_png(papers(), &data).expect("drawn").bytes != plain);
    }
}

#[test]
fn long_words_are_shortened_and_told() {
    let mut data = sample();
    data.project = "长".repeat(61);
    data.donor = Some("W".repeat(21));
    data.sentence = "句".repeat(500);
    let drawn = share::render_png(papers(), &data).expect("drawn");
    let fields: Vec<&str> = drawn
        .warnings
        .iter()
        .filter_map(|warning| match warning {
            Warning::Shortened { field, .. } => Some(*field),
            Warning::MissingGlyph(_) => None,
        })
        .collect();
    assert_eq!(fields, ["donor", "project", "sentence"]);
}

#[test]
fn an_issued_template_never_changes() {
    let text = include_bytes!("../../../templates/papers/share.v1.typ");
    let found = ring::digest::digest(&ring::digest::SHA256, text);
    let found: String = found.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        found, "f4e3c676f9ee0a7819cfc1853e1e3acfe89240dbb2f5b2033d498c8bacdc65b3",
        "pictures were shared with it: make a new version instead"
    );
}
