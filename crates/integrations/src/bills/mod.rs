//! Gift files and bills: a file in, classified lines and control totals out. Pure reading: no database, no clock.
//!
//! `Source` (text, xlsx, xls) gives rows one at a time into a reused buffer; `header` finds the header under titles and
//! notes and the [`Profile`] that fits; `classify` makes each data row exactly one [`Line`]; `totals` compares what the
//! file states about itself with what was found. The import action of `giving` stores what comes out.
//!
//! Invariants: a row counts once; a trade number is text from cell to line; a cell becomes [`kernel::Fen`] at its one
//! edge; memory does not grow with the rows, except the shared strings of an xlsx (refused above a named size), the
//! sheet of an xls (small by its format) and eight bytes and a count per line that has no number of its own.

mod classify;
mod error;
mod floor;
mod header;
mod limits;
mod line;
mod mask;
mod number;
mod profile;
mod reader;
mod reason;
mod row;
mod source;
mod table;
mod times;
mod totals;
mod whole;

#[cfg(test)]
mod tests;

pub use error::BillError;
pub use floor::{Floor, bare_parse};
pub use limits::Limits;
pub use line::{ControlCount, ControlTotal, GiftLine, Line, Scope, Summary};
pub use mask::mask;
pub use profile::Profile;
pub use reader::{BillReader, open};
pub use reason::{RefuseReason, SkipReason};
pub use table::{Columns, Table, TableRow};
pub use whole::whole_sheets;
