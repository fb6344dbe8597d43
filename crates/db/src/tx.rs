//! Transactions that write, snapshots that read.

use std::future::Future;
use std::sync::Arc;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{Backend, Db, DbError, Row};

/// Reading, from a snapshot or inside a transaction.
pub trait Reads: Send {
    /// All rows of a query with a named limit of its own.
    fn query(&mut self, sql: &str, params: Vec<Value>) -> impl Future<Output = Result<Vec<Row>, DbError>> + Send;
    /// The first row, if any.
    fn query_one(&mut self, sql: &str, params: Vec<Value>)
    -> impl Future<Output = Result<Option<Row>, DbError>> + Send;
    /// Which database this is, for the few statements that differ.
    fn backend(&self) -> Backend;
}

/// One writing transaction. Dropped without [`Tx::commit`] it is rolled back. After a failed statement it is dead:
/// every later call fails, so that nothing is committed by half.
pub struct Tx {
    inner: DatabaseTransaction,
    backend: Backend,
    dead: bool,
    /// SQLite has one writer; held until the transaction ends.
    _permit: Option<OwnedMutexGuard<()>>,
}

/// A consistent view for reading: what was committed when it was opened, however long it is used.
pub struct Snapshot {
    inner: DatabaseTransaction,
    backend: Backend,
}

/// Rewrites `?12` into `$12` for PostgreSQL. Question marks inside quotes do not occur in our SQL.
fn placeholders(backend: Backend, sql: &str) -> String {
    match backend {
        Backend::Sqlite => sql.to_owned(),
        Backend::Postgres => sql.replace('?', "$"),
    }
}

/// The `VALUES` of a wide insert: `(…), (…)` for rows of `columns` values, bound row after row.
///
/// On SQLite the marks carry no numbers: sqlx asks for the name of every numbered one, and SQLite finds it by a walk
/// over all of them. Of a server under load that walk alone took 21 % of the processor (docs/adr/0002).
pub fn wide_values(backend: Backend, rows: usize, columns: usize) -> String {
    let mark = |n: usize| match backend {
        Backend::Sqlite => "?".to_owned(),
        Backend::Postgres => format!("?{n}"),
    };
    let row = |r: usize| {
        format!(
            "({})",
            (1..=columns)
                .map(|c| mark(r * columns + c))
                .collect::<Vec<_>>()
                .join(", ")
        )
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// The marks of a long list (`IN (…)`), bound after `before` other values. Like those of [`wide_values`] they carry no
/// numbers on SQLite. There numbered and other marks do not mix: what stands in front of the list is marked by
/// [`list_mark`], and all values are bound in the order in which the statement names them.
pub fn list_marks(backend: Backend, before: usize, count: usize) -> String {
    match backend {
        Backend::Sqlite => vec!["?"; count].join(", "),
        Backend::Postgres => {
            let marks: Vec<String> = (1..=count).map(|n| format!("?{}", before + n)).collect();
            marks.join(", ")
        }
    }
}

/// The mark of the `n`th value of a statement that holds a long list.
pub fn list_mark(backend: Backend, n: usize) -> String {
    match backend {
        Backend::Sqlite => "?".to_owned(),
        Backend::Postgres => format!("?{n}"),
    }
}

fn statement(backend: Backend, sql: &str, params: Vec<Value>) -> Statement {
    let kind = match backend {
        Backend::Sqlite => DbBackend::Sqlite,
        Backend::Postgres => DbBackend::Postgres,
    };
    Statement::from_sql_and_values(kind, placeholders(backend, sql), params)
}

impl Db {
    /// Begins a writing transaction; on SQLite waits for the write permit, in order of asking.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection can be had.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        self.begin_on(self.writing()).await
    }

    /// Begins a writing transaction for rows that can be worked out again: on SQLite its commit is seen at once and
    /// becomes durable with the next commit of another, or with [`Db::make_durable`]. After a power cut the database is
    /// whole, and ends before it or behind it. Nobody may be promised what it wrote.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn begin_quietly(&self) -> Result<Tx, DbError> {
        self.begin_on(self.writing_quietly()).await
    }

    async fn begin_on(&self, connections: &DatabaseConnection) -> Result<Tx, DbError> {
        let permit = match self.backend() {
            Backend::Sqlite => Some(Arc::clone(self.write_permit()).lock_owned().await),
            Backend::Postgres => None,
        };
        let options = TransactionOptions {
            isolation_level: None,
            access_mode: None,
            sqlite_transaction_mode: match self.backend() {
                Backend::Sqlite => Some(SqliteTransactionMode::Immediate),
                Backend::Postgres => None,
            },
        };
        let inner = connections.begin_with_options(options).await?;
        Ok(Tx {
            inner,
            backend: self.backend(),
            dead: false,
            _permit: permit,
        })
    }

    /// Opens a consistent view for reading, from the read pool.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection can be had.
    pub async fn snapshot(&self) -> Result<Snapshot, DbError> {
        let inner = match self.backend() {
            Backend::Sqlite => self.reading().begin().await?,
            Backend::Postgres => {
                self.reading()
                    .begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly))
                    .await?
            }
        };
        Ok(Snapshot {
            inner,
            backend: self.backend(),
        })
    }

    /// The mutex that serialises SQLite's writers.
    pub(crate) fn write_permit(&self) -> &Arc<Mutex<()>> {
        self.permit()
    }
}

impl Tx {
    /// Runs a statement that changes rows; returns how many.
    ///
    /// # Errors
    /// Any [`DbError`]; the transaction is dead afterwards.
    pub async fn execute(&mut self, sql: &str, params: Vec<Value>) -> Result<u64, DbError> {
        self.alive()?;
        let outcome = self.inner.execute_raw(statement(self.backend, sql, params)).await;
        outcome.map(|r| r.rows_affected()).map_err(|e| self.died(e))
    }

    /// Runs statements without parameters, several at once: migrations only.
    ///
    /// # Errors
    /// Any [`DbError`]; the transaction is dead afterwards.
    pub async fn execute_script(&mut self, sql: &str) -> Result<(), DbError> {
        self.alive()?;
        let outcome = self.inner.execute_unprepared(sql).await;
        outcome.map(drop).map_err(|e| self.died(e))
    }

    /// Makes everything durable and visible.
    ///
    /// # Errors
    /// Any [`DbError`]. After [`DbError::Unavailable`] it is unknown whether the commit took place: look by key.
    pub async fn commit(self) -> Result<(), DbError> {
        self.alive()?;
        self.inner.commit().await.map_err(Into::into)
    }

    /// Gives everything back at once (dropping does the same, later).
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn rollback(self) -> Result<(), DbError> {
        self.inner.rollback().await.map_err(Into::into)
    }

    fn alive(&self) -> Result<(), DbError> {
        if self.dead {
            Err(DbError::Other("a statement of this transaction failed before".into()))
        } else {
            Ok(())
        }
    }
    fn died(&mut self, error: sea_orm::DbErr) -> DbError {
        self.dead = true;
        error.into()
    }
}

impl Reads for Tx {
    async fn query(&mut self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        self.alive()?;
        let outcome = self.inner.query_all_raw(statement(self.backend, sql, params)).await;
        outcome
            .map(|rows| rows.into_iter().map(Row).collect())
            .map_err(|e| self.died(e))
    }
    async fn query_one(&mut self, sql: &str, params: Vec<Value>) -> Result<Option<Row>, DbError> {
        self.alive()?;
        let outcome = self.inner.query_one_raw(statement(self.backend, sql, params)).await;
        outcome.map(|row| row.map(Row)).map_err(|e| self.died(e))
    }
    fn backend(&self) -> Backend {
        self.backend
    }
}

impl Reads for Snapshot {
    async fn query(&mut self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let rows = self.inner.query_all_raw(statement(self.backend, sql, params)).await?;
        Ok(rows.into_iter().map(Row).collect())
    }
    async fn query_one(&mut self, sql: &str, params: Vec<Value>) -> Result<Option<Row>, DbError> {
        Ok(self
            .inner
            .query_one_raw(statement(self.backend, sql, params))
            .await?
            .map(Row))
    }
    fn backend(&self) -> Backend {
        self.backend
    }
}
