//! SQLite through rusqlite: one prepared statement, stepped once per row, on the calling thread.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

use super::{Cell, Kind, Lookup, Rows};
use crate::DbError;

/// Statements kept prepared; the intake uses about a dozen.
const STATEMENTS: usize = 64;

/// Opens the writer's connection. The checkpoint is not its business: see [`super::Checkpointer`].
pub(super) fn open(path: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// An open transaction.
pub(super) struct Wide<'w> {
    connection: &'w Connection,
    open: bool,
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Id(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl<'w> Wide<'w> {
    pub(super) fn begin(connection: &'w Connection) -> Result<Self, DbError> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Self { connection, open: true })
    }

    pub(super) fn insert(&mut self, rows: &Rows, mut told: impl FnMut(usize)) -> Result<(), DbError> {
        let shape = rows.shape;
        let names: Vec<&str> = shape.columns.iter().map(|(name, _)| *name).collect();
        let marks: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({}) {}",
            shape.table,
            names.join(", "),
            marks.join(", "),
            shape.conflict
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        for row in rows.cells.chunks_exact(names.len()) {
            for (at, cell) in row.iter().enumerate() {
                statement.raw_bind_parameter(at + 1, cell)?;
            }
            told(statement.raw_execute()?);
        }
        Ok(())
    }

    pub(super) fn find(&mut self, what: &Lookup, keys: &[Cell]) -> Result<Vec<Option<Vec<Cell>>>, DbError> {
        let wanted: Vec<&str> = what.wanted.iter().map(|(name, _)| *name).collect();
        let wheres: Vec<String> = what
            .keys
            .iter()
            .enumerate()
            .map(|(at, (name, _))| format!("{name} = ?{}", at + 1))
            .collect();
        let sql = format!(
            "SELECT {} FROM {} WHERE {}",
            wanted.join(", "),
            what.table,
            wheres.join(" AND ")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = Vec::with_capacity(keys.len() / what.keys.len());
        for key in keys.chunks_exact(what.keys.len()) {
            for (at, cell) in key.iter().enumerate() {
                statement.raw_bind_parameter(at + 1, cell)?;
            }
            let mut rows = statement.raw_query();
            let row = match rows.next()? {
                Some(row) => Some(read(row, what.wanted)?),
                None => None,
            };
            found.push(row);
        }
        Ok(found)
    }

    pub(super) fn commit(mut self) -> Result<(), DbError> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Wide<'_> {
    fn drop(&mut self) {
        if self.open && !self.connection.is_autocommit() {
            // A failed roll-back leaves the connection inside the transaction; the next BEGIN then fails loudly.
            if let Err(error) = self.connection.execute_batch("ROLLBACK") {
                tracing::error!(%error, "a wide transaction could not be rolled back");
            }
        }
    }
}

fn read(row: &rusqlite::Row<'_>, wanted: &[(&str, Kind)]) -> Result<Vec<Cell>, DbError> {
    let cell = |at: usize| -> Result<Cell, DbError> {
        Ok(match row.get_ref(at)? {
            ValueRef::Null | ValueRef::Real(_) => Cell::Null,
            ValueRef::Integer(n) => Cell::Int(n),
            ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        })
    };
    (0..wanted.len()).map(cell).collect()
}
