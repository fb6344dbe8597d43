//! The picture a donor shares in a chat: the project, a few words, and the QR code of the project's public page, or of the
//! page of the team with which she gave. It carries no key, no amount, and a name only where the donor asked for it.

use std::sync::OnceLock;

use kernel::BusinessDay;
use serde::Serialize;

use crate::certificate::{Colour, fit};
use crate::{Dpi, Order, Papers, PapersError, Picture, Rendered, Template, Warning, qr};

/// What the picture can carry in its smallest type; longer texts end with `…`.
const UNIT_CHARS_MAX: usize = 60;
const PROJECT_CHARS_MAX: usize = 60;
const SENTENCE_CHARS_MAX: usize = 120;
const NAME_CHARS_MAX: usize = 20;
const FILING_CHARS_MAX: usize = 48;
const TEAM_CHARS_MAX: usize = 30;
const QR_FILE: &str = "/qr.svg";
/// Four pixels to the point: 1080 × 1440, what chat apps show without scaling up.
const SHARE_DPI: u16 = 288;

/// All that the picture says. May hold a name: no `Debug`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ShareData {
    /// The society that raises.
    pub unit_name: String,
    /// Its colour.
    pub brand: Colour,
    /// The donor, only where she asked to be named.
    pub donor: Option<String>,
    /// The team with which she gave, by its moderated name.
    pub team: Option<String>,
    /// The project.
    pub project: String,
    /// What it does, in a sentence.
    pub sentence: String,
    /// The filing number of its campaign.
    pub filing: Option<String>,
    /// The address of the project's page or the team's, with a county's tag where she came by one. Public: never with a key.
    pub qr_url: String,
    /// The day that is written into the file; not shown.
    pub day: BusinessDay,
}

/// What the template reads. Field names are part of the template: add, never rename.
#[derive(Serialize)]
struct View {
    unit: String,
    brand: String,
    donor: Option<String>,
    lead: String,
    project: String,
    sentence: String,
    filing: Option<String>,
}

fn template() -> Result<&'static Template, PapersError> {
    static V1: OnceLock<Result<Template, PapersError>> = OnceLock::new();
    V1.get_or_init(|| Template::parse("share.v1", include_str!("../../../templates/papers/share.v1.typ")))
        .as_ref()
        .map_err(Clone::clone)
}

/// The picture as PNG, 1080 × 1440 pixels.
///
/// # Errors
/// [`PapersError`]; a long text is no error but a warning.
pub fn render_png(papers: &Papers, data: &ShareData) -> Result<Rendered, PapersError> {
    let mut warnings: Vec<Warning> = Vec::new();
    let mut fitted = |field: &'static str, text: &str, limit| fit(field, text, limit, &mut warnings);
    let view = View {
        unit: fitted("unit_name", &data.unit_name, UNIT_CHARS_MAX),
        brand: data.brand.to_hex(),
        donor: data.donor.as_deref().map(|name| fitted("donor", name, NAME_CHARS_MAX)),
        lead: match (&data.team, &data.donor) {
            (Some(team), _) => format!("邀请您加入“{}”一起捐", fitted("team", team, TEAM_CHARS_MAX)),
            (None, Some(_)) => "邀请您一起支持".to_owned(),
            (None, None) => "邀请您一起支持这个项目".to_owned(),
        },
        project: fitted("project", &data.project, PROJECT_CHARS_MAX),
        sentence: fitted("sentence", &data.sentence, SENTENCE_CHARS_MAX),
        filing: data
            .filing
            .as_deref()
            .map(|number| fitted("filing", number, FILING_CHARS_MAX)),
    };
    let pictures = [Picture::new(QR_FILE, qr::svg(&data.qr_url)?.into_bytes())?];
    let ident = format!("share.v1/{}/{}", data.unit_name, data.project);
    let order = Order {
        template: template()?,
        data: &view,
        pictures: &pictures,
        ident: &ident,
        day: data.day,
    };
    let mut sheet = papers.lay_out(&order)?;
    sheet.warn(warnings);
    Ok(Rendered {
        bytes: sheet.to_png(0, Dpi::clamped(SHARE_DPI))?,
        warnings: sheet.warnings().to_vec(),
    })
}

/// A text as a QR code, drawn as SVG: for a payment that a phone scans from a screen.
///
/// # Errors
/// [`PapersError::QrTooLong`].
pub fn qr_svg(text: &str) -> Result<String, PapersError> {
    qr::svg(text)
}
