//! The wide path of the intake writer: many rows per statement, over the bare drivers.
//!
//! A prepared statement per row through `rusqlite` on SQLite (each call stays on the calling thread), one `UNNEST`
//! statement per table on PostgreSQL. docs/adr/0002 shows what this gains over the ordinary [`crate::Tx`]. The
//! writer runs on a thread of its own, because on SQLite the calls block.

mod checkpoint;
mod postgres;
mod sqlite;

pub use checkpoint::Checkpointer;

use std::sync::Arc;

use kernel::id::Id;
use kernel::{BusinessDay, Fen, Instant};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{Backend, Db, DbError, DbUrl};

/// One value of a wide statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number, an amount, a moment or a day.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes of any length.
    Bytes(Vec<u8>),
    /// The 16 bytes of an identifier.
    Id([u8; 16]),
}

impl Cell {
    /// An identifier.
    pub fn id(id: impl Id) -> Self {
        Self::Id(id.bytes())
    }
    /// The number, or zero when this is none: for values read back with [`Kind::Int`].
    pub const fn int(&self) -> i64 {
        match self {
            Self::Int(n) => *n,
            _ => 0,
        }
    }
    /// The bytes, or none.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(b) => b,
            Self::Id(b) => b,
            _ => &[],
        }
    }
}
impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
impl From<Fen> for Cell {
    fn from(fen: Fen) -> Self {
        Self::Int(fen.get())
    }
}
impl From<Instant> for Cell {
    fn from(at: Instant) -> Self {
        Self::Int(at.micros())
    }
}
impl From<BusinessDay> for Cell {
    fn from(day: BusinessDay) -> Self {
        Self::Int(day.to_number())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The type of a column in a wide statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 64-bit number.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// The shape of a wide insert, fixed at compile time.
#[derive(Debug)]
pub struct Shape {
    /// The table.
    pub table: &'static str,
    /// Its columns in the order of the cells.
    pub columns: &'static [(&'static str, Kind)],
    /// `""`, or an `ON CONFLICT …` clause that both databases read.
    pub conflict: &'static str,
}

/// Rows for one wide insert, cell after cell.
#[derive(Debug)]
pub struct Rows {
    pub(crate) shape: &'static Shape,
    pub(crate) cells: Vec<Cell>,
}

impl Rows {
    /// Room for this many rows.
    pub fn with_capacity(shape: &'static Shape, rows: usize) -> Self {
        Self {
            shape,
            cells: Vec::with_capacity(rows * shape.columns.len()),
        }
    }
    /// Adds a row; its cells stand in the order of the shape's columns.
    pub fn push<const N: usize>(&mut self, row: [Cell; N]) {
        debug_assert_eq!(N, self.shape.columns.len(), "row of {}", self.shape.table);
        self.cells.extend(row);
    }
    /// How many rows.
    pub fn len(&self) -> usize {
        self.cells.len() / self.shape.columns.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// A look-up of many keys at once.
#[derive(Debug)]
pub struct Lookup {
    /// The table.
    pub table: &'static str,
    /// The key's columns.
    pub keys: &'static [(&'static str, Kind)],
    /// The columns wanted.
    pub wanted: &'static [(&'static str, Kind)],
}

enum Driver {
    Sqlite(rusqlite::Connection),
    Postgres(sqlx::PgPool),
}

/// The connection of the one wide writer of this process.
pub struct BulkWriter {
    driver: Driver,
    permit: Arc<Mutex<()>>,
}

/// One wide transaction. Dropped without [`BulkTx::commit`] it is rolled back.
pub struct BulkTx<'w> {
    inner: Inner<'w>,
    _permit: Option<OwnedMutexGuard<()>>,
}

enum Inner<'w> {
    Sqlite(sqlite::Wide<'w>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl BulkWriter {
    /// Opens the writer's own connection beside the pools of `db`.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] and kin.
    pub async fn open(db: &Db) -> Result<Self, DbError> {
        let driver = match db.url() {
            DbUrl::Sqlite(path) => Driver::Sqlite(sqlite::open(path)?),
            DbUrl::Postgres(url) => Driver::Postgres(postgres::open(url).await?),
        };
        Ok(Self {
            driver,
            permit: Arc::clone(db.write_permit()),
        })
    }

    /// Begins a wide transaction; on SQLite waits for the write permit.
    ///
    /// # Errors
    /// [`DbError::Unavailable`], [`DbError::Contended`].
    pub async fn begin(&mut self) -> Result<BulkTx<'_>, DbError> {
        match &mut self.driver {
            Driver::Sqlite(connection) => {
                let permit = Arc::clone(&self.permit).lock_owned().await;
                Ok(BulkTx {
                    inner: Inner::Sqlite(sqlite::Wide::begin(connection)?),
                    _permit: Some(permit),
                })
            }
            Driver::Postgres(pool) => Ok(BulkTx {
                inner: Inner::Postgres(pool.begin().await?),
                _permit: None,
            }),
        }
    }

    /// Which of the two.
    pub fn backend(&self) -> Backend {
        match self.driver {
            Driver::Sqlite(_) => Backend::Sqlite,
            Driver::Postgres(_) => Backend::Postgres,
        }
    }
}

impl BulkTx<'_> {
    /// Inserts all rows (or what the shape's conflict clause makes of them).
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn insert(&mut self, rows: &Rows) -> Result<(), DbError> {
        if rows.is_empty() {
            return Ok(());
        }
        match &mut self.inner {
            Inner::Sqlite(wide) => wide.insert(rows, |_| ()),
            Inner::Postgres(tx) => postgres::insert(tx, rows).await,
        }
    }

    /// Inserts rows whose shape says `DO NOTHING` and tells for each whether it is new. The first column is an id.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn insert_new(&mut self, rows: &Rows) -> Result<Vec<bool>, DbError> {
        let mut new = Vec::with_capacity(rows.len());
        match &mut self.inner {
            Inner::Sqlite(wide) => wide.insert(rows, |changed| new.push(changed > 0))?,
            Inner::Postgres(tx) => new = postgres::insert_new(tx, rows).await?,
        }
        Ok(new)
    }

    /// Looks up many keys (row after row of `keys.len()` cells); the answer stands in their order.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn find(&mut self, what: &Lookup, keys: &[Cell]) -> Result<Vec<Option<Vec<Cell>>>, DbError> {
        match &mut self.inner {
            Inner::Sqlite(wide) => wide.find(what, keys),
            Inner::Postgres(tx) => postgres::find(tx, what, keys).await,
        }
    }

    /// Holds rows by their keys until this transaction ends, in the order in which they are named: two writers that
    /// name them in the same order wait for each other and never in a circle. Read them afterwards, with a statement
    /// of its own, so that what the one before has committed is seen. SQLite has one writer anyway.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn lock(&mut self, what: &Lookup, keys: &[Cell]) -> Result<(), DbError> {
        match &mut self.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(tx) => postgres::lock(tx, what, keys).await,
        }
    }

    /// Makes everything durable and visible.
    ///
    /// # Errors
    /// Any [`DbError`]; after [`DbError::Unavailable`] it is unknown whether the commit took place.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.inner {
            Inner::Sqlite(wide) => wide.commit(),
            Inner::Postgres(tx) => tx.commit().await.map_err(Into::into),
        }
    }
}
