//! Opening: which database, which pools, which settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Mutex;

use crate::DbError;

/// Readers of SQLite that may work at once; each holds a thread and a page cache.
const SQLITE_READERS: u32 = 8;
/// Connections to PostgreSQL for reading and for writing; a node of two cores is busy with fewer.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long to wait for a connection before telling the caller to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long SQLite waits for another process (backup tools, a shell) to let go.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file in the data folder.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DbUrl {
    /// The file of a SQLite database.
    Sqlite(PathBuf),
    /// `postgres://user:password@host/name`, kept whole; may hold a password, so it derives no `Debug`.
    Postgres(String),
}

impl DbUrl {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:PATH` or a plain path.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Self::Postgres(text.to_owned());
        }
        let path = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
            .unwrap_or(text);
        Self::Sqlite(PathBuf::from(path))
    }
    /// The word for reports: `sqlite` or `postgres`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    url: DbUrl,
    backend: Backend,
    write: DatabaseConnection,
    quiet: DatabaseConnection,
    read: DatabaseConnection,
    permit: Arc<Mutex<()>>,
}

impl Db {
    /// Opens the database, making an empty SQLite file where there is none. Migrations are a step of their own.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] and kin.
    pub async fn open(url: &DbUrl) -> Result<Self, DbError> {
        let (backend, write, quiet, read) = match url {
            DbUrl::Sqlite(path) => {
                let write = sqlite_pool(sqlite_options(path).create_if_missing(true), 1).await?;
                let read = sqlite_pool(sqlite_options(path).read_only(true), SQLITE_READERS).await?;
                let quiet = sqlite_options(path).synchronous(SqliteSynchronous::Normal);
                let quiet = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool_options(1).connect_lazy_with(quiet));
                (Backend::Sqlite, write, quiet, read)
            }
            DbUrl::Postgres(text) => {
                let options: PgConnectOptions = text.parse()?;
                let pool = PgPoolOptions::new()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                let both = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
                (Backend::Postgres, both.clone(), both.clone(), both)
            }
        };
        let inner = Inner {
            url: url.clone(),
            backend,
            write,
            quiet,
            read,
            permit: Arc::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which of the two this is.
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }
    /// Where it was opened.
    pub fn url(&self) -> &DbUrl {
        &self.inner.url
    }
    /// Makes durable what [`Db::begin_quietly`] committed before, for whoever tells it to another database or to the
    /// world. Blocks for a sync of the disk; on PostgreSQL there is nothing to do.
    ///
    /// # Errors
    /// [`DbError::Unavailable`]: the disk did not sync.
    pub fn make_durable(&self) -> Result<(), DbError> {
        let DbUrl::Sqlite(path) = self.url() else { return Ok(()) };
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        match std::fs::File::open(&log).and_then(|log| log.sync_data()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(DbError::Unavailable(format!("the write-ahead log: {error}")))
            }
            _ => Ok(()),
        }
    }
    /// Closes the pools, letting running statements end.
    pub async fn close(&self) {
        match self.backend() {
            Backend::Sqlite => {
                self.inner.read.get_sqlite_connection_pool().close().await;
                self.inner.quiet.get_sqlite_connection_pool().close().await;
                self.inner.write.get_sqlite_connection_pool().close().await;
            }
            Backend::Postgres => self.inner.write.get_postgres_connection_pool().close().await,
        }
    }
    pub(crate) fn writing(&self) -> &DatabaseConnection {
        &self.inner.write
    }
    pub(crate) fn writing_quietly(&self) -> &DatabaseConnection {
        &self.inner.quiet
    }
    pub(crate) fn reading(&self) -> &DatabaseConnection {
        &self.inner.read
    }
    pub(crate) fn permit(&self) -> &Arc<Mutex<()>> {
        &self.inner.permit
    }
}

/// The database of a server's own, in which a new one is made.
const MAINTENANCE: &str = "postgres";
/// `invalid_catalog_name`: there is no such database.
const NO_SUCH_DATABASE: &str = "3D000";

/// Makes the database of this address where the server has none; returns whether it did. A SQLite file is made when it
/// is opened.
///
/// # Errors
/// [`DbError`]: the server cannot be reached, or its user may not make databases.
pub async fn make_database(url: &DbUrl) -> Result<bool, DbError> {
    let DbUrl::Postgres(text) = url else { return Ok(false) };
    let options: PgConnectOptions = text.parse()?;
    match PgConnection::connect_with(&options).await {
        Ok(there) => {
            there.close().await?;
            return Ok(false);
        }
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NO_SUCH_DATABASE) => {}
        Err(error) => return Err(error.into()),
    }
    let name = options.get_database().unwrap_or_default().replace('"', "\"\"");
    let mut server = PgConnection::connect_with(&options.database(MAINTENANCE)).await?;
    let made = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\"")))
        .execute(&mut server)
        .await;
    server.close().await?;
    made?;
    Ok(true)
}

/// Rows that sqlx's thread reads ahead of the task that asked: with its own fifty the two wake each other eighty times for
/// a round of a reaction, on the cores that gifts wait for.
const ROWS_BUFFERED: usize = 1_000;

fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    // FULL: an acknowledged gift survives a power cut. The checkpoint is run beside the bulk writer, away from the
    // reply path, and by SQLite itself only when the log has grown past any pause of that keeper.
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", "200000")
        .pragma("cache_size", "-16000")
        .statement_cache_capacity(256)
        .row_buffer_size(ROWS_BUFFERED)
}

/// A connection that SQLite itself has rolled back, as it does when the disk is full, still counts as inside a transaction: the
/// roll-back that follows fails. What would begin on it next were a savepoint, whose own roll-back keeps the write lock, or an
/// old view, for good. Such a one is closed instead of lent.
fn pool_options(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .before_acquire(|connection, _| Box::pin(std::future::ready(Ok(!connection.is_in_transaction()))))
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn sqlite_pool(options: SqliteConnectOptions, connections: u32) -> Result<DatabaseConnection, DbError> {
    let pool = pool_options(connections).connect_with(options).await?;
    // All of them now: a connection has a thread, as urgent as the one that opened it, and one that the public log's
    // threads of little urgency opened later would be lent to requests, which then stand where the machine is busy.
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(pool.acquire().await?);
    }
    drop(opened);
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}
