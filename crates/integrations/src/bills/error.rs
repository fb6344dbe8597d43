//! Why a file as a whole is not read. A single bad row is no error: it is a [`super::Line::Refused`].

/// Why a file is refused. None of the texts carries a cell of the file: cells may hold personal data.
#[derive(Debug, thiserror::Error)]
pub enum BillError {
    /// The file cannot be opened or read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Neither UTF-8 nor GB18030 without damage.
    #[error("the text is neither whole UTF-8 nor whole GBK/GB18030 (bytes that stand for no character, or “\u{fffd}”)")]
    Encoding,
    /// A text in UTF-16, which no known bill uses.
    #[error("the text is UTF-16; save it as UTF-8 or GBK")]
    Utf16,
    /// A part is larger than a named limit.
    #[error("{what} is larger than the limit of {limit}")]
    TooLarge {
        /// The part, by the name of its limit.
        what: &'static str,
        /// The limit, in bytes or rows.
        limit: u64,
    },
    /// The zip container is damaged, encrypted or packed in an unknown way.
    #[error("the xlsx container is damaged, encrypted or packed in an unknown way: {0}")]
    Container(String),
    /// The XML of a sheet is damaged.
    #[error("the sheet is damaged: {0}")]
    Xml(String),
    /// The old binary workbook is damaged or protected by a password.
    #[error("the xls workbook is damaged or protected by a password: {0}")]
    Xls(String),
    /// No sheet has the header of a known layout.
    #[error("no header of a known layout was found in the first {rows} rows; name a profile that fits")]
    NoHeader {
        /// How many rows of each visible sheet were searched at most.
        rows: u32,
    },
    /// The file has no header of the profile that was asked for.
    #[error("the header of profile “{profile}” was not found")]
    OtherLayout {
        /// The profile asked for.
        profile: String,
    },
    /// A profile file is wrong.
    #[error("the profile cannot be used: {0}")]
    Profile(String),
}

impl BillError {
    /// A stable code for reports and problem types.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file_unreadable",
            Self::Encoding => "encoding_unknown",
            Self::Utf16 => "encoding_utf16",
            Self::TooLarge { .. } => "file_too_large",
            Self::Container(_) => "container_damaged",
            Self::Xml(_) => "sheet_damaged",
            Self::Xls(_) => "xls_damaged",
            Self::NoHeader { .. } => "header_not_found",
            Self::OtherLayout { .. } => "profile_does_not_fit",
            Self::Profile(_) => "profile_wrong",
        }
    }
}

impl From<quick_xml::Error> for BillError {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Io(io) => from_io(&io),
            other => Self::Xml(other.to_string()),
        }
    }
}

/// A limit that a reader met travels through `std::io::Error`; here it becomes itself again.
pub(super) fn from_io(error: &std::io::Error) -> BillError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<LimitMet>()) {
        Some(met) => BillError::TooLarge {
            what: met.what,
            limit: met.limit,
        },
        None => BillError::Io(std::io::Error::new(error.kind(), error.to_string())),
    }
}

/// Carries a limit through a `Read` implementation.
#[derive(Debug, thiserror::Error)]
#[error("{what} is larger than {limit}")]
pub(super) struct LimitMet {
    pub(super) what: &'static str,
    pub(super) limit: u64,
}

impl LimitMet {
    pub(super) fn into_io(self) -> std::io::Error {
        std::io::Error::other(self)
    }
}
