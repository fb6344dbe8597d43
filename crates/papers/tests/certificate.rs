//! What the certificate promises to those who print, store and frame it.

use std::sync::OnceLock;

use kernel::capitals::in_capitals;
use kernel::{BusinessDay, Fen};
use papers::certificate::{self, CertificateData, Colour, Language, TemplateVersion};
use papers::{Dpi, Papers, PapersError, Warning};

fn papers() -> &'static Papers {
    static PAPERS: OnceLock<Papers> = OnceLock::new();
    PAPERS.get_or_init(|| Papers::new().expect("fonts"))
}

fn sample() -> CertificateData {
    let amount = Fen::new(106_110_000);
    CertificateData {
        unit_name: "临江市善桥慈善会".to_owned(),
        society_seal: None,
        brand_colour: Colour::VERMILION,
        donor_printed_name: "陈晓燕".to_owned(),
        on_behalf_of: None,
        amount_figures: amount.to_grouped(),
        amount_capitals: in_capitals(amount),
        project_name: "山区儿童先天性心脏病救助".to_owned(),
        day: BusinessDay::parse("2026-05-08").expect("a day"),
        number: "LJ-2026-000128".to_owned(),
        qr_url: "https://give.example.org/v/mfzwizltoq2dkmrxgy4tkojzgu#k7Qd3mS1xVtq0bXyP2c9RkTfLw8aZe5u".to_owned(),
        language: Language::default(),
        template_version: TemplateVersion::CURRENT,
    }
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

/// Width and height from a PNG's first chunk.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && &bytes[12..16] == b"IHDR");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

#[test]
fn the_same_data_gives_the_same_bytes_in_any_order_thread_and_engine() {
    let first_pdf = certificate::render_pdf(papers(), &sample()).expect("drawn");
    let first_png = certificate::render_png(papers(), &sample(), Dpi::SCREEN).expect("drawn");
    let mut other = sample();
    other.donor_printed_name = "李建国".to_owned();
    other.number = "LJ-2026-000129".to_owned();
    let other_pdf = certificate::render_pdf(papers(), &other).expect("drawn");
    assert_ne!(first_pdf.bytes, other_pdf.bytes);
    let again = std::thread::spawn(|| {
        let fresh = Papers::new().expect("fonts");
        let pdf = certificate::render_pdf(&fresh, &sample()).expect("drawn");
        let png = certificate::render_png(&fresh, &sample(), Dpi::SCREEN).expect("drawn");
        (pdf.bytes, png.bytes)
    });
    let (pdf, png) = again.join().expect("the thread ends well");
    assert!(pdf == first_pdf.bytes, "the PDF differs");
    assert!(png == first_png.bytes, "the PNG differs");
}

#[test]
fn the_pdf_is_one_archival_page_with_its_fonts_inside() {
    let sheet = certificate::lay_out(papers(), &sample()).expect("laid out");
    assert_eq!((sheet.pages(), sheet.warnings()), (1, &[][..]));
    let pdf = sheet.to_pdf().expect("written");
    assert!(pdf.starts_with(b"%PDF-1.7") && contains(&pdf, "%%EOF"));
    assert!(
        contains(&pdf, "+NotoSansSC-Regular") && contains(&pdf, "+NotoSansSC-Bold"),
        "fonts are named subsets"
    );
    assert!(contains(&pdf, "/FontFile"), "font programs are embedded");
    assert!(contains(&pdf, "<pdfaid:part>2</pdfaid:part>"), "PDF/A-2");
    assert!(
        contains(&pdf, "2026-05-08T00:00:00+08:00"),
        "dated by the gift's day, not by a clock"
    );
    assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
}

#[test]
fn a_picture_has_the_size_of_its_resolution() {
    let sheet = certificate::lay_out(papers(), &sample()).expect("laid out");
    assert_eq!(png_size(&sheet.to_png(0, Dpi::SCREEN).expect("drawn")), (1_754, 1_240));
    assert_eq!(png_size(&sheet.to_png(0, Dpi::clamped(72)).expect("drawn")), (842, 595));
    assert_eq!(Dpi::clamped(60_000).get(), 600);
    assert_eq!(sheet.to_png(1, Dpi::SCREEN), Err(PapersError::NoSuchPage(1)));
}

#[test]
fn long_names_and_great_amounts_stay_on_the_page() {
    let mut data = sample();
    let long = "中国远洋海上丝绸之路沿线国家青年企业家公益慈善联合促进会驻临江市代表处".repeat(4);
    for amount in [9_999_999_999_999, i64::MAX, i64::MIN].map(Fen::new) {
        for name in [
            long.chars().take(60).collect::<String>(),
            long.clone(),
            "W".repeat(120),
            String::new(),
        ] {
            data.unit_name = name.chars().take(60).collect();
            data.donor_printed_name.clone_from(&name);
            data.on_behalf_of = Some(name.clone());
            data.project_name.clone_from(&name);
            data.number = name.chars().take(48).collect();
            data.amount_figures = amount.to_grouped();
            data.amount_capitals = in_capitals(amount);
            let sheet = certificate::lay_out(papers(), &data).expect("laid out");
            assert_eq!(sheet.pages(), 1);
            assert!(sheet.words_stay_within(8), "words leave the page");
        }
    }
}

#[test]
fn a_text_beyond_its_limit_is_shortened_and_said() {
    let mut data = sample();
    data.donor_printed_name = "善".repeat(121);
    let shortened = certificate::render_pdf(papers(), &data).expect("drawn").warnings;
    assert_eq!(
        shortened,
        [Warning::Shortened {
            field: "donor_printed_name",
            kept_chars: 119
        }]
    );
    data.donor_printed_name = "善".repeat(120);
    assert_eq!(certificate::render_pdf(papers(), &data).expect("drawn").warnings, []);
}

#[test]
fn a_character_no_font_has_is_drawn_as_its_number_and_said() {
    let mut data = sample();
    data.donor_printed_name = "𪚥田\u{10FFFD}".to_owned();
    let drawn = certificate::render_pdf(papers(), &data).expect("drawn");
    assert_eq!(
        drawn.warnings,
        [Warning::MissingGlyph('𪚥'), Warning::MissingGlyph('\u{10FFFD}')]
    );
    assert!(
        contains(&drawn.bytes, "<pdfaid:part>2</pdfaid:part>"),
        "no missing glyph is left in the PDF"
    );
    data.donor_printed_name = "𬭎䶮㛃\u{200D}\u{FE0F}\u{202E}\u{0}".to_owned();
    assert_eq!(
        certificate::render_pdf(papers(), &data).expect("drawn").warnings,
        [],
        "rare but known, or invisible"
    );
}

#[test]
fn words_are_data_and_never_markup() {
    let plain = certificate::render_pdf(papers(), &sample()).expect("drawn").bytes;
    for name in [
        "#panic(\"no\")",
        "*_`$ ${} \\ [](<a>) @b // /* \"",
        "#import \"@preview/x:1.0.0\"",
        "<script>&amp;",
    ] {
        let mut data = sample();
        data.donor_printed_name = name.to_owned();
        data.project_name = name.to_owned();
        data.unit_name = name.to_owned();
        let drawn = certificate::render_pdf(papers(), &data).expect("drawn");
        assert_eq!(drawn.warnings, [], "{name}");
        assert_ne!(drawn.bytes, plain);
    }
}

#[test]
fn a_unit_prints_its_own_seal_and_colour() {
    let seal = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>"##;
    let neutral = certificate::render_png(papers(), &sample(), Dpi::clamped(72))
        .expect("drawn")
        .bytes;
    let mut data = sample();
    data.society_seal = Some(seal.as_bytes().to_vec());
    let sealed = certificate::render_png(papers(), &data, Dpi::clamped(72))
        .expect("drawn")
        .bytes;
    data.brand_colour = Colour::parse("#1F6F78").expect("a colour");
    let coloured = certificate::render_png(papers(), &data, Dpi::clamped(72))
        .expect("drawn")
        .bytes;
    assert!(neutral != sealed && sealed != coloured);
    assert_eq!(
        (Colour::parse("red"), Colour::parse("#12345g"), Colour::parse("#+12345")),
        (None, None, None)
    );
}

#[test]
fn what_is_no_picture_is_refused_before_it_is_printed() {
    let mut data = sample();
    data.society_seal = Some(b"GIF89a".to_vec());
    let refused = certificate::lay_out(papers(), &data).map(|sheet| sheet.pages());
    assert_eq!(refused, Err(PapersError::PictureKind("/seal")));
    data.society_seal = Some(b"\x89PNG\r\n\x1a\nbroken".to_vec());
    assert!(matches!(
        certificate::lay_out(papers(), &data),
        Err(PapersError::Template { .. })
    ));
    data.society_seal = Some(vec![0; 3 * 1024 * 1024]);
    assert!(matches!(
        certificate::lay_out(papers(), &data),
        Err(PapersError::PictureTooLarge { .. })
    ));
}

#[test]
fn the_english_lines_can_be_left_out() {
    let mut data = sample();
    let both = certificate::render_pdf(papers(), &data).expect("drawn").bytes;
    data.language = Language::ZhHans;
    assert_ne!(certificate::render_pdf(papers(), &data).expect("drawn").bytes, both);
}

#[test]
fn an_issued_template_never_changes() {
    let issued = [(
        TemplateVersion::V1,
        &include_bytes!("../../../templates/papers/certificate.v1.typ")[..],
        "c0bc8da480104328e0824f9d4f21758fe560c4c03b93df474ea1ceb6f9a4e278",
    )];
    for (version, text, digest) in issued {
        let found = ring::digest::digest(&ring::digest::SHA256, text);
        let found: String = found.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            found, digest,
            "certificates were issued with {version:?}: make a new version instead"
        );
        assert_eq!(TemplateVersion::from_number(version.number()), Ok(version));
    }
    assert_eq!(TemplateVersion::from_number(0), Err(PapersError::UnknownVersion(0)));
}

/// Memory in KiB now held by this process, where the system tells (Linux).
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[test]
fn memory_stays_bounded_over_many_certificates() {
    let draw = |from: u32, to: u32| {
        for at in from..to {
            let mut data = sample();
            data.number = format!("LJ-2026-{at:06}");
            data.donor_printed_name = format!("陈晓燕{at}");
            certificate::render_pdf(papers(), &data).expect("drawn");
        }
    };
    draw(0, 100);
    let before = resident_kib();
    draw(100, 300);
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        // Without sweeping, one certificate leaves about 0.3 MB in typst's memory.
        assert!(
            after < before + 40 * 1024,
            "{before} KiB grew to {after} KiB over 200 certificates"
        );
    }
}
