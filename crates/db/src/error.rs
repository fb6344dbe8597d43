//! What can go wrong with a database, told by meaning.

/// A database error. The text is for the operator's log, never for a user.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The server or file cannot be reached, or no connection came free in time. Nothing was changed.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The disk, or a quota, is full. The transaction was rolled back.
    #[error("the disk of the database is full: {0}")]
    Full(String),
    /// A unique key is taken.
    #[error("a row with this key exists: {0}")]
    Duplicate(String),
    /// Another transaction was in the way (deadlock, serialisation, lock timeout); trying again may help.
    #[error("another transaction was in the way: {0}")]
    Contended(String),
    /// A stored value is not what the code expects.
    #[error("column {column} cannot be read: {why}")]
    Row {
        /// The column asked for.
        column: String,
        /// What was wrong.
        why: String,
    },
    /// An applied migration differs from the program's, or the database is newer than the program.
    #[error("the schema does not fit this program: {0}")]
    Schema(String),
    /// Anything else: a bug or a broken server.
    #[error("database: {0}")]
    Other(String),
}

impl DbError {
    /// Whether the same work may succeed when tried again.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended(_) | Self::Full(_))
    }

    fn by_code(code: &str, text: String) -> Self {
        match code {
            // PostgreSQL SQLSTATE; SQLite primary and extended result codes as decimal.
            "23505" | "1555" | "2067" => Self::Duplicate(text),
            "53100" | "13" => Self::Full(text),
            "40001" | "40P01" | "55P03" | "5" | "6" | "261" | "517" => Self::Contended(text),
            "57P01" | "57P02" | "57P03" | "53300" | "14" => Self::Unavailable(text),
            _ if code.starts_with("08") => Self::Unavailable(text),
            _ => Self::Other(text),
        }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        match &error {
            sqlx::Error::Database(inner) => {
                let code = inner.code().map(|c| c.into_owned()).unwrap_or_default();
                Self::by_code(&code, text)
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(text),
            _ => Self::Other(text),
        }
    }
}

impl From<sea_orm::DbErr> for DbError {
    fn from(error: sea_orm::DbErr) -> Self {
        use sea_orm::{DbErr, RuntimeErr};
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => match std::sync::Arc::try_unwrap(inner) {
                Ok(inner) => inner.into(),
                Err(shared) => Self::Other(shared.to_string()),
            },
            DbErr::ConnectionAcquire(why) => Self::Unavailable(why.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error.sqlite_error() {
            Some(inner) if inner.code == rusqlite::ErrorCode::DiskFull => Self::Full(text),
            Some(inner) => match Self::by_code(&inner.extended_code.to_string(), text.clone()) {
                Self::Other(_) => Self::by_code(&(inner.extended_code & 0xff).to_string(), text),
                told => told,
            },
            None => Self::Other(text),
        }
    }
}
