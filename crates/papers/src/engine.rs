//! The engine: fonts loaded once, templates parsed once, a closed world for every paper.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::BusinessDay;
use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::layout::{Abs, Frame, FrameItem, Point, Rect, Transform};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::{LazyHash, Scalar};
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_render::RenderOptions;

use crate::{PapersError, fonts};

/// A seal or a photograph is some hundred kilobytes; more would make every certificate of a unit as large.
const PICTURE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many layouts pass between two sweeps of typst's memory, and how many sweeps an unused result survives. What all
/// papers share (fonts, template, seal) is used by each and stays; what one paper made is gone after at most
/// `LAYOUTS_PER_SWEEP * (SWEEPS_SURVIVED + 1)` others.
const LAYOUTS_PER_SWEEP: usize = 16;
const SWEEPS_SURVIVED: usize = 1;
/// The virtual name under which a template finds its data.
const DATA_FILE: &str = "/data.json";
const MAIN_FILE: &str = "/main.typ";
/// Points to the inch: the unit of typst's lengths.
const POINTS_PER_INCH: u16 = 72;

/// Draws papers. Costs some 20 MB and some tens of milliseconds to make; make one and share it.
pub struct Papers {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    layouts: AtomicUsize,
}

/// A template, parsed once.
#[derive(Debug, Clone)]
pub struct Template {
    name: &'static str,
    source: Source,
}

/// A picture that a template shows under its virtual name.
#[derive(Clone)]
pub struct Picture {
    name: &'static str,
    bytes: Bytes,
}

/// What is to be laid out.
pub struct Order<'a, D> {
    /// The template.
    pub template: &'a Template,
    /// Its data, which the template reads from `/data.json`.
    pub data: &'a D,
    /// The pictures it names.
    pub pictures: &'a [Picture],
    /// Names the paper for ever; only its hash enters the PDF.
    pub ident: &'a str,
    /// The day written into the PDF as its date.
    pub day: BusinessDay,
}

/// A paper laid out: pages that can be written as PDF or PNG.
pub struct Sheet {
    document: PagedDocument,
    ident: String,
    day: BusinessDay,
    warnings: Vec<Warning>,
}

/// Something the caller should know of a paper that was nevertheless drawn.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Warning {
    /// No embedded font has this character; a box with its number stands in its place.
    MissingGlyph(char),
    /// A field was longer than the paper can carry and ends with `…`.
    Shortened {
        /// The field's name.
        field: &'static str,
        /// How many characters are printed.
        kept_chars: usize,
    },
}

/// The bytes of a paper and what is to be known of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// PDF or PNG.
    pub bytes: Vec<u8>,
    /// Empty when all is well.
    pub warnings: Vec<Warning>,
}

/// Pixels to the inch, from 36 to 600 (an A4 page at 600 has 35 million pixels).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dpi(u16);

impl Dpi {
    /// For screens: A4 landscape becomes 1754 × 1240 pixels.
    pub const SCREEN: Self = Self(150);
    /// For printing.
    pub const PRINT: Self = Self(300);

    /// This resolution, brought into the allowed range.
    pub fn clamped(dpi: u16) -> Self {
        Self(dpi.clamp(36, 600))
    }
    /// Pixels to the inch.
    pub fn get(self) -> u16 {
        self.0
    }
    #[allow(clippy::float_arithmetic, reason = "typst measures in points of 1/72 inch")]
    fn pixels_per_point(self) -> Scalar {
        Scalar::new(f64::from(self.0) / f64::from(POINTS_PER_INCH))
    }
}

impl Template {
    /// Parses a template. The name appears in errors only.
    ///
    /// # Errors
    /// [`PapersError::Template`] when the text is not well formed.
    pub fn parse(name: &'static str, text: &str) -> Result<Self, PapersError> {
        let source = Source::new(virtual_file(MAIN_FILE)?, text.to_owned());
        match source.root().errors_and_warnings().0.first() {
            None => Ok(Self { name, source }),
            Some(error) => Err(PapersError::Template {
                template: name.to_owned(),
                problem: error.message.to_string(),
            }),
        }
    }
}

impl Picture {
    /// A PNG, JPEG or SVG under a virtual name such as `/seal`.
    ///
    /// # Errors
    /// [`PapersError::PictureTooLarge`] above 2 MiB, [`PapersError::PictureKind`] when the bytes are of no known kind.
    pub fn new(name: &'static str, bytes: Vec<u8>) -> Result<Self, PapersError> {
        if bytes.len() > PICTURE_BYTES_MAX {
            return Err(PapersError::PictureTooLarge {
                name,
                bytes: bytes.len(),
                limit: PICTURE_BYTES_MAX,
            });
        }
        let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(1_024)).unwrap_or_default());
        let known =
            bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff") || head.contains("<svg");
        if known {
            Ok(Self {
                name,
                bytes: Bytes::new(bytes),
            })
        } else {
            Err(PapersError::PictureKind(name))
        }
    }
}

impl Papers {
    /// Loads the embedded fonts.
    ///
    /// # Errors
    /// [`PapersError::Fonts`].
    pub fn new() -> Result<Self, PapersError> {
        let fonts = fonts::load()?;
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            layouts: AtomicUsize::new(0),
        })
    }

    /// Whether some embedded font can draw this character.
    pub fn can_draw(&self, character: char) -> bool {
        self.fonts
            .iter()
            .any(|font| font.info().coverage.contains(u32::from(character)))
    }

    /// Lays a paper out.
    ///
    /// # Errors
    /// [`PapersError::Template`] when the template does not compile with this data, [`PapersError::Data`].
    pub fn lay_out<D: Serialize>(&self, order: &Order<'_, D>) -> Result<Sheet, PapersError> {
        let data = serde_json::to_vec(order.data).map_err(|_| PapersError::Data)?;
        let mut files = vec![(virtual_file(DATA_FILE)?, Bytes::new(data))];
        for picture in order.pictures {
            files.push((virtual_file(picture.name)?, picture.bytes.clone()));
        }
        let desk = Desk {
            papers: self,
            template: order.template,
            files,
        };
        let Warned { output, .. } = typst::compile::<PagedDocument>(&desk);
        let document = output.map_err(|problems| desk.template_error(&problems))?;
        self.sweep_now_and_then();
        let mut missing = Vec::new();
        for page in document.pages() {
            collect_missing(&page.frame, &mut missing);
        }
        let warnings = distinct(missing).into_iter().map(Warning::MissingGlyph).collect();
        Ok(Sheet {
            document,
            ident: order.ident.to_owned(),
            day: order.day,
            warnings,
        })
    }

    fn sweep_now_and_then(&self) {
        let done = self.layouts.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(LAYOUTS_PER_SWEEP) {
            typst::comemo::evict(SWEEPS_SURVIVED);
        }
    }
}

impl Sheet {
    /// What the caller should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
    /// Adds what the paper's own module knows.
    pub(crate) fn warn(&mut self, warnings: Vec<Warning>) {
        self.warnings.extend(warnings);
    }
    /// How many pages there are.
    pub fn pages(&self) -> usize {
        self.document.pages().len()
    }

    /// Whether every word lies on its page, at least `margin_mm` millimetres from each edge: how tests see that long data
    /// does not run out of a template.
    pub fn words_stay_within(&self, margin_mm: u16) -> bool {
        let margin = Abs::mm(f64::from(margin_mm));
        self.document.pages().iter().all(|page| {
            let size = page.frame.size();
            let inside = Rect::new(Point::splat(margin), Point::new(size.x - margin, size.y - margin));
            words_lie_in(&page.frame, Transform::identity(), &inside)
        })
    }

    /// The PDF, with fonts embedded as subsets: PDF/A-2b, made to be kept, unless a glyph is missing (the standard forbids
    /// that), then plain PDF 1.7.
    ///
    /// # Errors
    /// [`PapersError::Pdf`].
    pub fn to_pdf(&self) -> Result<Vec<u8>, PapersError> {
        let lacks_glyph = self.document.pages().iter().any(|page| frame_lacks_glyph(&page.frame));
        let standards: &[PdfStandard] = if lacks_glyph { &[] } else { &[PdfStandard::A_2b] };
        let date = self.day.date();
        let midnight = Datetime::from_ymd_hms(date.year(), u8::from(date.month()), date.day(), 0, 0, 0);
        let options = PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("Shanqiao".to_owned())),
            timestamp: midnight.and_then(|at| Timestamp::new_local(at, 8 * 60)),
            standards: PdfStandards::new(standards).map_err(|e| PapersError::Pdf(e.message().to_string()))?,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&self.document, &options)
            .map_err(|problems| PapersError::Pdf(problems.first().map_or_else(String::new, |p| p.message.to_string())))
    }

    /// A page (the first is 0) as PNG.
    ///
    /// # Errors
    /// [`PapersError::NoSuchPage`], [`PapersError::Png`].
    pub fn to_png(&self, page: usize, dpi: Dpi) -> Result<Vec<u8>, PapersError> {
        let wanted = self.document.pages().get(page).ok_or(PapersError::NoSuchPage(page))?;
        let options = RenderOptions {
            pixel_per_pt: dpi.pixels_per_point(),
            render_bleed: false,
        };
        typst_render::render(wanted, &options)
            .encode_png()
            .map_err(|e| PapersError::Png(e.to_string()))
    }
}

/// The closed world of one paper: its template, its data and pictures, the fonts, and no clock.
struct Desk<'a> {
    papers: &'a Papers,
    template: &'a Template,
    files: Vec<(FileId, Bytes)>,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.papers.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &self.papers.book
    }
    fn main(&self) -> FileId {
        self.template.source.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.source.id() {
            Ok(self.template.source.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(file, _)| *file == id);
        found.map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.papers.fonts.get(index).cloned()
    }
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

impl Desk<'_> {
    fn template_error(&self, problems: &[SourceDiagnostic]) -> PapersError {
        let problem = problems.first().map_or_else(String::new, |problem| {
            let line = self
                .range(problem.span)
                .and_then(|at| self.template.source.lines().byte_to_line(at.start));
            let line = line.map_or_else(String::new, |line| format!("line {}: ", line + 1));
            format!("{line}{}", problem.message)
        });
        PapersError::Template {
            template: self.template.name.to_owned(),
            problem,
        }
    }
}

/// The id of a virtual file. Names are few and fixed: typst keeps each for ever.
fn virtual_file(name: &'static str) -> Result<FileId, PapersError> {
    let path = VirtualPath::new(name).map_err(|_| PapersError::Template {
        template: name.to_owned(),
        problem: "not a file name".to_owned(),
    })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn collect_missing(frame: &Frame, into: &mut Vec<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect_missing(&group.frame, into),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    into.extend(text.text.get(glyph.range()).unwrap_or_default().chars());
                }
            }
            _ => {}
        }
    }
}

#[allow(clippy::float_arithmetic, reason = "typst's lengths")]
fn words_lie_in(frame: &Frame, at: Transform, inside: &Rect) -> bool {
    frame.items().all(|(position, item)| {
        let here = at.pre_concat(Transform::translate(position.x, position.y));
        match item {
            FrameItem::Group(group) => words_lie_in(&group.frame, here.pre_concat(group.transform), inside),
            FrameItem::Text(text) => {
                // From the baseline: ascenders above, and the end of the run.
                let (top, end) = (Point::with_y(-text.size * 0.8), Point::with_x(text.width()));
                [top, end, top + end]
                    .into_iter()
                    .map(|corner| corner.transform(here))
                    .all(|corner| {
                        let (min, max) = (inside.min, inside.max);
                        corner.x >= min.x && corner.y >= min.y && corner.x <= max.x && corner.y <= max.y
                    })
            }
            _ => true,
        }
    })
}

fn frame_lacks_glyph(frame: &Frame) -> bool {
    frame.items().any(|(_, item)| match item {
        FrameItem::Group(group) => frame_lacks_glyph(&group.frame),
        FrameItem::Text(text) => text.glyphs.iter().any(|glyph| glyph.id == 0),
        _ => false,
    })
}

fn distinct(characters: Vec<char>) -> Vec<char> {
    let mut seen = HashSet::new();
    characters.into_iter().filter(|c| seen.insert(*c)).collect()
}

impl fmt::Debug for Papers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Papers")
            .field("fonts", &self.fonts.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sheet {
    /// Without the words on it, which may be a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheet")
            .field("pages", &self.pages())
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("bytes", &self.bytes.len())
            .field("warnings", &self.warnings)
            .finish()
    }
}
