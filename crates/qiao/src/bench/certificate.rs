//! `qiao bench certificate`: certificates drawn on one core.

use std::time::{Duration, Instant};

use kernel::capitals::in_capitals;
use kernel::{BusinessDay, Fen};
use papers::certificate::{CertificateData, Colour, Language, TemplateVersion, render_pdf, render_png};
use papers::{Dpi, Papers};
use serde_json::{Value, json};

use super::per_second;
use crate::output::{Failure, Out};

/// What `bench certificate` is told.
#[derive(clap::Args)]
pub struct Args {
    /// For how long each form is drawn.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

fn sample(serial: i64) -> Result<CertificateData, Failure> {
    let amount = Fen::new(2_000 + serial % 500_000);
    Ok(CertificateData {
        unit_name: "示例市红十字会".into(),
        society_seal: None,
        brand_colour: Colour::VERMILION,
        donor_printed_name: "王示例".into(),
        on_behalf_of: None,
        amount_figures: amount.to_grouped(),
        amount_capitals: in_capitals(amount),
        project_name: "应急救护进万家".into(),
        day: BusinessDay::from_number(20_260_508)?,
        number: format!("371300-2026-{serial:07}"),
        qr_url: "http://127.0.0.1:8080/v/aaaaaaaaaaaaaaaaaaaaaaaaaa#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
        language: Language::default(),
        template_version: TemplateVersion::CURRENT,
    })
}

/// Measures.
pub async fn run(args: Args, out: &Out) -> Result<(Value, String), Failure> {
    let papers = Papers::new()?;
    render_pdf(&papers, &sample(0)?)?;
    let mut rates = [0u64; 2];
    for (rate, name) in rates.iter_mut().zip(["pdf", "png"]) {
        out.say(format!("drawing {name}"));
        let (begin, mut drawn) = (Instant::now(), 0u64);
        while begin.elapsed() < Duration::from_secs(args.seconds) {
            let data = sample(drawn.cast_signed())?;
            let bytes = if name == "pdf" {
                render_pdf(&papers, &data)?
            } else {
                render_png(&papers, &data, Dpi::SCREEN)?
            };
            drawn += u64::from(!bytes.bytes.is_empty());
        }
        *rate = per_second(drawn, begin.elapsed());
    }
    let document = json!({ "pdf_per_s": rates[0], "png_per_s": rates[1] });
    Ok((document, format!("{} PDF/s, {} PNG/s on one core", rates[0], rates[1])))
}
