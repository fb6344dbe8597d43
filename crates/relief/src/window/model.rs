//! A video as a value.

/// How a page shows a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A file or stream that the page plays itself.
    Played,
    /// A page with a player of its own, in a frame.
    Framed,
}

/// A video outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Video {
    /// Where it is.
    pub address: String,
    /// The name of its host, in small letters.
    pub host: String,
    /// How it is shown.
    pub shown: Shown,
}
