//! Writes made-up certificates as PDF and PNG: `cargo run -p papers --example sample_certificate -- FOLDER`.
//! With a number behind the folder, draws that many more and prints the rate and the memory.

use std::path::Path;
use std::time::Instant;

use kernel::capitals::in_capitals;
use kernel::{BusinessDay, Fen};
use papers::certificate::{self, CertificateData, Colour, Language, TemplateVersion};
use papers::{Dpi, Papers};

fn sample(donor: &str, project: &str, fen: i64) -> CertificateData {
    let amount = Fen::new(fen);
    CertificateData {
        unit_name: "临江市善桥慈善会".to_owned(),
        society_seal: None,
        brand_colour: Colour::VERMILION,
        donor_printed_name: donor.to_owned(),
        on_behalf_of: None,
        amount_figures: amount.to_grouped(),
        amount_capitals: in_capitals(amount),
        project_name: project.to_owned(),
        day: BusinessDay::parse("2026-05-08").expect("a day"),
        number: "LJ-2026-000128".to_owned(),
        qr_url: "https://give.example.org/v/mfzwizltoq2dkmrxgy4tkojzgu#k7Qd3mS1xVtq0bXyP2c9RkTfLw8aZe5u".to_owned(),
        language: Language::default(),
        template_version: TemplateVersion::CURRENT,
    }
}

const SEAL: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200"><g fill="none" stroke="#c0262b" opacity=".86">
<circle cx="100" cy="100" r="94" stroke-width="6"/><path d="M55 118 Q100 50 145 118" stroke-width="7"/>
<path d="M40 130 H160" stroke-width="4"/></g></svg>"##;

fn samples() -> Vec<(&'static str, CertificateData)> {
    let ordinary = sample("陈晓燕", "山区儿童先天性心脏病救助", 10_000);
    let large = sample("临江市远航港务集团有限公司", "一起捐·乡村小学暖冬操场", 106_110_000);
    let mut sealed = sample("李建国", "社区急救站与自动体外除颤器布设", 2_000);
    sealed.society_seal = Some(SEAL.as_bytes().to_vec());
    sealed.brand_colour = Colour::parse("#1F6F78").expect("a colour");
    sealed.on_behalf_of = Some("临江市第三中学二〇二六届毕业班全体同学".to_owned());
    let mut extreme = sample(
        &"中国远洋海上丝绸之路沿线国家青年企业家公益慈善联合促进会驻临江市代表处"
            .repeat(2)
            .chars()
            .take(60)
            .collect::<String>(),
        &"“人道万人捐”博爱送万家暨困境儿童、孤寡老人、重大疾病患者综合救助与心理关爱专项行动（第三期·沿江各县区）"
            .repeat(2),
        9_999_999_999_999,
    );
    extreme.unit_name = "中国某某省临江土家族苗族自治州红枫林区慈善总会及各县区联合募捐工作委员会".to_owned();
    extreme.on_behalf_of = Some("阿卜杜热西提·阿卜杜热合曼·买买提依明 及全体家人".to_owned());
    extreme.number = "LJ-HF-UNION-2026-000000000128".to_owned();
    let rare = sample(
        "𠮷田𬭎䶮 🌸 W\u{200d}👨‍👩‍👧 𪚥",
        "Global Friends’ Fund for Schools in the Mountains",
        5,
    );
    let mut latin = sample(&"Abcdefghij".repeat(6), &"W".repeat(60), 123_456_789);
    latin.language = Language::ZhHans;
    let longest = "中国远洋海上丝绸之路沿线国家青年企业家公益慈善联合促进会驻临江市代表处".repeat(5);
    let first = |chars: usize| longest.chars().take(chars).collect::<String>();
    let mut limits = sample(&first(120), &first(160), i64::MAX);
    (limits.unit_name, limits.on_behalf_of, limits.number) = (first(60), Some(first(120)), first(48));
    vec![
        ("7-limits", limits),
        ("1-ordinary", ordinary),
        ("2-large", large),
        ("3-sealed", sealed),
        ("4-extreme", extreme),
        ("5-rare", rare),
        ("6-latin", latin),
    ]
}

fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or_default();
    line.chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap_or(0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "target/certificates".to_owned());
    let more: u32 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    std::fs::create_dir_all(&folder)?;
    let begin = Instant::now();
    let papers = Papers::new()?;
    println!("fonts: {:?}", begin.elapsed());
    for (name, data) in samples() {
        let begin = Instant::now();
        let sheet = certificate::lay_out(&papers, &data)?;
        let laid_out = begin.elapsed();
        let pdf = sheet.to_pdf()?;
        let written = begin.elapsed() - laid_out;
        let png = sheet.to_png(0, Dpi::SCREEN)?;
        let drawn = begin.elapsed() - laid_out - written;
        println!(
            "{name}: layout {laid_out:?}, pdf {written:?} ({} bytes), png {drawn:?} ({} bytes), {} page(s), {:?}",
            pdf.len(),
            png.len(),
            sheet.pages(),
            sheet.warnings()
        );
        std::fs::write(Path::new(&folder).join(format!("{name}.pdf")), pdf)?;
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), png)?;
    }
    let rates = |what: &str, draw: &dyn Fn(&CertificateData) -> Result<usize, papers::PapersError>| {
        let begin = Instant::now();
        let before = memory_kib();
        for at in 0..more {
            let mut data = sample("陈晓燕", "山区儿童先天性心脏病救助", i64::from(at) * 137 + 1);
            data.number = format!("LJ-2026-{at:06}");
            data.donor_printed_name = format!("陈晓燕{at}");
            draw(&data)?;
        }
        let seconds = begin.elapsed().as_millis().max(1);
        println!(
            "{what}: {} a second, {before} → {} KiB",
            u128::from(more) * 1_000 / seconds,
            memory_kib()
        );
        Ok::<(), papers::PapersError>(())
    };
    if more > 0 {
        rates("layout", &|data| certificate::lay_out(&papers, data).map(|s| s.pages()))?;
        rates("pdf", &|data| {
            certificate::render_pdf(&papers, data).map(|r| r.bytes.len())
        })?;
        rates("png", &|data| {
            certificate::render_png(&papers, data, Dpi::SCREEN).map(|r| r.bytes.len())
        })?;
    }
    Ok(())
}
