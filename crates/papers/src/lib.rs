//! Papers: from typed data to PDF and PNG bytes, with typst as a library.
//!
//! The engine ([`Papers`]) knows nothing of gifts: it takes a template, data and pictures and lays out a [`Sheet`], which
//! gives PDF or PNG bytes. Nothing is read from the network, the file system or the clock, so the same input gives the
//! same bytes. The papers themselves stand in modules of their own: [`certificate`], [`goods`],
//! [`labels`], [`minutes`].
//!
//! Fonts: Noto Sans SC (SIL Open Font License 1.1; its text lies beside them as `generated/fonts/OFL.txt`).
//! Typst is the dearest dependency of the house, hence a crate of its own; drawing takes the processor for some
//! milliseconds, so async callers hand it to a blocking thread.

pub mod attach;
pub mod certificate;
mod engine;
mod error;
mod fonts;
pub mod goods;
pub mod labels;
pub mod minutes;
mod qr;
pub mod seal;
pub mod share;

pub use engine::{Dpi, Order, Papers, Picture, Rendered, Sheet, Template, Warning};
pub use error::PapersError;
pub use qr::{png as qr_png, standing as qr_svg};
