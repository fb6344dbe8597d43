//! The certificate of donation (捐赠证书): A4 landscape, issued the moment a gift is confirmed.
//!
//! What is issued is the data and the template version; the bytes are drawn when first asked for. A template that was
//! once issued never changes: a new look is a new [`TemplateVersion`], and a test holds the digest of each.

use std::sync::OnceLock;

use kernel::BusinessDay;
use serde::{Deserialize, Serialize};

use crate::{Dpi, Order, Papers, PapersError, Picture, Rendered, Sheet, Template, Warning, qr};

/// What the paper can carry in its smallest type. Longer texts end with `…` and a [`Warning::Shortened`].
const NAME_CHARS_MAX: usize = 120;
const UNIT_CHARS_MAX: usize = 60;
const PROJECT_CHARS_MAX: usize = 160;
const AMOUNT_CHARS_MAX: usize = 60;
const NUMBER_CHARS_MAX: usize = 48;
/// A run of letters longer than this may be broken inside: nobody's word, but some account names.
const UNBROKEN_CHARS_MAX: usize = 16;
const SEAL_FILE: &str = "/seal";
const QR_FILE: &str = "/qr.svg";

/// Which template draws a certificate. Stored with each issued certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TemplateVersion {
    /// `templates/papers/certificate.v1.typ`, 2026.
    V1,
}

impl TemplateVersion {
    /// What new certificates are issued with.
    pub const CURRENT: Self = Self::V1;

    /// As stored.
    pub const fn number(self) -> u16 {
        match self {
            Self::V1 => 1,
        }
    }
    /// From the stored number.
    ///
    /// # Errors
    /// [`PapersError::UnknownVersion`].
    pub const fn from_number(number: u16) -> Result<Self, PapersError> {
        match number {
            1 => Ok(Self::V1),
            other => Err(PapersError::UnknownVersion(other)),
        }
    }
    const fn text(self) -> &'static str {
        match self {
            Self::V1 => include_str!("../../../templates/papers/certificate.v1.typ"),
        }
    }
    fn template(self) -> Result<&'static Template, PapersError> {
        static V1: OnceLock<Result<Template, PapersError>> = OnceLock::new();
        let (cell, name) = match self {
            Self::V1 => (&V1, "certificate.v1"),
        };
        cell.get_or_init(|| Template::parse(name, self.text()))
            .as_ref()
            .map_err(Clone::clone)
    }
}

/// The words on the paper. Chinese is always the main language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese with small lines in English.
    #[default]
    ZhHansWithEnglish,
    /// Chinese only.
    ZhHans,
}

/// A unit's colour, red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// Vermilion 朱砂, the default brand colour.
    pub const VERMILION: Self = Self([0xB8, 0x44, 0x2F]);

    /// Reads `#B8442F`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .strip_prefix('#')
            .filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }
    pub(crate) fn to_hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02X}{green:02X}{blue:02X}")
    }
}

/// All that a certificate says. Holds a name and a showing key: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateData {
    /// The society's own name, up to 60 characters.
    pub unit_name: String,
    /// Its seal as PNG (transparent ground), JPEG or SVG, up to 2 MiB. Without one, a ring with a bridge is drawn.
    pub society_seal: Option<Vec<u8>>,
    /// Its colour; [`Colour::VERMILION`] unless it has its own.
    pub brand_colour: Colour,
    /// The donor as printed (or 爱心人士), up to 120 characters.
    pub donor_printed_name: String,
    /// Who is given for or in whose name, up to 120 characters.
    pub on_behalf_of: Option<String>,
    /// `1,061,100.00`: [`kernel::Fen::to_grouped`].
    pub amount_figures: String,
    /// `壹佰零陆万壹仟壹佰元整`: [`kernel::capitals::in_capitals`].
    pub amount_capitals: String,
    /// The project, up to 160 characters.
    pub project_name: String,
    /// The business day of the gift.
    pub day: BusinessDay,
    /// The certificate's human number, up to 48 characters.
    pub number: String,
    /// `<base>/v/<public id>#<showing key>`.
    pub qr_url: String,
    /// The languages.
    pub language: Language,
    /// The template.
    pub template_version: TemplateVersion,
}

/// What the template reads. Field names are part of each template: add, never rename.
#[derive(Serialize)]
struct View<'a> {
    unit: String,
    brand: String,
    donor: String,
    behalf: Option<String>,
    yuan: &'a str,
    fen: &'a str,
    capitals: String,
    project: String,
    year: i32,
    month: u8,
    day: u8,
    number: String,
    english: bool,
    seal: Option<&'static str>,
    /// Characters no font has, each with its number in hexadecimal.
    missing: Vec<(char, String)>,
}

/// Lays a certificate out, once for both kinds of bytes.
///
/// # Errors
/// [`PapersError`]; a long text or a rare character is no error but a warning.
pub fn lay_out(papers: &Papers, data: &CertificateData) -> Result<Sheet, PapersError> {
    let mut warnings = Vec::new();
    let mut fitted = |field: &'static str, text: &str, limit| fit(field, text, limit, &mut warnings);
    let unit = fitted("unit_name", &data.unit_name, UNIT_CHARS_MAX);
    let donor = fitted("donor_printed_name", &data.donor_printed_name, NAME_CHARS_MAX);
    let behalf = data
        .on_behalf_of
        .as_deref()
        .map(|name| fitted("on_behalf_of", name, NAME_CHARS_MAX));
    let project = fitted("project_name", &data.project_name, PROJECT_CHARS_MAX);
    let figures = fitted("amount_figures", &data.amount_figures, AMOUNT_CHARS_MAX);
    let capitals = fitted("amount_capitals", &data.amount_capitals, AMOUNT_CHARS_MAX);
    let number = fitted("number", &data.number, NUMBER_CHARS_MAX);
    let missing = missing_glyphs(
        papers,
        [&unit, &donor, &project, &number].into_iter().chain(behalf.as_ref()),
    );
    warnings.extend(missing.iter().map(|c| Warning::MissingGlyph(*c)));

    let mut pictures = vec![Picture::new(QR_FILE, qr::svg(&data.qr_url)?.into_bytes())?];
    if let Some(seal) = &data.society_seal {
        pictures.push(Picture::new(SEAL_FILE, seal.clone())?);
    }
    let (yuan, fen) = figures.split_at(figures.find('.').unwrap_or(figures.len()));
    let date = data.day.date();
    let view = View {
        brand: data.brand_colour.to_hex(),
        yuan,
        fen,
        capitals,
        year: date.year(),
        month: u8::from(date.month()),
        day: date.day(),
        english: data.language == Language::ZhHansWithEnglish,
        seal: data.society_seal.as_ref().map(|_| SEAL_FILE),
        missing: missing.iter().map(|c| (*c, format!("{:X}", u32::from(*c)))).collect(),
        unit,
        donor,
        behalf,
        project,
        number,
    };
    let ident = format!(
        "certificate.v{}/{}/{}",
        data.template_version.number(),
        data.unit_name,
        data.number
    );
    let template = data.template_version.template()?;
    let order = Order {
        template,
        data: &view,
        pictures: &pictures,
        ident: &ident,
        day: data.day,
    };
    let mut sheet = papers.lay_out(&order)?;
    sheet.warn(warnings);
    Ok(sheet)
}

/// The certificate as PDF.
///
/// # Errors
/// As [`lay_out`] and [`Sheet::to_pdf`].
pub fn render_pdf(papers: &Papers, data: &CertificateData) -> Result<Rendered, PapersError> {
    let sheet = lay_out(papers, data)?;
    Ok(Rendered {
        bytes: sheet.to_pdf()?,
        warnings: sheet.warnings().to_vec(),
    })
}

/// The certificate as PNG: at [`Dpi::SCREEN`] 1754 × 1240 pixels.
///
/// # Errors
/// As [`lay_out`] and [`Sheet::to_png`].
pub fn render_png(papers: &Papers, data: &CertificateData, dpi: Dpi) -> Result<Rendered, PapersError> {
    let sheet = lay_out(papers, data)?;
    Ok(Rendered {
        bytes: sheet.to_png(0, dpi)?,
        warnings: sheet.warnings().to_vec(),
    })
}

/// Cleans a text for one field: no control or invisible characters, one space for many, at most `limit` characters, and
/// a break allowed inside overlong runs of letters.
pub(crate) fn fit(field: &'static str, text: &str, limit: usize, warnings: &mut Vec<Warning>) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| is_seen(*c))
        .collect();
    let mut clean = visible
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if clean.chars().count() > limit {
        let kept_chars = limit - 1;
        clean = clean.chars().take(kept_chars).chain(['…']).collect();
        warnings.push(Warning::Shortened { field, kept_chars });
    }
    let mut broken = String::with_capacity(clean.len());
    let mut run = 0;
    for mut character in clean.chars() {
        // The face draws ’ as wide as a Han character, which tears “Friends’ Fund” apart.
        if matches!(character, '‘' | '’') && broken.ends_with(|before: char| before.is_ascii_alphanumeric()) {
            character = '\'';
        }
        // Han, kana and Hangul begin here; a line may break between them anyway.
        run = if character == ' ' || character >= '\u{2E80}' {
            0
        } else {
            run + 1
        };
        if run > UNBROKEN_CHARS_MAX {
            broken.push('\u{200B}');
            run = 1;
        }
        broken.push(character);
    }
    broken
}

/// Whether a character leaves a mark or a space: not control, joiners, direction marks, variation selectors, tags.
fn is_seen(character: char) -> bool {
    let invisible = matches!(u32::from(character),
        0xAD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F
        | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFC | 0x1_F3FB..=0x1_F3FF | 0xE_0000..=0xE_0FFF);
    !character.is_control() && !invisible
}

fn missing_glyphs<'a>(papers: &Papers, texts: impl Iterator<Item = &'a String>) -> Vec<char> {
    let mut missing: Vec<char> = texts.flat_map(|text| text.chars()).collect();
    missing.retain(|c| *c != '\u{200B}' && !papers.can_draw(*c));
    missing.sort_unstable();
    missing.dedup();
    missing
}
