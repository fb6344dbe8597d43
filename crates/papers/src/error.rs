//! What can go wrong between data and paper.

/// Why a paper could not be drawn. No variant carries a value from the data, so none can leak a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PapersError {
    /// The embedded fonts are absent or are not fonts.
    #[error("the fonts cannot be read ({0}); run `make gen` and build again")]
    Fonts(String),
    /// The template does not compile with this data. A fault of ours: every template is tested with its samples.
    #[error("the template {template} cannot be laid out: {problem}")]
    Template {
        /// The template's name.
        template: String,
        /// Line and message of the first problem.
        problem: String,
    },
    /// The data cannot be written as JSON.
    #[error("the data for the template cannot be written as JSON")]
    Data,
    /// A picture is larger than the engine takes.
    #[error("the picture {name} has {bytes} bytes, at most {limit} are allowed")]
    PictureTooLarge {
        /// The picture's virtual file name.
        name: &'static str,
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A picture is neither PNG nor JPEG nor SVG.
    #[error("the picture {0} is neither PNG nor JPEG nor SVG")]
    PictureKind(&'static str),
    /// The address does not fit the QR code.
    #[error("an address of {0} bytes does not fit the QR code")]
    QrTooLong(usize),
    /// The layout could not be written as PDF.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
    /// The layout could not be written as PNG.
    #[error("the PNG cannot be written: {0}")]
    Png(String),
    /// The page asked for does not exist.
    #[error("there is no page {0}")]
    NoSuchPage(usize),
    /// No template of this version was ever issued.
    #[error("there is no template version {0}")]
    UnknownVersion(u16),
}
