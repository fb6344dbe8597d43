//! What a platform settles: gift details, matches and the settlement that pays them out, brought in together.
//!
//! First everything is read and compared: each page's gifts and matches must be what the settlement says by count and sum,
//! each page must be in the register, each order must be new or known with the same amount. Whatever does not tie is listed in
//! clear words and nothing is stored. Then gifts and matches go through the one intake, under the order's own number, so that the
//! same files given twice add nothing and files cut off halfway add the rest. The platform's match is booked project by project as
//! income of its own, given by the body that granted it. What arrives in the bank is booked by a person who keeps the books.

mod actions;
pub mod api;
mod error;
pub mod jobs;
mod model;
mod payout;
mod profile;
mod queries;
mod reading;
mod report;
mod rules;
mod store;
mod survey;

pub use actions::{FACT_KINDS, Files, Order, Upload, UploadedPart, import, take_upload};
pub use error::FileError;
pub use model::{Statement, StatementLine, StatementState};
pub use payout::actions::{Arrived, book_payout};
pub use profile::{FileKind, Profile};
pub use queries::{lines_of, list, load};
pub use report::{Part, RowNote, StatementReport, TagSum};
pub use rules::{Difference, What};
