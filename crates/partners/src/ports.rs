//! What this crate asks of crates beside it, as small traits; `qiao` puts the parts in.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use db::{DbError, Snapshot, Tx};
use kernel::{BusinessDay, Fen, UnitId};
use platform::Services;
use platform::identity::Actor;
use web::Problem;

use crate::{StoreItemId, StoreLotId, StorePlaceId};

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

/// Why the store did not take goods in or give them back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store's own refusal, in its own words.
    #[error("the store refuses it: {0:?}")]
    Refused(Box<Problem>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The store's answer, that comes later.
pub type Kept<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Goods that were bought and counted, for the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Whose.
    pub unit: UnitId,
    /// What makes it this lot and no other.
    pub key: String,
    /// What it is, in the store's catalogue.
    pub item: StoreItemId,
    /// Where it is put.
    pub place: StorePlaceId,
    /// The unit it is counted in; the item must know it.
    pub unit_word: String,
    /// How many were counted.
    pub quantity: i64,
    /// Units that travel together.
    pub per_box: i64,
    /// Its specification.
    pub spec: String,
    /// Its batch.
    pub batch: String,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// Whether a certificate of quality came with it.
    pub has_certificate: bool,
    /// What it cost together.
    pub value: Fen,
    /// The number of the purchase as it stands on papers.
    pub evidence: String,
}

/// A lot that the store made of it, and its receipt note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// The lot.
    pub id: StoreLotId,
    /// The number of its receipt note.
    pub paper: String,
}

/// Who keeps the store. Both work in the transaction of the caller, who commits: a purchase and its lot are written
/// together or not at all.
pub trait Store: Send + Sync {
    /// Takes bought goods in as a lot.
    fn take_in<'a>(&'a self, tx: &'a mut Tx, by: &'a Actor, goods: &'a Delivered) -> Kept<'a, Lot>;
    /// Takes so many pieces of a lot out again, from where they were put.
    fn take_out<'a>(
        &'a self,
        tx: &'a mut Tx,
        by: &'a Actor,
        lot: (StoreLotId, StorePlaceId, i64),
        reason: &'a str,
    ) -> Kept<'a, ()>;
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
    /// Who keeps the store.
    pub store: Arc<dyn Store>,
    /// Who reads sheets.
    pub sheets: Arc<dyn Sheets>,
}
