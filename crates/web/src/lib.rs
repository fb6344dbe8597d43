//! The web: what every context needs to speak HTTP, and nothing of any context.
//!
//! Problems (`application/problem+json`), the two languages, pages from templates, live events, opaque cursors,
//! strict extractors and a rate limit. Contexts call downwards into this crate; it knows none of them, reads no
//! environment, makes no clock.

pub mod assets;
pub mod color;
pub mod console;
pub mod extract;
pub mod format;
pub mod limit;
pub mod locale;
pub mod pages;
pub mod paging;
pub mod problem;
pub mod sse;

pub use extract::{Json, Query};
pub use locale::{Locale, Reader};
pub use pages::{Made, Masthead, Page, Pages};
pub use paging::{Listing, PageRequest};
pub use problem::{Kind, Problem};
