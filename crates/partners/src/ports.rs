//! What this crate asks of crates beside it, as small traits; `qiao` puts the parts in.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use db::{DbError, Snapshot};
use kernel::{BusinessDay, Fen, UnitId};
use platform::Services;

/// An answer that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 'a>>;

/// A dispatch order of goods, as a partner agreement looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The order's id, whatever type it has where it lives.
    pub dispatch: [u8; 16],
    /// Whose.
    pub unit: UnitId,
    /// Its number as it stands on papers.
    pub number: String,
    /// Where the receiver is; a region code.
    pub region: String,
    /// The day it left; none while it has not.
    pub left_on: Option<BusinessDay>,
    /// What left by it, less what came back, as the books were told it.
    pub value: Fen,
    /// Lots of it that have no value and are in no sum.
    pub unvalued: i64,
}

/// Who knows the worth of goods sent.
pub trait GoodsSent: Send + Sync {
    /// The order of a unit with this number on its paper (`2026-0001`).
    fn by_number<'a>(&'a self, at: &'a mut Snapshot, unit: UnitId, number: &'a str) -> Later<'a, Option<Sent>>;
    /// These orders as they stand; one that is not there is left out.
    fn values<'a>(&'a self, at: &'a mut Snapshot, dispatches: &'a [[u8; 16]]) -> Later<'a, Vec<Sent>>;
}

/// Why a file is no sheet: words for the person who handed it in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoSheet(pub String);

/// One row of a sheet: its number as a person sees it, and its cells from the first column on.
pub type SheetRow = (u32, Vec<String>);

/// Who reads sheets: xlsx, xls or csv, told apart by their bytes.
pub trait Sheets: Send + Sync {
    /// The filled rows of the first visible sheet. Blocking: call it apart.
    ///
    /// # Errors
    /// [`NoSheet`].
    fn rows(&self, bytes: &[u8]) -> Result<Vec<SheetRow>, NoSheet>;
}

/// The parts together with the services, as the state of the routes that need them. Cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// The services.
    pub services: Services,
    /// Who knows goods.
    pub goods: Arc<dyn GoodsSent>,
    /// Who reads sheets.
    pub sheets: Arc<dyn Sheets>,
}
